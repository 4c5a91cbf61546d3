//! The error when time is up.

use std::{error::Error, fmt, io, time::Duration};

use tollgate_core::BoxError;

/// Which time limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// To the head of the answer.
    Attempt,
    /// To the first event of a stream.
    FirstEvent,
    /// Between two pieces of a body.
    Idle,
}

impl Limit {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::FirstEvent => "first_event",
            Self::Idle => "idle",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An attempt took too long. Arrives inside an [`io::Error`] of kind `TimedOut`, which everybody
/// knows as a time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut {
    limit: Limit,
    after: Duration,
}

impl TimedOut {
    pub(super) fn error(limit: Limit, after: Duration) -> BoxError {
        io::Error::new(io::ErrorKind::TimedOut, Self { limit, after }).into()
    }

    /// The first of its kind in a chain of errors.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            // An I/O error gives as its source that of what it holds, not what it holds.
            let inside = error.downcast_ref().and_then(io::Error::get_ref);
            next = match inside {
                Some(inside) => Some(inside),
                None => error.source(),
            };
        }
        None
    }

    /// Which time limit was met.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// How long that limit was.
    #[must_use]
    pub const fn after(&self) -> Duration {
        self.after
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.limit {
            Limit::Attempt => "no answer",
            Limit::FirstEvent => "no first event",
            Limit::Idle => "no further piece of the body",
        };
        write!(f, "{what} within {:?}", self.after)
    }
}

impl Error for TimedOut {}
