//! What others take out of a window, and what is left for them.
//!
//! A window can be emptied in a second, by whoever comes first. A client that always does so leaves
//! nothing to others who use the same key, and never learns that they are there. So a little is kept
//! back at first: if it goes, others took it, and the next window leaves them more.

use crate::{
    meter::Room,
    time::{SECOND, Time},
};

/// The part of a window that is kept back at its start: a twenty-fifth. It is given out within the same
/// window, half of it in the first second (scenario 4, sliding).
const CANARY: u64 = 25;

/// When others took this part of what was kept back, a sixth, and all was used up, they may have
/// wanted more than they got (scenario 4, fixed):
const EATEN: u64 = 6;

/// then half of the next window is kept back, and given out evenly as it passes (scenario 4, fixed).
/// What they took anyway they are left in any case.
const FAIR: u64 = 2;

/// What is known of a sliding log that others use is old after this time (scenario 4, sliding).
const STALE: Time = SECOND;

/// When others took this part of what was expected of them, the expectation was right,
const REACHED: f64 = 0.8;

/// and when it falls by so many standard deviations, they are gone (scenario 4, sliding).
const GONE: f64 = 5.0;

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
    /// They took about what was expected.
    reached: bool,
    /// When the last call went, and when the last answer came.
    asked: Time,
    heard: Time,
}

impl Others {
    /// A window of this length and size began.
    pub(crate) fn begin(&mut self, start: Time, period: Time, limit: u64) {
        let eaten = self.empty && self.most > 1 && self.most >= self.canary() / EATEN;
        let expected = self.most.max(if eaten { limit / FAIR } else { 0 });
        // A window in which nothing was heard changes nothing.
        let expected = if self.heard < self.start {
            self.expected
        } else {
            expected
        };
        *self = Self {
            start,
            period,
            limit,
            expected,
            first: self.period == 0,
            reached: self.reached && expected <= self.expected,
            asked: self.asked,
            heard: self.heard,
            ..Self::default()
        };
    }

    /// The window that is known to have begun at `start` and to end at `end`.
    pub(crate) fn begin_if_new(&mut self, start: Time, end: Time, limit: u64) {
        if start != self.start {
            self.begin(start, end.saturating_sub(start), limit);
        }
    }

    /// So much remained at `at` of a window that begins afresh, when so much was one's own. Use only
    /// grows there: the largest figure is the newest, whatever the order.
    pub(crate) fn count_window(&mut self, remaining: u64, own: u64, at: Time, now: Time) {
        let before = self.seen;
        self.see(remaining, own, now);
        self.seen = self.seen.max(before);
        let passed = at.saturating_sub(self.start) as f64 / self.period.max(1) as f64;
        self.doubt(passed.min(1.0));
    }

    /// Begins the next window where the last one is over: for a sliding log, which has none.
    pub(crate) fn roll(&mut self, now: Time, period: Time, limit: u64) {
        if self.period == 0 || now >= self.start.saturating_add(self.period) {
            self.begin(now, period, limit);
        }
        (self.period, self.limit) = (period, limit);
    }

    /// So much remained of a sliding log when so much was one's own.
    pub(crate) fn count(&mut self, remaining: u64, own: u64, now: Time) {
        self.see(remaining, own, now);
        self.doubt(1.0);
    }

    fn see(&mut self, remaining: u64, own: u64, now: Time) {
        self.heard = now;
        self.seen = self.limit.saturating_sub(remaining.saturating_add(own));
        self.most = self.most.max(self.seen);
        self.empty |= remaining == 0;
        let expected = self.expected as f64;
        self.reached |= self.expected > 0 && self.seen as f64 >= REACHED * expected;
        if self.first && self.seen > 2 {
            let all = own.saturating_add(self.seen);
            let share = self.limit as f64 * self.seen as f64 / all as f64;
            self.expected = self.expected.max(share as u64);
        }
    }

    /// Others who took what was expected, and now less: they are gone, or fewer. `part` of the time has
    /// passed.
    fn doubt(&mut self, part: f64) {
        let due = self.expected as f64 * part;
        if self.reached && (self.seen as f64) < due - GONE * due.sqrt() {
            self.expected = (self.seen as f64 / part) as u64;
        }
    }

    /// Others are expected to take something.
    pub(crate) const fn are_known(&self) -> bool {
        self.expected > 0
    }

    /// A call goes.
    pub(crate) fn ask(&mut self, now: Time) {
        self.asked = now;
    }

    /// Where others are at work, what is known gets old: one call asks before more go.
    pub(crate) fn ask_first(&self, now: Time) -> Room {
        let fresh = self.heard.saturating_add(STALE);
        let alone = self.expected == 0 && self.seen == 0;
        let again = self.asked.saturating_add(STALE);
        if alone || now <= fresh || now >= again {
            Room::Now
        } else {
            Room::At(again)
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
        let canary = self
            .start
            .saturating_add(((seconds.max(0.0) * SECOND as f64) as u64).saturating_add(1));
        if self.expecting(now) < spare as f64 + 1.0 {
            return canary.max(now + 1);
        }
        let part = 1.0 - (spare as f64 + 1.0) / self.expected.max(1) as f64;
        let due = ((part.max(0.0) * self.period as f64) as u64).saturating_add(1);
        canary.max(self.start.saturating_add(due)).max(now + 1)
    }
}
