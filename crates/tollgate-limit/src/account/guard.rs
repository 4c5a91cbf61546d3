//! A limit that a person stated, and what is left of it.

use std::time::SystemTime;

use tollgate_core::{Cost, LimitKind};

use super::{
    bucket::Bucket,
    calendar::Day,
    log::Log,
    time::{SECOND, Time, span},
};
use crate::{Counts, Limit, charge::Charge, limit::Shape};

/// Calls overtake each other on the way by up to this much, so an exact limit gives units back that
/// much later: else a call could arrive before the room it was sent for.
pub(super) const DISORDER: Time = 60_000_000;

/// A stated wait of more than this is the end of a window, not the next unit of a bucket.
const LONG: Time = 2 * SECOND;

/// A configured limit with its count.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) limit: Limit,
    meter: Meter,
    /// When the provider last stated that a new window began.
    renewed: Option<Time>,
}

/// How a guard counts.
#[derive(Debug, Clone)]
pub(crate) enum Meter {
    Bucket(Bucket),
    Log(Log),
    Day(Day),
}

impl Guard {
    /// A guard from which nothing was taken. The limit must have been checked.
    pub(crate) fn new(limit: &Limit, now: Time, wall: SystemTime) -> Self {
        let (amount, period) = (limit.amount().max(1), span(limit.effective_period()));
        let exact = |burst| Bucket::new(limit.part_of(burst), limit.every(), DISORDER);
        let meter = match limit.shape() {
            Some(Shape::Bucket { burst }) => exact(*burst).map(Meter::Bucket),
            // Less than one unit a day: the log counts one in some days.
            Some(Shape::Day(zone)) if !limit.is_stretched() => {
                Some(Meter::Day(Day::new(amount, zone.clone(), wall, now)))
            }
            None if !limit.is_shared() => {
                // More than a bucket can hold is as good as no limit.
                let burst = amount.min(u32::MAX.into());
                Bucket::new(burst, limit.every(), 0).map(Meter::Bucket)
            }
            // The log keeps to windows and buckets of the same size too.
            _ => None,
        };
        Self {
            limit: limit.clone(),
            renewed: None,
            meter: meter.unwrap_or_else(|| Meter::Log(Log::new(amount, period, DISORDER))),
        }
    }

    pub(crate) const fn kind(&self) -> LimitKind {
        self.limit.kind()
    }

    /// The limit is never exceeded by its own arithmetic; else it is what a person knows about the
    /// provider, and the provider knows better.
    pub(crate) fn is_exact(&self) -> bool {
        self.limit.shape().is_some() || self.limit.is_shared()
    }

    /// The provider's word on a new window counts.
    pub(crate) fn is_refilled(&self) -> bool {
        !self.is_exact() || matches!(self.limit.shape(), Some(Shape::Fixed))
    }

    /// What a call takes when it goes. A plain limit waits with an answer's tokens until they are known:
    /// a call reserves the most it may have, and few answers are as long.
    #[inline]
    pub(crate) fn charge(&self, cost: &Cost) -> u64 {
        let charge = Charge::of(cost, self.kind());
        match self.is_exact() {
            true => charge.total(),
            false => charge.now,
        }
    }

    pub(crate) const fn has_day(&self) -> bool {
        matches!(self.meter, Meter::Day(_))
    }

    /// Takes `n` units, or says when they will be there. More than the whole limit is taken when the
    /// limit is whole, and the rest is owed.
    #[inline]
    pub(crate) fn take(&mut self, n: u64, now: Time) -> Result<(), Time> {
        if n == 0 {
            return Ok(());
        }
        match &mut self.meter {
            Meter::Bucket(bucket) => bucket.take(n, now),
            Meter::Log(log) => log.take(n, now),
            Meter::Day(day) => day.take(n, now),
        }
    }

