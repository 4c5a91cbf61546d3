//! The wall clock, in the one place where it may be read.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

/// Tells the time of day, for the few places where a provider names one (a reset at midnight, an
/// HTTP date). Everything else runs on tokio's clock.
///
/// `tollgate-test` has one that is set by hand.
pub trait WallClock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;

    /// Time since 1970-01-01T00:00:00Z; zero before it.
    fn since_epoch(&self) -> Duration {
        self.now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl WallClock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads it"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<C: WallClock + ?Sized> WallClock for std::sync::Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
