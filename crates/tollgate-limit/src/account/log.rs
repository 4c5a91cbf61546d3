//! A sliding log: every unit comes back one period after it was taken.

use std::collections::VecDeque;

use super::time::Time;

/// Into how many steps a period is cut. What is taken within one step comes back together, at its
/// end. Bounds the memory to as many entries.
const STEPS: u64 = 1_024;

/// What was taken within the last period.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    limit: u64,
    period: Time,
    /// By how much calls may overtake each other: a unit comes back that much later.
    disorder: Time,
    used: u64,
    taken: VecDeque<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// When the last of it was taken.
    at: Time,
    n: u64,
}

impl Log {
    pub(crate) fn new(limit: u64, period: Time, disorder: Time) -> Self {
        Self {
            limit,
            period: period.max(1),
            disorder,
            used: 0,
            taken: VecDeque::new(),
        }
    }

    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) const fn period(&self) -> Time {
        self.period
    }

    fn back_at(&self, entry: &Entry) -> Time {
        entry.at.saturating_add(self.period + self.disorder)
    }

    pub(crate) fn advance(&mut self, now: Time) {
        while let Some(entry) = self.taken.front() {
            if self.back_at(entry) > now {
                break;
            }
            self.used = self.used.saturating_sub(entry.n);
            self.taken.pop_front();
        }
    }

    /// Takes `n` units, or says when they will be there. More than the limit is taken from a whole
    /// one, and the rest is owed.
    pub(crate) fn take(&mut self, n: u64, now: Time) -> Result<(), Time> {
        self.advance(now);
        let after = self.used.saturating_add(n.min(self.limit));
        let over = after.saturating_sub(self.limit);
        if over > 0 {
            return Err(self.back(over).unwrap_or(now));
        }
        self.owe(n, now);
        Ok(())
    }

    /// When `n` of what was taken is back.
    fn back(&self, mut n: u64) -> Option<Time> {
        let enough = self.taken.iter().find(|entry| {
            n = n.saturating_sub(entry.n);
            n == 0
        });
        enough.map(|entry| self.back_at(entry))
    }

    /// Takes `n` units, whether they are there or not.
    pub(crate) fn owe(&mut self, n: u64, now: Time) {
        if n == 0 {
            return;
        }
        self.used = self.used.saturating_add(n);
        let step = (self.period / STEPS).max(1);
        match self.taken.back_mut() {
            Some(last) if last.at >= now || now / step == last.at / step => {
                last.at = last.at.max(now);
                last.n = last.n.saturating_add(n);
            }
            _ => self.taken.push_back(Entry { at: now, n }),
        }
    }

    /// Gives back `n` of what was taken at `taken`, as far as it is not back yet.
    pub(crate) fn give(&mut self, n: u64, taken: Time) {
        let from = self.taken.partition_point(|entry| entry.at < taken);
        let step = (self.period / STEPS).max(1);
        let same = |entry: &&mut Entry| entry.at / step == taken / step;
        if let Some(entry) = self.taken.get_mut(from).filter(same) {
            let n = n.min(entry.n);
            entry.n -= n;
            self.used = self.used.saturating_sub(n);
        }
    }

    /// The earliest time at which `n` units could have been taken in all, part after part.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        let late = n.saturating_sub(self.limit.saturating_sub(self.used));
        if late == 0 {
            return now;
        }
        // What is taken comes back one period later, so each period is like the last.
        let stay = self.period + self.disorder;
        let rounds = (late - 1) / self.limit.max(1);
        let rest = late - rounds.saturating_mul(self.limit);
        let first = self.back(rest).unwrap_or(now.saturating_add(stay));
        first.saturating_add(stay.saturating_mul(rounds))
    }

    pub(crate) fn level(&self) -> f64 {
        self.limit as f64 - self.used as f64
    }

    /// Corrects what is left: more is taken now, or the oldest comes back.
    pub(crate) fn set_level(&mut self, level: f64, now: Time) {
        let level = level.min(self.limit as f64).floor();
        let change = level - self.level();
        if change < 0.0 {
            return self.owe(-change as u64, now);
        }
        let mut surplus = change as u64;
        while surplus > 0 {
            let Some(entry) = self.taken.front_mut() else {
                break;
            };
            let part = surplus.min(entry.n);
            entry.n -= part;
            self.used = self.used.saturating_sub(part);
            surplus -= part;
            if entry.n == 0 {
                self.taken.pop_front();
            }
        }
    }

    /// When the next unit comes back.
    pub(crate) fn resets(&self) -> Option<Time> {
        self.taken.front().map(|entry| self.back_at(entry))
    }

    /// When what was taken was taken, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Time, u64)> {
        self.taken.iter().map(|entry| (entry.at, entry.n))
    }
}

#[cfg(test)]
mod tests;
