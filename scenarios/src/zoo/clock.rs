//! The time of day in a world.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::WallClock;

/// The time of day when a world begins, since 1970.
const DAWN: Duration = Duration::from_secs(1_750_000_000);

/// The time of day when a world begins.
pub(super) fn dawn() -> SystemTime {
    SystemTime::UNIX_EPOCH + DAWN
}

/// A time of day that moves with tokio's clock, so that a run can be repeated.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayClock {
    start: Instant,
}

impl DayClock {
    /// A clock that shows [`dawn`] now.
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl WallClock for DayClock {
    fn now(&self) -> SystemTime {
        dawn() + self.start.elapsed()
    }
}
