//! A token bucket.

use std::{num::NonZeroU32, time::Duration};

use governor::Quota;

use super::Room;
use crate::{
    account::saved::{Daytime, SavedMeter},
    gcra,
    time::{END, SECOND, Time},
};

/// Of the rate of a bucket that calls take whole, this part is lost for those that overtake each other:
/// a fortieth (test `one_at_a_time`).
const LOST: u64 = 40;

/// As long as nobody is turned away; each time, so many times as much.
const STRICTER: u64 = 4;

/// Refills one unit every so often, up to a burst.
///
/// Its state is governor's: the moment at which it will be full again.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    full_at: Time,
    every: Time,
    burst: NonZeroU32,
    slack: Time,
    /// The part of the cost of a call that may be lost, in fortieths.
    lost: u64,
}

impl Bucket {
    /// A full bucket. `None` where its arithmetic would overflow: nothing may take longer to fill
    /// than [`END`], and a burst fits 32 bits.
    pub(crate) fn new(burst: u64, every: Time, slack: Time) -> Option<Self> {
        let burst = NonZeroU32::new(u32::try_from(burst).ok()?)?;
        let fits = every
            .checked_mul(u64::from(burst.get()))
            .is_some_and(|full| full <= END);
        (fits && every > 0).then_some(Self {
            full_at: 0,
            every,
            burst,
            slack,
            lost: 1,
        })
    }

    /// A full bucket that refills `rate` units a second, as near to it as its arithmetic allows.
    pub(crate) fn with_rate(burst: u64, rate: f64, slack: Time) -> Self {
        let burst = u32::try_from(burst).unwrap_or(u32::MAX).max(1);
        let slowest = END / u64::from(burst);
        // A cast from float saturates, and NaN becomes 0.
        let every = (SECOND as f64 / rate.max(f64::MIN_POSITIVE)).ceil() as u64;
        Self {
            full_at: 0,
            every: every.clamp(1, slowest),
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            slack,
            lost: 1,
        }
    }

    /// Calls that take up to `n` may overtake each other by up to `order`. What would come back while
    /// the bucket is full is lost, so that it is less for those that empty it.
    pub(crate) fn for_disorder(mut self, order: Time, n: u64) -> Self {
        self.slack = order;
        self.slack = self.slack_of(n);
        self
    }

    /// The provider turned a call away: it is stricter, or calls overtake each other by more.
    pub(crate) fn be_stricter(&mut self, order: Time) {
        let most = order.min(self.every.saturating_mul(self.burst()));
        if self.slack < most {
            self.slack = most.min(self.slack.saturating_mul(STRICTER));
            self.lost = self.lost.saturating_mul(STRICTER);
        }
    }

    /// How much earlier it is asked than `n` is taken.
    fn slack_of(&self, n: u64) -> Time {
        let unused = self.every * self.burst().saturating_sub(n);
        let lost = (self.every.saturating_mul(n) / LOST).saturating_mul(self.lost);
        self.slack.min(unused.saturating_add(lost))
    }

    #[inline]
    pub(crate) fn burst(&self) -> u64 {
        self.burst.get().into()
    }

    /// Units a second.
    pub(crate) fn rate(&self) -> f64 {
        SECOND as f64 / self.every as f64
    }

    /// Refills at another rate from now on, with the same level. Changes below a hundredth are not
    /// worth it.
    pub(crate) fn set_rate(&mut self, rate: f64, now: Time) {
        if (self.rate() / rate - 1.0).abs() > 0.01 {
            let (level, lost) = (self.level(now), self.lost);
            *self = Self::with_rate(self.burst(), rate, self.slack);
            self.lost = lost;
            self.set_level(level, now);
        }
    }

    /// Takes `n` if there is enough: [`gcra::check`] without the way there. No sum overflows, because a
    /// full bucket's time is at most [`END`].
    #[inline]
    pub(crate) fn take_if_held(&mut self, n: u64, now: Time) -> bool {
        if n > self.burst() {
            return false;
        }
        let asked = now.saturating_sub(self.slack);
        let cost = self.every * n;
        if self.full_at.max(asked) + cost > asked + self.every * self.burst() {
            return false;
        }
        if n > 0 {
            self.full_at = self.full_at.max(now) + cost;
        }
        true
    }

    pub(super) fn room(&self, n: u64, now: Time) -> Room {
        let wanted = u32::try_from(n).ok().and_then(NonZeroU32::new);
        let Some(wanted) = wanted else {
            return Room::Never(self.burst());
        };
        let Some(quota) = Quota::with_period(Duration::from_nanos(self.every)) else {
            return Room::Never(0);
        };
        // Asked as of a little earlier than it is taken: calls overtake each other on the way.
        let slack = self.slack_of(n);
        let asked = now.saturating_sub(slack);
        let mut full_at = self.full_at;
        match gcra::check(quota.allow_burst(self.burst), &mut full_at, wanted, asked) {
            Ok(Ok(())) => Room::Now,
            Ok(Err(wait)) => {
                let wait = crate::time::span(wait);
                Room::At(asked.saturating_add(wait).saturating_add(slack).min(END))
            }
            Err(most) => Room::Never(most.into()),
        }
    }

    /// When `n` could have been taken in all, part after part, from `now` on.
    pub(super) fn forecast(&self, n: u64, now: Time) -> Time {
        let empty = now.saturating_add(self.every.saturating_mul(self.burst()));
        let full_at = self.full_at.max(now);
        let wanted = full_at.saturating_add(self.every.saturating_mul(n));
        match wanted.saturating_sub(empty) {
            0 => now,
            late => now.saturating_add(late).saturating_add(self.slack).min(END),
        }
    }

    /// Nothing is missing.
    pub(super) fn is_full(&self, now: Time) -> bool {
        self.full_at <= now
    }

    pub(crate) fn take(&mut self, n: u64, now: Time) {
        let cost = self.every.saturating_mul(n);
        self.full_at = self.full_at.max(now).saturating_add(cost).min(END);
    }

    pub(crate) fn give(&mut self, n: u64, _taken: Time) {
        self.full_at = self.full_at.saturating_sub(self.every.saturating_mul(n));
    }

    /// Sets when it will be full again.
    pub(super) fn fill_at(&mut self, time: Time) {
        self.full_at = time;
    }

    pub(super) fn save(&self, day: &Daytime) -> SavedMeter {
        SavedMeter::Bucket {
            burst: self.burst(),
            every_ns: self.every,
            full_at: day.stamp(self.full_at),
        }
    }

    pub(super) fn level(&self, now: Time) -> f64 {
        let debt = self.full_at.saturating_sub(now) as f64 / self.every as f64;
        f64::from(self.burst.get()) - debt
    }

    pub(super) fn resets(&self, now: Time) -> Option<Time> {
        (self.full_at > now).then_some(self.full_at)
    }

    pub(super) fn set_level(&mut self, level: f64, now: Time) {
        let missing = (f64::from(self.burst.get()) - level).max(0.0);
        let debt = (missing * self.every as f64) as u64;
        self.full_at = now.saturating_add(debt).min(END);
    }
}
