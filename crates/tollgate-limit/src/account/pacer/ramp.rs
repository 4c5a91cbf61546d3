//! The start of calls where nothing is known: some at once, a silence, then ever more.

use crate::account::time::Seconds;

/// So many calls go at once before the first silence.
pub(super) const FIRST: f64 = 6.0;

/// Lets ever more calls go, from a few at first.
#[derive(Debug, Default)]
pub(super) struct Ramp {
    /// When it was opened.
    pub(super) opened: Seconds,
    /// Since when it has been growing.
    pub(super) growing: Seconds,
    /// Calls that went since it was opened.
    pub(super) sent: f64,
    level: f64,
    at: Seconds,
    /// After so many calls it starts again with one: there it ended before, or a limit is configured.
    pub(super) barrier: Option<f64>,
    /// No call goes before this time.
    pub(super) hold: Seconds,
    /// The first calls go without a pace.
    first: bool,
    /// It started again at a barrier, and grows half as fast.
    pub(super) is_beyond: bool,
}

impl Ramp {
    /// Lets `n` calls go at once, then silence, then more, up to the barrier.
    pub(super) fn open(&mut self, now: Seconds, n: f64, barrier: Option<f64>) {
        *self = Self {
            opened: now,
            growing: now,
            level: n,
            at: now,
            barrier,
            first: true,
            ..Self::default()
        };
    }

    /// At a barrier: a silence, one call, another silence, and no barrier.
    pub(super) fn restart(&mut self, now: Seconds, quiet: Seconds) {
        let hold = now + quiet;
        *self = Self {
            opened: self.opened,
            growing: hold,
            sent: 1.0,
            level: 1.0,
            at: hold,
            barrier: None,
            hold,
            first: true,
            is_beyond: true,
        };
    }

    /// It has met its barrier.
    pub(super) fn is_at_barrier(&self) -> bool {
        self.barrier.is_some_and(|barrier| self.sent >= barrier)
    }

    /// Takes one of the first calls, or ends them with a silence. `None` where they are over.
    pub(super) fn first(&mut self, now: Seconds, quiet: Seconds) -> Option<Result<(), Seconds>> {
        if now < self.hold {
            return Some(Err(self.hold));
        }
        if !self.first {
            return None;
        }
        if self.level >= 1.0 {
            self.level -= 1.0;
            return Some(Ok(()));
        }
        self.first = false;
        self.hold = now + quiet;
        self.at = self.hold;
        Some(Err(self.hold))
    }

    /// Takes a call at this rate, or says when the next may go.
    pub(super) fn step(&mut self, now: Seconds, rate: f64) -> Result<(), Seconds> {
        let room = FIRST.max(rate * 0.002);
        self.level = (self.level + rate * (now - self.at).max(0.0)).min(room);
        self.at = now;
        if self.level >= 1.0 - 1e-6 {
            self.level -= 1.0;
            return Ok(());
        }
        Err(now + ((1.0 - self.level) / rate).max(0.001))
    }
}

#[cfg(test)]
mod tests;
