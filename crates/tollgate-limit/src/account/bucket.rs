//! A token bucket: the state of one governor limiter.

use std::{num::NonZeroU32, time::Duration};

use governor::Quota;

use super::{
    gcra,
    time::{END, SECOND, Time, span},
};

/// Calls can overtake each other on the way, so an exact bucket is asked a little earlier than its
/// units are taken. Where that would cost throughput, it costs this part of it: a fortieth at first.
const LOST: u64 = 40;

/// Refills one unit every so often, up to a burst.
///
/// Its state is governor's: the moment at which the bucket is full again.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    full_at: Time,
    every: Time,
    burst: NonZeroU32,
    /// By how much calls may overtake each other.
    disorder: Time,
    /// Of the time of a unit, this part may be lost for that.
    lost: u64,
    /// When it was whole last: what was taken before is back.
    whole_at: Time,
}

impl Bucket {
    /// A full bucket. `None` where its arithmetic would overflow: a bucket may take at most [`END`]
    /// to fill, and its burst must fit 32 bits.
    pub(crate) fn new(burst: u64, every: Time, disorder: Time) -> Option<Self> {
        let burst = NonZeroU32::new(u32::try_from(burst).ok()?)?;
        let fill = every.checked_mul(burst.get().into())?;
        (fill <= END && every > 0).then_some(Self {
            full_at: 0,
            every,
            burst,
            disorder,
            lost: LOST,
            whole_at: 0,
        })
    }

    #[inline]
    pub(crate) fn burst(&self) -> u64 {
        self.burst.get().into()
    }

    pub(crate) const fn every(&self) -> Time {
        self.every
    }

    /// Units a second.
    pub(crate) fn rate(&self) -> f64 {
        SECOND as f64 / self.every as f64
    }

    /// How much earlier the bucket is asked than `n` units are taken.
    #[inline]
    fn slack(&self, n: u64) -> Time {
        if self.disorder == 0 {
            return 0;
        }
        let unused = self.every * self.burst().saturating_sub(n);
        let lost = self.every.saturating_mul(n) / self.lost;
        self.disorder.min(unused.saturating_add(lost))
    }

    /// A call was rejected: calls overtake each other by more.
    pub(crate) fn be_stricter(&mut self) {
        self.lost = (self.lost / 2).max(LOST / 8);
    }

    /// Takes `n` units, or says when they will be there. More than the burst is taken from a full
    /// bucket, and the rest is owed.
    #[inline]
    pub(crate) fn take(&mut self, n: u64, now: Time) -> Result<(), Time> {
        let held = u32::try_from(n).unwrap_or(u32::MAX).min(self.burst.get());
        let Some(held) = NonZeroU32::new(held) else {
            return Ok(());
        };
        let slack = self.slack(held.get().into());
        let asked = now.saturating_sub(slack);
        let quota = Quota::with_period(Duration::from_nanos(self.every));
        let quota = quota.expect("the time of a unit is above zero");
        let mut full_at = self.full_at;
        match gcra::check(quota.allow_burst(self.burst), &mut full_at, held, asked) {
            Ok(Ok(())) => {
                self.owe(n, now);
                Ok(())
            }
            Ok(Err(wait)) => Err(asked
                .saturating_add(span(wait))
                .saturating_add(slack)
                .min(END)),
            Err(_) => unreachable!("at most the burst is asked for"),
        }
    }

    /// Takes `n` units, whether they are there or not.
    #[inline]
    pub(crate) fn owe(&mut self, n: u64, now: Time) {
        if n == 0 {
            // A whole bucket stays whole.
            return;
        }
        if self.full_at <= now {
            self.whole_at = now;
            if self.full_at.saturating_add(60 * SECOND) <= now {
                self.lost = LOST;
            }
        }
        let cost = self.every.saturating_mul(n);
        self.full_at = self.full_at.max(now).saturating_add(cost).min(END);
    }

    /// Gives back `n` units that were taken at `taken`, as far as they are not back yet.
    pub(crate) fn give(&mut self, n: u64, taken: Time) {
        if taken < self.whole_at {
            return;
        }
        self.full_at = self.full_at.saturating_sub(self.every.saturating_mul(n));
    }

    /// The earliest time at which `n` units could have been taken in all, part after part.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        let empty = now.saturating_add(self.every.saturating_mul(self.burst()));
        let full_at = self.full_at.max(now);
        let wanted = full_at.saturating_add(self.every.saturating_mul(n));
        match wanted.saturating_sub(empty) {
            0 => now,
            late => now.saturating_add(late).min(END),
        }
    }

    /// What is left; negative where units are owed.
    pub(crate) fn level(&self, now: Time) -> f64 {
        let missing = self.full_at.saturating_sub(now) as f64 / self.every as f64;
        f64::from(self.burst.get()) - missing
    }

    pub(crate) fn set_level(&mut self, level: f64, now: Time) {
        let missing = (f64::from(self.burst.get()) - level).max(0.0);
        let missing = (missing * self.every as f64) as u64;
        self.full_at = now.saturating_add(missing).min(END);
    }

    /// When it is full again, where it is not.
    pub(crate) fn resets(&self, now: Time) -> Option<Time> {
        (self.full_at > now).then_some(self.full_at)
    }

    pub(crate) const fn full_at(&self) -> Time {
        self.full_at
    }

    /// Takes over when it is full again; later than any debt allows is ignored.
    pub(crate) fn fill_at(&mut self, time: Time, now: Time) {
        let whole = self.every.saturating_mul(2 * self.burst());
        self.full_at = time.min(now.saturating_add(whole));
    }
}

#[cfg(test)]
mod tests;
