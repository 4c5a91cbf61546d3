//! What others take out of a window, and what is left for them.
//!
//! A window can be emptied in a second, by whoever comes first. A client that always does so leaves
//! nothing to others who use the same key, and never learns that they are there. So a little is kept
//! back at first: if it goes, others took it, and the next window leaves them more.

use crate::time::{SECOND, Time};

/// The part of a window that is kept back at its start: a fiftieth. It is given out within the same
/// window, half of it in the first second.
const CANARY: u64 = 50;

/// When others took this part of what was kept back, a third, and all was used up, they may have
/// wanted more than they got:
const EATEN: u64 = 3;

/// then half of the next window is kept back, and given out evenly as it passes (scenario 4, fixed).
/// What they took anyway they are left in any case.
const FAIR: u64 = 2;

/// Fewer units than this tell nothing about shares.
const ENOUGH: u64 = 20;

/// The use of others in one window.
#[derive(Debug, Clone, Default)]
pub(crate) struct Others {
    start: Time,
    period: Time,
    limit: u64,
    /// What they are known to have taken.
    seen: u64,
    most: u64,
    /// What they are expected to take.
    expected: u64,
    /// It was used up.
    empty: bool,
    /// The first window.
    first: bool,
}

impl Others {
    /// A window of this length and size began.
    pub(crate) fn begin(&mut self, start: Time, period: Time, limit: u64) {
        let eaten = self.empty && self.most > 1 && self.most >= self.canary() / EATEN;
        let expected = self.most.max(if eaten { limit / FAIR } else { 0 });
        *self = Self {
            start,
            period,
            limit,
            expected,
            first: self.period == 0,
            ..Self::default()
        };
    }

    /// Begins the next window where the last one is over: for a sliding log, which has none.
    pub(crate) fn roll(&mut self, now: Time, period: Time, limit: u64) {
        if self.period == 0 || now >= self.start.saturating_add(self.period) {
            self.begin(now, period, limit);
        }
        (self.period, self.limit) = (period, limit);
    }

    /// So much remained when so much was one's own.
    pub(crate) fn count(&mut self, remaining: u64, own: u64) {
        self.seen = self.limit.saturating_sub(remaining.saturating_add(own));
        self.most = self.most.max(self.seen);
        self.empty |= remaining == 0;
        let all = own.saturating_add(self.seen);
        if self.first && self.seen > 2 && all >= ENOUGH {
            let share = self.limit as f64 * self.seen as f64 / all as f64;
            self.expected = self.expected.max(share as u64);
        }
    }

    /// What must be left for them at `now`.
    pub(crate) fn reserve(&self, now: Time) -> u64 {
        let passed = now.saturating_sub(self.start);
        let canary = self.canary() as f64 / (1.0 + passed as f64 / SECOND as f64);
        canary.max(self.expecting(now)) as u64
    }

    fn canary(&self) -> u64 {
        self.limit / CANARY
    }

    fn expecting(&self, now: Time) -> f64 {
        let left = self.period.saturating_sub(now.saturating_sub(self.start));
        let due = self.expected as f64 * left as f64 / self.period.max(1) as f64;
        due.min(self.expected.saturating_sub(self.seen) as f64)
    }

    /// The first time at which no more than this must be left.
    pub(crate) fn falls_to(&self, spare: u64, now: Time) -> Time {
        let seconds = self.canary() as f64 / (spare as f64 + 1.0) - 1.0;
        let canary = self.start.saturating_add((seconds.max(0.0) * SECOND as f64) as u64 + 1);
        if self.expecting(now) < spare as f64 + 1.0 {
            return canary.max(now + 1);
        }
        let part = 1.0 - (spare as f64 + 1.0) / self.expected.max(1) as f64;
        let due = (part.max(0.0) * self.period as f64) as u64 + 1;
        canary.max(self.start.saturating_add(due)).max(now + 1)
    }
}
