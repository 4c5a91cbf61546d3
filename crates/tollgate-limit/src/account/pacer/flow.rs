//! A pace that was measured between two rejections.

use crate::account::{level::shy, time::Seconds};

/// After this long without a rejection, half the rate more is tried; slower paces take longer.
const GROW: Seconds = 45.0;

/// A pace of fewer calls is less sure, and grows sooner.
const SURE: f64 = 30.0;

/// A pace that met no rejection for this long is none.
const FORGET: Seconds = 90.0;

/// Calls go one interval apart, and ever a little faster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// Calls a second.
    pub(super) rate: f64,
    since: Seconds,
    /// How long it takes to grow by half.
    grow: Seconds,
    level: f64,
    at: Seconds,
}

impl Flow {
    /// A pace of so many calls, of which the more is known the more there were.
    pub(super) fn new(rate: f64, calls: f64, room: f64, now: Seconds) -> Self {
        let sure = (calls / SURE).min(1.0);
        Self {
            rate,
            since: now,
            grow: sure * GROW.max(60.0 / rate),
            level: room.max(1.0),
            at: now,
        }
    }

    pub(super) fn is_over(&self, now: Seconds) -> bool {
        now - self.since > FORGET
    }

    fn pace(&self, now: Seconds) -> f64 {
        let grown = (now - self.since) / self.grow;
        shy(self.rate) + self.rate * grown.powi(3)
    }

    /// Takes a call, or says when the next may go.
    pub(super) fn take(&mut self, now: Seconds) -> Result<(), Seconds> {
        let pace = self.pace(now);
        let level = self.level + pace * (now - self.at).max(0.0);
        self.level = level.min(self.rate.max(1.0));
        self.at = now;
        if self.level >= 1.0 - 1e-6 {
            self.level -= 1.0;
            return Ok(());
        }
        Err(now + ((1.0 - self.level) / pace).clamp(0.001, 5.0))
    }

    /// A call went by other means.
    pub(super) fn spend(&mut self, now: Seconds) {
        if self.take(now).is_err() {
            self.level = (self.level - 1.0).max(0.0);
        }
    }

    /// How long the last of `n` calls waits.
    pub(super) fn wait(&self, n: f64, now: Seconds) -> Seconds {
        ((n - self.level) / self.pace(now) - (now - self.at)).max(0.0)
    }
}

#[cfg(test)]
mod tests;
