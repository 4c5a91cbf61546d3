//! A limit of a calendar day: everything comes back at midnight somewhere.

use std::time::{Duration, SystemTime};

use super::time::{END, SECOND, Time, span};
use crate::zone::Zone;

/// What was taken since midnight in a time zone. Days are 23 to 25 hours long.
///
/// The clock that timers run on stands still while a machine sleeps, so midnight is found by the time
/// of day, which [`set`](Self::set) states anew.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    limit: u64,
    used: u64,
    zone: Zone,
    /// The time of day at zero of the account's time.
    zero: Duration,
    /// The next midnight.
    end: Time,
    /// The time of day at the last midnight, where one has passed, and what was taken before it.
    began: Duration,
    before: u64,
}

/// Two clocks that are read one after the other differ by less than this.
const JITTER: Duration = Duration::from_millis(10);

impl Day {
    pub(crate) fn new(limit: u64, zone: Zone, wall: SystemTime, now: Time) -> Self {
        let mut day = Self {
            limit,
            used: 0,
            zone,
            zero: Duration::ZERO,
            end: 0,
            began: Duration::ZERO,
            before: 0,
        };
        day.zero = Self::zero_of(wall, now);
        day.end = day.midnight(now);
        day
    }

    fn zero_of(wall: SystemTime, now: Time) -> Duration {
        let since = wall.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default();
        since.saturating_sub(Duration::from_nanos(now))
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    /// States the time of day at `now`. A machine may have slept, or a clock may have been set.
    pub(crate) fn set(&mut self, wall: SystemTime, now: Time) {
        let zero = Self::zero_of(wall, now);
        if zero.abs_diff(self.zero) < JITTER {
            self.advance(now);
            return;
        }
        let midnight = self.zero.saturating_add(Duration::from_nanos(self.end));
        self.zero = zero;
        let today = zero.saturating_add(Duration::from_nanos(now));
        if today >= midnight {
            self.begin(midnight);
        } else if today < self.began {
            // It is yesterday again, of which some was taken before.
            self.used = self.used.saturating_add(std::mem::take(&mut self.before));
            self.began = Duration::ZERO;
        }
        self.end = self.midnight(now);
    }

    pub(crate) fn advance(&mut self, now: Time) {
        if now >= self.end {
            self.begin(self.zero.saturating_add(Duration::from_nanos(self.end)));
            self.end = self.midnight(now);
        }
    }

    /// A day begins at this time of day.
    fn begin(&mut self, midnight: Duration) {
        self.began = midnight;
        self.before = std::mem::take(&mut self.used);
    }

    /// Takes `n` units, or says when they will be there.
    pub(crate) fn take(&mut self, n: u64, now: Time) -> Result<(), Time> {
        self.advance(now);
        if self.used.saturating_add(n.min(self.limit)) > self.limit {
            return Err(self.end);
        }
        self.owe(n);
        Ok(())
    }

    pub(crate) fn owe(&mut self, n: u64) {
        self.used = self.used.saturating_add(n);
    }

    /// Gives back `n` of what was taken `taken`, unless that was yesterday.
    pub(crate) fn give(&mut self, n: u64, taken: Time) {
        if self.midnight(taken) == self.end {
            self.used = self.used.saturating_sub(n);
        }
    }

    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        let late = n.saturating_sub(self.limit.saturating_sub(self.used));
        match late.div_ceil(self.limit.max(1)) {
            0 => now,
            days => self
                .end
                .saturating_add((86_400 * SECOND).saturating_mul(days - 1)),
        }
    }

    pub(crate) fn level(&self) -> f64 {
        self.limit as f64 - self.used as f64
    }

    pub(crate) fn set_level(&mut self, level: f64) {
        self.used = (self.limit as f64 - level.floor()).max(0.0) as u64;
    }

    pub(crate) const fn used(&self) -> u64 {
        self.used
    }

    pub(crate) const fn end(&self) -> Time {
        self.end
    }

    /// The first midnight after `now`.
    fn midnight(&self, now: Time) -> Time {
        let found = self.midnight_of(now);
        found.unwrap_or_else(|| now.saturating_add(86_400 * SECOND).min(END))
    }

    fn midnight_of(&self, now: Time) -> Option<Time> {
        let wall = self.zero.checked_add(Duration::from_nanos(now))?;
        let end = self.zone.midnight_after(wall.as_secs())?;
        let until = Duration::from_secs(end).checked_sub(self.zero)?;
        Some(span(until).max(now + 1))
    }
}

#[cfg(test)]
mod tests;