    /// Takes `n` units, whether they are there or not.
    pub(crate) fn owe(&mut self, n: u64, now: Time) {
        match &mut self.meter {
            Meter::Bucket(bucket) => bucket.owe(n, now),
            Meter::Log(log) => log.owe(n, now),
            Meter::Day(day) => day.owe(n),
        }
    }

    /// Gives back `n` units that were taken at `taken`.
    pub(crate) fn give(&mut self, n: u64, taken: Time) {
        match &mut self.meter {
            Meter::Bucket(bucket) => bucket.give(n, taken),
            Meter::Log(log) => log.give(n, taken),
            Meter::Day(day) => day.give(n, taken),
        }
    }

    /// What was taken at `taken` as `reserved` was `used` in the end.
    pub(crate) fn settle(&mut self, reserved: u64, used: u64, taken: Time, now: Time) {
        if used > reserved {
            // What answers claim binds a plain limit for one whole limit at most.
            let most = match self.is_exact() {
                true => u64::MAX,
                false => (self.level(now).max(0.0) as u64).saturating_add(self.amount()),
            };
            self.owe((used - reserved).min(most), now);
        } else if used < reserved {
            self.give(reserved - used, taken);
        }
    }

    /// The provider rejected a call of `n` units: there is no more than it has, and room for the one
    /// that comes next.
    pub(crate) fn reject(&mut self, n: u64, wait: Option<f64>, now: Time) {
        if !self.is_meant(wait) {
            return;
        }
        match &mut self.meter {
            Meter::Bucket(bucket) => {
                bucket.be_stricter();
                self.lower(n as f64, now);
            }
            // Its debt is this call.
            Meter::Log(log) => log.owe(n, now),
            Meter::Day(_) => {}
        }
    }

    /// May a rejection that states this wait be due to this limit? That of a day does not state seconds.
    fn is_meant(&self, wait: Option<f64>) -> bool {
        self.limit.period().as_secs_f64() <= f64::max(60.0, 20.0 * wait.unwrap_or(0.0))
    }

    fn lower(&mut self, level: f64, now: Time) {
        if self.level(now) > level {
            self.set_level(level, now);
        }
    }

    /// The provider states that `level` units are left of `limit`.
    pub(crate) fn state(&mut self, level: f64, limit: Option<f64>, now: Time) {
        // An exact limit is raised only by a count of the same limit.
        if self.is_exact() && limit != Some(self.amount() as f64) {
            return;
        }
        // Of a share, the provider does not know.
        if self.is_refilled() && !self.limit.is_shared() {
            self.raise(level, now);
        }
    }

    fn raise(&mut self, level: f64, now: Time) {
        let level = level.min(self.amount() as f64);
        if self.level(now) < level {
            self.set_level(level, now);
        }
    }

    /// A window ended, as the provider stated. The statement may be rounded up, so that `recent` units
    /// were taken of the new one.
    pub(crate) fn renew(&mut self, recent: f64, now: Time) {
        // Two statements may mean the same window.
        let period = span(self.limit.period());
        let is_new = |last: Time| now.saturating_sub(last) >= period / 10 * 9;
        if self.is_refilled() && self.renewed.is_none_or(is_new) {
            self.renewed = Some(now);
            self.raise(self.amount() as f64 - recent, now);
        }
    }

    /// A wait that the provider stated is over, or a call was served after a pause: either a new
    /// window has begun, or the next unit has come.
    pub(crate) fn wait_is_over(&mut self, wait: Time, n: u64, recent: f64, now: Time) {
        if !self.is_refilled() {
            return;
        }
        let unit = match &self.meter {
            Meter::Bucket(bucket) => bucket.every().saturating_mul(n),
            _ => 0,
        };
        if wait > LONG.saturating_add(unit) && self.is_meant(Some(wait as f64 / 1e9)) {
            self.renew(recent, now);
        }
        self.raise(n as f64, now);
    }

