//! Calls at the same time.

use std::time::Duration;

use tokio::time::Instant;

use super::{Count, Wait};

/// Counts calls that are running.
#[derive(Debug)]
pub(super) struct Concurrency {
    limit: u64,
    running: u64,
}

impl Concurrency {
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, running: 0 }
    }
}

impl Count for Concurrency {
    fn wait(&mut self, cost: u64, _: Instant) -> Wait {
        if self.running.saturating_add(cost) <= self.limit {
            Wait::Now
        } else {
            Wait::Unknown
        }
    }

    fn take(&mut self, cost: u64, _: u64, _: Instant) {
        self.running = self.running.saturating_add(cost);
    }

    /// Nobody's calls run before the first.
    fn begin(&mut self, _: u64, _: Instant) {}

    /// A call is one call, whatever it costs.
    fn refund(&mut self, _: u64, _: u64, _: Instant, _: Instant) {}

    fn level(&mut self, _: Instant) -> (u64, Duration) {
        (self.running, Duration::ZERO)
    }

    fn release(&mut self) {
        self.running = self.running.saturating_sub(1);
    }
}
