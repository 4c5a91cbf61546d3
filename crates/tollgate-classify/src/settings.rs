//! How much may be read of an answer, and how long that may take.

use std::{sync::Arc, time::Duration};

use tollgate_core::{SystemClock, WallClock};

use crate::{ConfigError, plan::What, scan::Scan};

/// What a builder sets besides the classifier and the observer.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) max_peek: usize,
    pub(crate) peek_time: Duration,
    pub(crate) max_first_event: usize,
    pub(crate) hold: Option<Duration>,
    pub(crate) clock: Arc<dyn WallClock>,
}

/// What to look for at the start of a body.
pub(crate) struct Look {
    pub(crate) scan: Scan,
    /// In how many bytes.
    pub(crate) cap: usize,
    /// For how long.
    pub(crate) time: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_peek: 16 << 10,
            peek_time: Duration::from_secs(2),
            max_first_event: 64 << 10,
            hold: Some(Duration::from_secs(10)),
            clock: Arc::new(SystemClock::default()),
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let zero = |field| ConfigError {
            field,
            reason: "must be more than zero",
        };
        if self.max_peek == 0 {
            return Err(zero("max_peek"));
        }
        if self.peek_time.is_zero() {
            return Err(zero("peek_time"));
        }
        if self.max_first_event == 0 {
            return Err(zero("max_first_event"));
        }
        if self.hold.is_some_and(|hold| hold.is_zero()) {
            return Err(ConfigError {
                field: "hold",
                reason: "must be more than zero; `None` switches it off",
            });
        }
        Ok(())
    }

    /// How to read this. `None` when it is not to be read.
    pub(crate) fn look(&self, what: What) -> Option<Look> {
        Some(match what {
            What::FirstEvent => Look {
                scan: Scan::events(),
                cap: self.max_first_event,
                time: self.hold?,
            },
            What::FirstFrame => Look {
                scan: Scan::frames(),
                cap: self.max_first_event,
                time: self.hold?,
            },
            What::FirstLine => Look {
                scan: Scan::lines(),
                cap: self.max_first_event,
                time: self.hold?,
            },
            What::Compressed => Look {
                scan: Scan::Whole,
                cap: self.max_peek,
                time: self.peek_time,
            },
            What::Shape => Look {
                scan: Scan::shape(),
                cap: self.max_peek,
                time: self.peek_time,
            },
            What::Words => Look {
                scan: Scan::Whole,
                cap: self.max_peek,
                time: self.peek_time,
            },
            What::Error | What::Json => Look {
                scan: Scan::json(),
                cap: self.max_peek,
                time: self.peek_time,
            },
        })
    }
}
