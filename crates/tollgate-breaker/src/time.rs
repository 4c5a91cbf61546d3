//! Time as the state machine counts it: nanoseconds since the layer was made.

use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since the layer was made, or a length of time in nanoseconds; 584 years fit.
pub(crate) type Nanos = u64;

pub(crate) const SECOND: Nanos = 1_000_000_000;

/// The longest time that is ever waited: 24 hours.
pub(crate) const DAY: Nanos = 86_400 * SECOND;

/// A length of time; what does not fit is the longest that does.
pub(crate) fn nanos(time: Duration) -> Nanos {
    Nanos::try_from(time.as_nanos()).unwrap_or(Nanos::MAX)
}

/// Reads tokio's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            epoch: Instant::now(),
        }
    }

    #[inline]
    pub(crate) fn now(self) -> Nanos {
        let age = Instant::now().saturating_duration_since(self.epoch);
        // Fits for 584 years.
        age.as_secs() * SECOND + u64::from(age.subsec_nanos())
    }

    /// An instant as the state machine counts it.
    pub(crate) fn nanos(self, at: Instant) -> Nanos {
        nanos(at.saturating_duration_since(self.epoch))
    }

    /// The instant at which this much time has passed.
    pub(crate) fn instant(self, at: Nanos) -> Instant {
        // No time that is asked for is further off than a day from now.
        self.epoch + Duration::from_nanos(at)
    }
}
