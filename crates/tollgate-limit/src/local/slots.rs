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
    suspected: Option<Suspect>,
}

/// What rejections taught.
#[derive(Debug, Clone, Copy)]
struct Ceiling {
    most: u32,
    since: Instant,
    served: u32,
    /// No rejection named concurrency.
    is_guess: bool,
}

/// Rejections stated no wait while so many accepted calls were on their way. If a call is accepted as
/// soon as one of them ends, they were too many.
#[derive(Debug, Clone, Copy)]
struct Suspect {
    most: u32,
    /// A call may go as one ended.
    asked: bool,
    /// When it went.
    went: Option<Instant>,
    hits: u32,
    misses: u32,
}

/// So often a call must be accepted as another one ends.
const HITS: u32 = 2;

/// So often it may be rejected, before the thought is given up.
const MISSES: u32 = 2;

/// A ceiling that no rejection named is forgotten after this time without a rejection.
const GUESSED: Duration = Duration::from_secs(60);

/// One that a rejection named.
const NAMED: Duration = Duration::from_secs(600);

/// A rejection takes no longer than this.
const LONG_TRIP: Duration = Duration::from_millis(500);

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

    /// Until when a ceiling that was learned holds calls, where it is one.
    pub(crate) fn until(&self) -> Option<Instant> {
        let ceiling = self.learned.as_ref()?;
        let memory = if ceiling.is_guess { GUESSED } else { NAMED };
        ceiling.since.checked_add(memory)
    }

    /// A ceiling without a rejection for long is forgotten.
    #[inline]
    pub(crate) fn tidy(&mut self, now: Instant) {
        if self.learned.is_some() && self.until().is_some_and(|until| until <= now) {
            (self.learned, self.suspected) = (None, None);
        }
    }

    /// Waits for successes.
    pub(crate) const fn heeds(&self) -> bool {
        self.learned.is_some()
    }

    #[inline]
    pub(crate) fn take(&mut self, now: Instant) {
        self.taken += 1;
        if let Some(suspect) = self.suspected.as_mut().filter(|suspect| suspect.asked) {
            suspect.went.get_or_insert(now);
        }
    }

    /// A call is over; `refused` as [`reject`](Self::reject) was told.
    #[inline]
    pub(crate) fn give(&mut self, refused: bool) {
        self.taken = self.taken.saturating_sub(1);
        if refused {
            self.refused = self.refused.saturating_sub(1);
        }
    }

    /// A call that holds a place was rejected, because too many were on their way if `concurrency`.
    pub(crate) fn reject(&mut self, concurrency: bool, now: Instant) {
        self.refused += 1;
        if concurrency {
            self.learn(self.accepted().max(1), false, now);
        }
    }

    /// The calls on their way that were not rejected.
    fn accepted(&self) -> u32 {
        self.taken.saturating_sub(self.refused)
    }

    fn learn(&mut self, most: u32, is_guess: bool, now: Instant) {
        let before = self.learned.map_or(most, |ceiling| ceiling.most);
        self.learned = Some(Ceiling {
            most: before.min(most),
            since: now,
            served: 0,
            is_guess,
        });
    }

    /// The rejection stated no wait and named nothing: perhaps too many calls were on their way.
    pub(crate) fn suspect(&mut self) {
        let most = self.accepted();
        let suspect = self.suspected.get_or_insert(Suspect {
            most,
            asked: false,
            went: None,
            hits: 0,
            misses: 0,
        });
        if suspect.went.take().is_some() {
            suspect.misses += 1;
            suspect.hits = 0;
        }
        suspect.asked = false;
        suspect.most = most;
    }

    /// A call ended that was not rejected. Should the next one go at once, although a rejection that
    /// stated no wait holds it?
    pub(crate) fn ended(&mut self, now: Instant) -> bool {
        self.tidy(now);
        let accepted = self.accepted();
        let Some(suspect) = &mut self.suspected else {
            return false;
        };
        if suspect.asked {
            // Nobody went, or a rejection may still come.
            let long = |at| now.saturating_duration_since(at) > LONG_TRIP;
            if !suspect.went.is_some_and(long) {
                return suspect.went.is_none() && accepted < suspect.most;
            }
            (suspect.asked, suspect.went) = (false, None);
            suspect.hits += 1;
        }
        let (most, hits) = (suspect.most, suspect.hits);
        suspect.asked = accepted < most && suspect.misses < MISSES;
        let asks = suspect.asked;
        if hits >= HITS && most > 0 && self.learned.is_none() {
            self.learn(most, true, now);
        }
        asks
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
            ceiling.most = ceiling.most.saturating_add((ceiling.most / 8).max(1));
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
