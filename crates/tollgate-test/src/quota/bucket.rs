//! A token bucket.

use std::time::Duration;

use tokio::time::Instant;

use super::{Count, Wait, nanos};

/// Counts in units of one token × one nanosecond of the window, so that nothing is lost to rounding.
#[derive(Debug)]
pub(super) struct Bucket {
    burst: u64,
    per_window: i128,
    window: i128,
    /// Below zero after a call that turned out dearer than announced.
    level: i128,
    at: Instant,
}

impl Bucket {
    pub(super) fn new(per_window: u64, window: Duration, burst: u64, start: Instant) -> Self {
        let window = i128::try_from(window.as_nanos()).unwrap_or(i128::from(u64::MAX));
        Self {
            burst,
            per_window: per_window.into(),
            window,
            level: i128::from(burst).saturating_mul(window),
            at: start,
        }
    }

    fn full(&self) -> i128 {
        i128::from(self.burst).saturating_mul(self.window)
    }

    fn refill(&mut self, now: Instant) {
        let past = now.saturating_duration_since(self.at).as_nanos();
        let past = i128::try_from(past).unwrap_or(i128::MAX);
        let flown = past.saturating_mul(self.per_window);
        self.level = self.level.saturating_add(flown).min(self.full());
        self.at = self.at.max(now);
    }

    /// The time in which `missing` units flow in, rounded up.
    fn time(&self, missing: i128) -> Duration {
        let missing = missing.max(0).unsigned_abs();
        nanos(missing.div_ceil(self.per_window.unsigned_abs()))
    }
}

impl Count for Bucket {
    fn wait(&mut self, cost: u64, now: Instant) -> Wait {
        self.refill(now);
        let missing = i128::from(cost).saturating_mul(self.window) - self.level;
        if cost > self.burst {
            Wait::Never
        } else if missing <= 0 {
            Wait::Now
        } else {
            Wait::For(self.time(missing))
        }
    }

    fn take(&mut self, cost: u64, _: u64, now: Instant) {
        self.refill(now);
        let taken = i128::from(cost).saturating_mul(self.window);
        self.level = self.level.saturating_sub(taken);
    }

    fn refund(&mut self, cost: u64, _: u64, _: Instant, now: Instant) {
        self.refill(now);
        let given = i128::from(cost).saturating_mul(self.window);
        self.level = self.level.saturating_add(given).min(self.full());
    }

    fn level(&mut self, now: Instant) -> (u64, Duration) {
        self.refill(now);
        let missing = self.full() - self.level;
        // Rounded up, so that what remains is rounded down.
        let used = missing.unsigned_abs().div_ceil(self.window.unsigned_abs());
        let used = u64::try_from(used).unwrap_or(u64::MAX);
        (used, self.time(missing))
    }
}
