//! A wall clock that is set by hand.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tollgate_core::WallClock;

/// A wall clock that stands still until it is set.
///
/// # Sharing
///
/// Clones are the same clock.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tollgate_core::WallClock;
/// use tollgate_test::ManualClock;
///
/// let clock = ManualClock::at("2026-05-18T11:42:16Z");
/// clock.advance(Duration::from_secs(4));
/// assert_eq!(clock.since_epoch(), Duration::from_secs(1_779_104_540));
/// clock.set(SystemTime::UNIX_EPOCH);
/// assert_eq!(clock.since_epoch(), Duration::ZERO);
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<SystemTime>>);

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn new(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// A clock that shows this time, written as RFC 3339 in UTC: `2026-10-02T12:00:00Z`.
    ///
    /// # Panics
    ///
    /// If the text is no such time.
    #[must_use]
    pub fn at(time: &str) -> Self {
        Self::new(humantime::parse_rfc3339(time).expect("a time as RFC 3339 in UTC"))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, time: SystemTime) {
        *self.lock() = time;
    }

    /// Moves the time forwards.
    pub fn advance(&self, by: Duration) {
        *self.lock() += by;
    }

    fn lock(&self) -> MutexGuard<'_, SystemTime> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// A clock that shows the beginning of 1970.
    fn default() -> Self {
        Self::new(SystemTime::UNIX_EPOCH)
    }
}

impl WallClock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.lock()
    }
}
