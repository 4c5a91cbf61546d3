//! How many calls may be on their way at the same time, and how close together they may start.

use std::time::Duration;

use tokio::time::Instant;

/// After a rejection that named concurrency, this long nothing is tried.
const QUIET: Duration = Duration::from_secs(10);

/// The places of calls that are on their way, from admission to the last byte.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    most: Option<u32>,
    taken: u32,
    /// Taken by calls that were turned away, and whose rejection somebody still reads.
    refused: u32,
    learned: Option<Ceiling>,
}

/// What rejections taught.
#[derive(Debug, Clone, Copy)]
struct Ceiling {
    most: u32,
    since: Instant,
    served: u32,
}

impl Slots {
    /// At most so many, beside what is learned; no bound if `None`.
    pub(crate) fn configure(&mut self, most: Option<u32>) {
        self.most = most;
    }

    /// The most there may be: what was configured, or learned if that is less.
    #[inline]
    pub(crate) fn most(&self) -> Option<u32> {
        let learned = self.learned.map(|ceiling| ceiling.most);
        match (self.most, learned) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    pub(crate) const fn taken(&self) -> u32 {
        self.taken
    }

    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.most().is_none_or(|most| self.taken < most)
    }

    /// Waits for successes.
    pub(crate) const fn heeds(&self) -> bool {
        self.learned.is_some()
    }

    #[inline]
    pub(crate) fn take(&mut self) {
        self.taken += 1;
    }

    /// A call is over; `refused` as [`reject`](Self::reject) was told.
    #[inline]
    pub(crate) fn give(&mut self, refused: bool) {
        self.taken = self.taken.saturating_sub(1);
        if refused {
            self.refused = self.refused.saturating_sub(1);
        }
    }

    /// A call that holds a place was turned away, because too many were on their way if
    /// `concurrency`.
    pub(crate) fn reject(&mut self, concurrency: bool, now: Instant) {
        self.refused += 1;
        if !concurrency {
            return;
        }
        let accepted = self.taken.saturating_sub(self.refused).max(1);
        let before = self.learned.map_or(accepted, |ceiling| ceiling.most);
        self.learned = Some(Ceiling {
            most: before.min(accepted),
            since: now,
            served: 0,
        });
    }

    /// A call was served. One more is tried after as many successes as there may be calls.
    pub(crate) fn serve(&mut self, now: Instant) {
        let Some(ceiling) = &mut self.learned else {
            return;
        };
        if now.saturating_duration_since(ceiling.since) < QUIET {
            return;
        }
        ceiling.served += 1;
        if ceiling.served >= ceiling.most {
            ceiling.most = ceiling.most.saturating_add(1);
            ceiling.served = 0;
        }
    }
}

/// The least time between the starts of two calls.
#[derive(Debug, Default)]
pub(crate) struct Spacing {
    every: Duration,
    /// When the last one started.
    last: Option<Instant>,
}

impl Spacing {
    pub(crate) fn configure(&mut self, every: Duration) {
        self.every = every;
    }

    /// The time from which the next may start; `None` if it may now.
    #[inline]
    pub(crate) fn opens(&self, now: Instant) -> Option<Instant> {
        let next = self.last?.checked_add(self.every);
        next.filter(|next| *next > now)
    }

    /// The time at which the last of `n` more could start, after one more.
    pub(crate) fn after(&self, n: u64, now: Instant) -> Instant {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let first = self.opens(now).unwrap_or(now);
        first
            .checked_add(self.every.saturating_mul(n))
            .unwrap_or(first)
    }

    #[inline]
    pub(crate) fn take(&mut self, now: Instant) {
        if !self.every.is_zero() {
            self.last = Some(now);
        }
    }
}

#[cfg(test)]
mod tests;
