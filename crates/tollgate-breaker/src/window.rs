//! A window of time that slides: what was counted in the last `n` buckets.

use crate::time::Nanos;

/// What is counted about calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) calls: u32,
    pub(crate) failures: u32,
    pub(crate) slow: u32,
}

impl Counts {
    pub(crate) fn one(failed: bool, slow: bool) -> Self {
        Self {
            calls: 1,
            failures: failed.into(),
            slow: slow.into(),
        }
    }

    const fn add(&mut self, other: Self) {
        // So many calls as would overflow do not fit into a day.
        self.calls += other.calls;
        self.failures += other.failures;
        self.slow += other.slow;
    }

    const fn take(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
    }
}

/// A ring of buckets, and the sum of all of them.
///
/// A bucket holds what was counted in one slice of time; the newest is the slice that is under way.
/// When time moves into a new slice, the oldest bucket is taken off the sum: nothing that is older
/// than the window has any weight, however much of it there was.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    length: Nanos,
    tick: u64,
    // The end of the newest bucket, so that most calls need no division.
    ends: Nanos,
    newest: usize,
    buckets: Box<[Counts]>,
    sum: Counts,
}

impl Window {
    /// An empty window of so many buckets, each of this length. Neither may be zero.
    pub(crate) fn new(buckets: usize, length: Nanos) -> Self {
        Self {
            length,
            tick: 0,
            ends: length,
            newest: 0,
            buckets: vec![Counts::default(); buckets].into(),
            sum: Counts::default(),
        }
    }

    /// Counts, and tells in which slice.
    #[inline]
    pub(crate) fn record(&mut self, counts: Counts, now: Nanos) -> u64 {
        self.slide(now);
        self.buckets[self.newest].add(counts);
        self.sum.add(counts);
        self.tick
    }

    /// Takes back what was counted in a slice, if that is still in the window.
    pub(crate) fn take_back(&mut self, counts: Counts, tick: u64, now: Nanos) {
        self.slide(now);
        if tick <= self.tick && self.tick - tick < self.buckets.len() as u64 {
            let index = self.index(tick);
            self.buckets[index].take(counts);
            self.sum.take(counts);
        }
    }

    /// The sum of what is in the window now.
    pub(crate) fn sum(&mut self, now: Nanos) -> Counts {
        self.slide(now);
        self.sum
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.buckets.fill(Counts::default());
        self.sum = Counts::default();
    }

    /// Moves to the slice of `now`. A reading of the clock that comes late, because another thread
    /// was faster, counts as the newest.
    #[inline]
    fn slide(&mut self, now: Nanos) {
        if now >= self.ends {
            self.advance(now / self.length);
        }
    }

    fn advance(&mut self, tick: u64) {
        let passed = (tick - self.tick).min(self.buckets.len() as u64);
        for old in self.tick + 1..=self.tick + passed {
            let index = self.index(old);
            let gone = std::mem::take(&mut self.buckets[index]);
            self.sum.take(gone);
        }
        self.tick = tick;
        self.ends = (tick + 1).saturating_mul(self.length);
        self.newest = self.index(tick);
    }

    const fn index(&self, tick: u64) -> usize {
        (tick % self.buckets.len() as u64) as usize
    }
}

#[cfg(test)]
mod tests;
