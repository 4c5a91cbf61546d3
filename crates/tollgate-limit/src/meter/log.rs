//! A sliding log: every unit comes back one period after it was taken.

use std::collections::VecDeque;

use super::Room;
use crate::time::Time;

/// Into how many steps a period is cut: what is taken within one step comes back together, at the
/// end of it. Bounds the memory to this many entries; 1,024 steps of a minute are 59 ms each.
const STEPS: u64 = 1_024;

/// What was taken within the last period.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) limit: u64,
    pub(crate) period: Time,
    used: u64,
    back: VecDeque<Entry>,
    /// What others hold, as of the newest answer. They may take it again as it comes back, so that it
    /// counts as back only a period later.
    others: Entry,
    /// What came back lately.
    gone: VecDeque<Entry>,
    slack: Time,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// When the last of it was taken.
    taken: Time,
    n: u64,
}

impl Log {
    pub(crate) fn new(limit: u64, period: Time, slack: Time) -> Self {
        Self {
            limit,
            period: period.max(1),
            used: 0,
            back: VecDeque::new(),
            others: Entry { taken: 0, n: 0 },
            gone: VecDeque::new(),
            slack,
        }
    }

    /// How many entries are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.back.len() + self.gone.len()
    }

    fn leaves(&self, entry: &Entry) -> Time {
        let stay = self.period.saturating_add(self.slack);
        entry.taken.saturating_add(stay)
    }

    pub(super) fn advance(&mut self, now: Time) {
        while let Some(entry) = self.back.front() {
            if self.leaves(entry) > now {
                break;
            }
            self.used = self.used.saturating_sub(entry.n);
            self.gone.extend(self.back.pop_front());
        }
        if self.others.n > 0 && self.leaves(&self.others) <= now {
            self.used = self.used.saturating_sub(self.others.n);
            self.gone.push_back(self.others);
            self.others.n = 0;
        }
        let patience = now.saturating_sub(crate::ledger::PATIENCE);
        while let Some(entry) = self.gone.front() {
            if self.gone.len() as u64 <= STEPS && self.leaves(entry) >= patience {
                break;
            }
            self.gone.pop_front();
        }
    }

    /// What is not back yet, oldest first.
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let older = |entry: &Entry| entry.taken <= self.others.taken;
        let at = self.back.partition_point(older);
        let all = self.back.range(..at).chain([&self.others]);
        all.chain(self.back.range(at..)).filter(|entry| entry.n > 0)
    }

    /// An answer has just told how much others hold.
    pub(crate) fn heard(&mut self, now: Time) {
        self.others.taken = now;
    }

    /// What came back after `time`.
    pub(crate) fn came_back_since(&self, time: Time) -> u64 {
        let newest = self.gone.iter().rev();
        let later = newest.take_while(|entry| self.leaves(entry) > time);
        later.map(|entry| entry.n).fold(0, u64::saturating_add)
    }

    pub(super) fn room(&self, n: u64, _now: Time) -> Room {
        if n > self.limit {
            return Room::Never(self.limit);
        }
        let mut over = self.used.saturating_add(n).saturating_sub(self.limit);
        if over == 0 {
            return Room::Now;
        }
        let enough = self.entries().find(|entry| {
            over = over.saturating_sub(entry.n);
            over == 0
        });
        Room::At(enough.map_or(0, |entry| self.leaves(entry)))
    }

    /// When `n` could have been taken in all, part after part, from `now` on.
    pub(super) fn forecast(&self, n: u64, now: Time) -> Time {
        let late = n.saturating_sub(self.limit.saturating_sub(self.used));
        if late == 0 {
            return now;
        }
        // What is taken comes back one period later, so that each period is like the last.
        let rounds = (late - 1) / self.limit.max(1);
        let mut rest = late - rounds * self.limit;
        let enough = self.entries().find(|entry| {
            rest = rest.saturating_sub(entry.n);
            rest == 0
        });
        let stay = self.period.saturating_add(self.slack);
        let first = enough.map_or(now.saturating_add(stay), |entry| self.leaves(entry));
        first.saturating_add(stay.saturating_mul(rounds))
    }

    /// Nothing is missing.
    pub(super) fn is_full(&self) -> bool {
        self.used == 0
    }

    pub(super) fn take(&mut self, n: u64, now: Time) {
        self.used = self.used.saturating_add(n);
        let step = self.period / STEPS;
        match self.back.back_mut() {
            Some(last) if now / step.max(1) == last.taken / step.max(1) => {
                last.taken = last.taken.max(now);
                last.n = last.n.saturating_add(n);
            }
            _ => self.back.push_back(Entry { taken: now, n }),
        }
    }

    pub(super) fn give(&mut self, mut n: u64, taken: Time) {
        // What was taken then is in the first entry that ends no earlier. What of it is no longer
        // there has come back already.
        let from = self.back.partition_point(|entry| entry.taken < taken);
        if let Some(entry) = self.back.get_mut(from) {
            n = n.min(entry.n);
            entry.n -= n;
            self.used = self.used.saturating_sub(n);
        }
    }

    /// When what was taken comes back, oldest first.
    pub(super) fn comes_back(&self) -> impl Iterator<Item = (Time, u64)> {
        self.entries().map(|entry| (self.leaves(entry), entry.n))
    }

    /// Gives back what was taken when the other does.
    pub(super) fn back_as(&mut self, other: &Self) {
        (self.back, self.others) = (other.back.clone(), other.others);
        self.used = other.used;
    }

    /// When that was taken which comes back then.
    pub(super) fn left_at(&self, back: Time) -> Time {
        back.saturating_sub(self.period.saturating_add(self.slack))
    }

    pub(crate) fn level(&self, _now: Time) -> f64 {
        self.limit as f64 - self.used as f64
    }

    pub(super) fn resets(&self, _now: Time) -> Option<Time> {
        self.entries().next().map(|entry| self.leaves(entry))
    }

    pub(super) fn set_level(&mut self, level: f64, now: Time) {
        let level = level.floor();
        let current = self.level(now);
        if level < current {
            let more = (current - level) as u64;
            self.used = self.used.saturating_add(more);
            self.others.n = self.others.n.saturating_add(more);
            self.others.taken = now;
            return;
        }
        // Others hold less, or what was one's own came back sooner than thought: the oldest goes first.
        let mut surplus = (level.min(self.limit as f64) - current).max(0.0) as u64;
        let part = surplus.min(self.others.n);
        self.others.n -= part;
        self.used = self.used.saturating_sub(part);
        surplus -= part;
        while let Some(entry) = self.back.front_mut() {
            let part = surplus.min(entry.n);
            entry.n -= part;
            self.used = self.used.saturating_sub(part);
            surplus -= part;
            if entry.n > 0 {
                break;
            }
            self.back.pop_front();
        }
    }
}
