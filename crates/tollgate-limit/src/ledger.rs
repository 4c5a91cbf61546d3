//! The count of one limit.

use std::time::SystemTime;

use tollgate_core::{Cost, Dimension, LimitKind, Window};

use crate::{
    Counts,
    calendar::Day,
    charge::Charge,
    follow::{Follow, Sent},
    history::History,
    limit::{Limit, Shape},
    meter::{Bucket, Fixed, Log, Meter, Room, fixed::Length},
    time::{END, MS, SECOND, Time, span},
};

/// Calls overtake each other by at most this much on the way to the provider.
///
/// Without it a burst that arrives re-ordered looks like calls of others (scenario 1, bucket-10).
pub(crate) const ORDER: Time = 60 * MS;

/// How long after the stated end of a window calls go again: the end is known no better than the way
/// of a call is long (scenario 4k, fixed-37).
pub(crate) const GUARD: Time = 80 * MS;

/// How long an answer may take before it is no longer waited for. Reasoning models take minutes to
/// begin (test `a_test_that_nobody_answers_is_made_again_by_one_call`).
pub(crate) const PATIENCE: Time = 120 * SECOND;

/// One limit of an account.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) kind: LimitKind,
    pub(crate) window: Option<Window>,
    /// What a person said, and the count that keeps it whatever the provider says.
    configured: Option<Limit>,
    guard: Option<Meter>,
    /// The provider's own count. A bucket that was configured does without, until an answer speaks of
    /// it: then what was sent before matters little, because the guard keeps it.
    follow: Option<Box<Follow>>,
}

impl Ledger {
    /// The count of a limit one knows of.
    pub(crate) fn configured(limit: &Limit, now: Time, wall: SystemTime) -> Self {
        let mut ledger = Self {
            kind: limit.kind(),
            window: limit.window(),
            configured: Some(limit.clone()),
            guard: Some(guard(limit, now, wall)),
            follow: None,
        };
        ledger.begin(Charge::default(), now);
        ledger
    }

    /// The count of a limit that an answer spoke of.
    pub(crate) fn learned(kind: LimitKind, window: Option<Window>) -> Self {
        Self {
            kind,
            window,
            configured: None,
            guard: None,
            follow: None,
        }
    }

    /// Somebody changed the limit, while this much is under way. What was taken stays taken; the
    /// provider's own count is not touched.
    pub(crate) fn reconfigure(
        &mut self,
        limit: Option<&Limit>,
        under_way: Charge,
        now: Time,
        wall: SystemTime,
    ) {
        if self.configured.as_ref() == limit {
            return;
        }
        let used = self
            .guard
            .take()
            .map(|old| old.limit() as f64 - old.level(now));
        self.configured = limit.cloned();
        self.guard = limit.map(|limit| {
            let mut guard = guard(limit, now, wall);
            guard.take(used.unwrap_or(0.0) as u64, now);
            guard
        });
        self.begin(under_way, now);
    }

    /// Keeps account of what is sent, unless nothing needs it.
    fn begin(&mut self, under_way: Charge, now: Time) {
        if self.follow.is_none() && !matches!(self.guard, Some(Meter::Bucket(_))) {
            self.follow = Some(Box::new(Follow::new((0, 0), (under_way, now))));
        }
    }

    /// This is the limit a person speaks of.
    pub(crate) fn is_of(&self, limit: &Limit) -> bool {
        self.kind == limit.kind() && self.window == limit.window()
    }

    /// Nothing about it is left to find out.
    pub(crate) fn is_proven(&self) -> bool {
        let followed = |follow: &Follow| follow.is_proven();
        self.is_told_by_a_person() || self.follow.as_deref().is_some_and(followed)
    }

    /// What a person said of it, and the provider's own count.
    pub(crate) fn counts(&self) -> (Option<&Meter>, Option<&Meter>) {
        let follow = self.follow.as_deref();
        (self.guard.as_ref(), follow.and_then(Follow::meter))
    }

    /// What answers say of it.
    pub(crate) fn learnt(&self) -> Option<(u64, Counts)> {
        let meter = self.counts().1?;
        Some((meter.limit(), meter.counts()))
    }

    /// What was sent, where that is kept.
    pub(crate) fn history(&self) -> Option<&History> {
        self.follow.as_deref().map(Follow::history)
    }

    /// It is a bucket that a person stated, and no answer spoke of it.
    pub(crate) const fn is_plain(&self) -> bool {
        self.follow.is_none() && matches!(self.guard, Some(Meter::Bucket(_)))
    }

    /// The bucket that a person stated.
    #[inline]
    pub(crate) const fn bucket(&mut self) -> Option<&mut Bucket> {
        match &mut self.guard {
            Some(Meter::Bucket(bucket)) => Some(bucket),
            _ => None,
        }
    }

    /// Takes the cost out of that bucket, if it holds as much.
    #[inline]
    pub(crate) fn take_plain(&mut self, cost: &Cost, now: Time) -> bool {
        let n = Charge::of(cost, self.kind).total();
        self.bucket()
            .is_some_and(|bucket| bucket.take_if_held(n, now))
    }

    /// A person said how much it is and how it comes back.
    fn is_told_by_a_person(&self) -> bool {
        let limit = self.configured.as_ref();
        limit.is_some_and(|limit| limit.shape().is_some())
    }