    /// The earliest time at which `n` units could have been taken in all, from `now` on.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        match &self.meter {
            Meter::Bucket(bucket) => bucket.forecast(n, now),
            Meter::Log(log) => log.forecast(n, now),
            Meter::Day(day) => day.forecast(n, now),
        }
    }

    /// How long a window may have begun before its statement says so, in seconds.
    pub(crate) fn rounding(&self) -> f64 {
        (self.limit.period().as_secs_f64() / 10.0).min(2.0)
    }

    /// States the time of day at `now`.
    pub(crate) fn set_wall(&mut self, wall: SystemTime, now: Time) {
        if let Meter::Day(day) = &mut self.meter {
            day.set(wall, now);
        }
    }

    /// Lets time pass, for those who only look.
    pub(crate) fn advance(&mut self, now: Time) {
        match &mut self.meter {
            Meter::Bucket(_) => {}
            Meter::Log(log) => log.advance(now),
            Meter::Day(day) => day.advance(now),
        }
    }

    /// The most that can be taken at once.
    pub(crate) fn amount(&self) -> u64 {
        match &self.meter {
            Meter::Bucket(bucket) => bucket.burst(),
            Meter::Log(log) => log.limit(),
            Meter::Day(day) => day.limit(),
        }
    }

    /// What is left; negative where units are owed.
    pub(crate) fn level(&self, now: Time) -> f64 {
        match &self.meter {
            Meter::Bucket(bucket) => bucket.level(now),
            Meter::Log(log) => log.level(),
            Meter::Day(day) => day.level(),
        }
    }

    fn set_level(&mut self, level: f64, now: Time) {
        match &mut self.meter {
            Meter::Bucket(bucket) => bucket.set_level(level, now),
            Meter::Log(log) => log.set_level(level, now),
            Meter::Day(day) => day.set_level(level),
        }
    }

    pub(crate) fn resets(&self, now: Time) -> Option<Time> {
        match &self.meter {
            Meter::Bucket(bucket) => bucket.resets(now),
            Meter::Log(log) => log.resets(),
            Meter::Day(day) => Some(day.end()),
        }
    }

    pub(crate) fn is_full(&self, now: Time) -> bool {
        self.level(now) >= self.amount() as f64
    }

    /// Units a minute that it allows in the long run.
    pub(crate) fn per_minute(&self) -> f64 {
        match &self.meter {
            Meter::Bucket(bucket) => bucket.rate() * 60.0,
            Meter::Log(log) => {
                let period = log.period() as f64 / SECOND as f64;
                log.limit() as f64 * 60.0 / period
            }
            Meter::Day(day) => day.limit() as f64 / 1_440.0,
        }
    }

    pub(crate) const fn counts(&self) -> Counts {
        match self.meter {
            Meter::Bucket(_) => Counts::Bucket,
            Meter::Log(_) => Counts::Log,
            Meter::Day(_) => Counts::Window,
        }
    }

    pub(super) const fn meter_mut(&mut self) -> &mut Meter {
        &mut self.meter
    }

    /// The same limit, of which nothing was taken.
    pub(super) fn emptied(&self, now: Time) -> Self {
        let mut empty = self.clone();
        empty.meter = match &self.meter {
            Meter::Bucket(bucket) => {
                let mut bucket = bucket.clone();
                bucket.fill_at(0, now);
                Meter::Bucket(bucket)
            }
            Meter::Log(log) => Meter::Log(Log::new(log.limit(), log.period(), DISORDER)),
            Meter::Day(day) => {
                let mut day = day.clone();
                day.set_level(day.limit() as f64);
                Meter::Day(day)
            }
        };
        empty
    }

    pub(super) const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Takes over what an earlier limit of the same kind and period has counted.
    pub(crate) fn take_over(&mut self, old: &Self, now: Time) {
        match (&mut self.meter, &old.meter) {
            (Meter::Log(new), Meter::Log(old)) if new.period() == old.period() => {
                for (at, n) in old.entries() {
                    new.owe(n, at);
                }
                new.advance(now);
            }
            _ => {
                let taken = old.amount() as f64 - old.level(now);
                if taken > 0.0 {
                    self.owe(taken as u64, now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
