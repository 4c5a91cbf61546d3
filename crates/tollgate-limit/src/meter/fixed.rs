//! A fixed window: everything comes back at once, at its end.

use std::cmp::Ordering;

use super::Room;
use crate::{
    calendar::Day,
    learn::Range,
    time::{SECOND, Time},
};

/// What was taken within the current window.
#[derive(Debug, Clone)]
pub(crate) struct Fixed {
    pub(crate) limit: u64,
    pub(crate) length: Length,
    /// When the next window starts.
    pub(crate) end: Time,
    /// How long after the end calls may go again.
    slack: Time,
    used: u64,
    /// When the current window was known to have begun.
    pub(crate) start: Time,
}

/// How long windows are.
#[derive(Debug, Clone)]
pub(crate) enum Length {
    /// The same each time.
    Every(Time),
    /// A day of the calendar.
    Day(Day),
}

impl Length {
    pub(super) fn about(&self) -> Time {
        match self {
            Self::Every(period) => *period,
            Self::Day(_) => 86_400 * SECOND,
        }
    }

    /// The end of the window that contains `now`, when one window ended at `end`.
    fn next(&self, end: Time, now: Time) -> Time {
        match self {
            Self::Every(period) => {
                let period = (*period).max(1);
                let whole = now.saturating_sub(end) / period;
                end.saturating_add(period.saturating_mul(whole + 1))
            }
            Self::Day(day) => day.end(now.max(end)),
        }
    }
}

impl Fixed {
    pub(crate) fn new(limit: u64, length: Length, end: Time, slack: Time) -> Self {
        Self {
            limit,
            length,
            end,
            slack,
            used: 0,
            start: 0,
        }
    }

    /// When calls may go again.
    pub(crate) fn opens(&self) -> Time {
        self.end.saturating_add(self.slack)
    }

    /// Is this the end of an older window, of this one, or of a newer one?
    pub(crate) fn place(&self, end: Range) -> Ordering {
        let half = self.length.about() as f64 / 2.0;
        if end.high() < self.end as f64 - half {
            Ordering::Less
        } else if end.low() > self.end as f64 + half {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }

    /// A new window has begun that ends then.
    pub(crate) fn restart(&mut self, end: Time, now: Time) {
        self.used = 0;
        self.start = now;
        self.end = end;
    }

    pub(super) fn advance(&mut self, now: Time) {
        if now >= self.opens() {
            self.start = now;
            self.end = self.length.next(self.end, now.saturating_sub(self.slack));
            self.used = 0;
        }
    }

    pub(super) fn room(&self, n: u64, _now: Time) -> Room {
        if n > self.limit {
            return Room::Never(self.limit);
        }
        if self.used.saturating_add(n) <= self.limit {
            Room::Now
        } else {
            Room::At(self.opens())
        }
    }

    /// When `n` could have been taken in all, part after part, from `now` on.
    pub(super) fn forecast(&self, n: u64, now: Time) -> Time {
        let late = n.saturating_sub(self.limit.saturating_sub(self.used));
        let windows = late.div_ceil(self.limit.max(1));
        match windows {
            0 => now,
            _ => self
                .opens()
                .saturating_add(self.length.about().saturating_mul(windows - 1)),
        }
    }

    /// Nothing is missing.
    pub(super) fn is_full(&self) -> bool {
        self.used == 0
    }

    pub(super) fn take(&mut self, n: u64, _now: Time) {
        self.used = self.used.saturating_add(n);
    }

    pub(super) fn give(&mut self, n: u64, taken: Time) {
        if taken >= self.start {
            self.used = self.used.saturating_sub(n);
        }
    }

    pub(super) const fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn level(&self, _now: Time) -> f64 {
        self.limit as f64 - self.used as f64
    }

    pub(super) fn resets(&self, _now: Time) -> Option<Time> {
        Some(self.end)
    }

    pub(super) fn set_level(&mut self, level: f64, _now: Time) {
        let used = self.limit as f64 - level.floor();
        self.used = used.max(0.0) as u64;
    }
}