    /// Somebody said how it counts: a person all of it, or the provider's headers.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told_by_a_person() || self.counts().1.is_some()
    }

    pub(crate) fn advance(&mut self, now: Time) {
        if let Some(guard) = &mut self.guard {
            guard.advance(now);
        }
        if let Some(follow) = &mut self.follow {
            follow.advance(now);
        }
    }

    pub(crate) fn room(&self, charge: Charge, now: Time) -> Room {
        let guard = match &self.guard {
            Some(guard) => guard.room(charge.total(), now),
            None => Room::Now,
        };
        match &self.follow {
            Some(follow) => guard.and(follow.room(charge, now)),
            None => guard,
        }
    }

    pub(crate) fn take(&mut self, charge: Charge, now: Time) {
        if let Some(guard) = &mut self.guard {
            guard.take(charge.total(), now);
        }
        if let Some(follow) = &mut self.follow {
            follow.take(charge, now);
        }
    }

    /// When `n` could have been taken in all, at the best.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        let own = match &self.guard {
            Some(guard) => guard.forecast(n, now),
            None => now,
        };
        match &self.follow {
            Some(follow) if self.is_told_by_a_person() => follow.forecast(n, now).max(own),
            Some(follow) => follow.sure_forecast(n, now).max(own),
            None => own,
        }
    }

    /// Nothing was taken that is not back.
    pub(crate) fn is_full(&self, now: Time) -> bool {
        self.meters().all(|meter| meter.is_full(now))
    }

    /// What a person said of it, and the provider's own count: those that are there.
    pub(crate) fn meters(&self) -> impl Iterator<Item = &Meter> {
        let (guard, provider) = self.counts();
        guard.into_iter().chain(provider)
    }

    /// Takes over counts from an earlier time: the larger use is the true one.
    pub(crate) fn take_over(&mut self, own: Option<&Meter>, provider: Option<Meter>, now: Time) {
        if let (Some(guard), Some(own)) = (&mut self.guard, own) {
            guard.catch_up(own, now);
        }
        if let Some(provider) = provider {
            let nothing = (Charge::default(), now);
            let begin = || Box::new(Follow::new((0, now), nothing));
            let follow = self.follow.get_or_insert_with(begin);
            follow.take_over(provider, now);
        }
    }

    /// The call was answered, either way.
    pub(crate) fn answered(&mut self, charge: Charge) {
        if let Some(follow) = &mut self.follow {
            follow.answered(charge);
        }
    }

    /// The provider turned a call away.
    pub(crate) fn be_stricter(&mut self) {
        let follow = self.follow.as_deref_mut().and_then(Follow::meter_mut);
        for meter in self.guard.iter_mut().chain(follow) {
            if let Meter::Bucket(bucket) = meter {
                bucket.be_stricter(ORDER);
            }
        }
    }

    /// The call was not counted after all.
    pub(crate) fn refund(&mut self, charge: Charge, sent: Time) {
        if let Some(guard) = &mut self.guard {
            guard.give(charge.total(), sent);
        }
        if let Some(follow) = &mut self.follow {
            follow.refund(charge, sent);
        }
    }

    /// The call is complete, and took `used` where `charge` was reserved.
    pub(crate) fn settle(&mut self, charge: Charge, used: Charge, sent: Time, now: Time) {
        if let Some(guard) = &mut self.guard {
            guard.settle(charge.total(), used.total(), sent, now);
        }
        if let Some(follow) = &mut self.follow {
            follow.settle(charge, used, sent, now);
        }
    }

    /// An answer speaks of this limit, while this much is under way. True if it is another than was
    /// known.
    pub(crate) fn answer(
        &mut self,
        said: &Dimension,
        under_way: Charge,
        sent: Sent,
        now: Time,
    ) -> bool {
        // When the others were sent is not known. Where a limit is configured it is kept anyway, so
        // that they need not be held against what this answer says.
        let at = if self.guard.is_some() { sent.at } else { now };
        let begin = || Box::new(Follow::new((sent.counted, sent.at), (under_way, at)));
        let follow = self.follow.get_or_insert_with(begin);
        let changed = follow.answer(said, self.configured.as_ref(), sent, now);
        self.align(now);
        changed
    }

    /// Windows that were configured without their ends have them from now on.
    fn align(&mut self, now: Time) {
        let fixed = |limit: &&Limit| limit.shape() == Some(&Shape::Fixed);
        let limit = self.configured.as_ref().filter(fixed);
        let end = self.follow.as_deref().and_then(Follow::end);
        let (Some(limit), Some(end), Some(guard)) = (limit, end, &mut self.guard) else {
            return;
        };
        if let Meter::Fixed(guard) = guard {
            guard.end = end;
            return;
        }
        let (level, most) = (guard.level(now), guard.limit());
        let length = Length::Every(span(limit.period()));
        *guard = Meter::Fixed(Fixed::new(most, length, end, GUARD));
        guard.set_level(level, now);
    }
}

fn guard(limit: &Limit, now: Time, wall: SystemTime) -> Meter {
    let (amount, period) = (limit.amount(), span(limit.period()));
    match limit.shape() {
        Some(Shape::Bucket { burst }) => {
            let burst = limit.part_of(*burst);
            let every = limit.every();
            // A call is one request, but may be all the tokens of a limit.
            let one = if limit.kind() == LimitKind::Requests {
                1
            } else {
                burst
            };
            match Bucket::new(burst, every, ORDER) {
                Some(bucket) => Meter::Bucket(bucket.for_disorder(ORDER, one)),
                // A burst of nothing: everything is too large.
                None => Meter::Log(Log::new(0, period, ORDER)),
            }
        }
        Some(Shape::Day(zone)) => {
            let day = Day::new(zone.clone(), wall, now);
            let end = day.end(now).min(END);
            Meter::Fixed(Fixed::new(amount, Length::Day(day), end, GUARD))
        }
        // When windows end is not known yet; the sliding log keeps to any of them.
        Some(Shape::Fixed | Shape::Sliding) | None => Meter::Log(Log::new(amount, period, ORDER)),
    }
}
