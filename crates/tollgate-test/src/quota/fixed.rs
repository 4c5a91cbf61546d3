//! A fixed window.

use std::time::Duration;

use tokio::time::Instant;

use super::{Count, Wait, nanos};

/// Counts what was used in the window that is running, and forgets it at its end.
#[derive(Debug)]
pub(super) struct Fixed {
    limit: u64,
    window: Duration,
    phase: Duration,
    start: Instant,
    index: u128,
    used: u64,
}

impl Fixed {
    pub(super) fn new(limit: u64, window: Duration, phase: Duration, start: Instant) -> Self {
        let mut fixed = Self {
            limit,
            window,
            phase,
            start,
            index: 0,
            used: 0,
        };
        fixed.index = fixed.index_at(start);
        fixed
    }

    fn age(&self, now: Instant) -> u128 {
        (now.saturating_duration_since(self.start) + self.phase).as_nanos()
    }

    fn index_at(&self, now: Instant) -> u128 {
        self.age(now) / self.window.as_nanos()
    }

    fn roll(&mut self, now: Instant) {
        let index = self.index_at(now);
        if index > self.index {
            self.index = index;
            self.used = 0;
        }
    }

    fn until_end(&self, now: Instant) -> Duration {
        let end = (self.index + 1) * self.window.as_nanos();
        nanos(end.saturating_sub(self.age(now)))
    }
}

impl Count for Fixed {
    fn wait(&mut self, cost: u64, now: Instant) -> Wait {
        self.roll(now);
        if cost > self.limit {
            Wait::Never
        } else if self.used.saturating_add(cost) <= self.limit {
            Wait::Now
        } else {
            Wait::For(self.until_end(now))
        }
    }

    fn take(&mut self, cost: u64, _: u64, now: Instant) {
        self.roll(now);
        self.used = self.used.saturating_add(cost);
    }

    fn refund(&mut self, cost: u64, _: u64, then: Instant, now: Instant) {
        self.roll(now);
        // What an earlier window counted is forgotten with it.
        if self.index_at(then) == self.index {
            self.used = self.used.saturating_sub(cost);
        }
    }

    fn level(&mut self, now: Instant) -> (u64, Duration) {
        self.roll(now);
        (self.used, self.until_end(now))
    }
}
