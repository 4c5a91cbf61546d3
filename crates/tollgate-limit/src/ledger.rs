//! The count of one limit.

mod answer;

use std::time::SystemTime;

use tollgate_core::{LimitKind, Window};

use crate::{
    Counts,
    calendar::Day,
    charge::Charge,
    drain::Drain,
    history::History,
    learn::Evidence,
    limit::{Limit, Shape},
    meter::{Bucket, Fixed, Log, Meter, Room, fixed::Length},
    others::Others,
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
/// begin; no scenario has answers that never come.
pub(crate) const PATIENCE: Time = 120 * SECOND;

pub(crate) use answer::{Sent, doubt};

/// Seconds. A whole limit that was learned is sent out over this time, not at once: what is in flight when
/// others turn out to have been quicker is lost (scenario 4u).
const SPREAD: f64 = 0.25;

/// One limit of an account.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) kind: LimitKind,
    pub(crate) window: Option<Window>,
    /// What a person said, and the count that keeps it whatever the provider says.
    configured: Option<Limit>,
    guard: Option<Meter>,
    /// The provider's own count, as far as its answers show it.
    meter: Option<Meter>,
    evidence: Evidence,
    /// Keeps bursts apart.
    spread: Option<Meter>,
    /// What a bucket gives back, in units a second, and what others take of it.
    rate: f64,
    drain: Drain,
    others: Others,
    /// The newest call that an answer was taken from.
    newest: u64,
    /// When that was sent, and what remained then.
    newest_count: (Time, u64),
    /// When a call went that one's own log would not have let go.
    tried: Time,
    /// The least that was said to remain in this window.
    lowest: u64,
    history: History,
    /// Taken by calls that have no answer yet.
    unanswered: u64,
    /// Reserved for output of calls whose answers are not complete.
    open: u64,
}

impl Ledger {
    /// The count of a limit one knows of.
    pub(crate) fn configured(limit: &Limit, now: Time, wall: SystemTime) -> Self {
        Self {
            kind: limit.kind(),
            window: limit.window(),
            guard: Some(guard(limit, now, wall)),
            configured: Some(limit.clone()),
            ..Self::learned(limit.kind(), limit.window())
        }
    }

    /// The count of a limit that an answer spoke of.
    pub(crate) fn learned(kind: LimitKind, window: Option<Window>) -> Self {
        Self {
            kind,
            window,
            configured: None,
            guard: None,
            meter: None,
            evidence: Evidence::default(),
            spread: None,
            rate: 0.0,
            drain: Drain::default(),
            others: Others::default(),
            newest_count: (0, 0),
            tried: 0,
            newest: 0,
            lowest: u64::MAX,
            history: History::new(),
            unanswered: 0,
            open: 0,
        }
    }

    /// Somebody changed the limit. What was taken stays taken; the provider's own count is not touched.
    pub(crate) fn reconfigure(&mut self, limit: Option<&Limit>, now: Time, wall: SystemTime) {
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
            guard.set_level(guard.limit() as f64 - used.unwrap_or(0.0), now);
            guard
        });
    }

    /// This is the limit a person speaks of.
    pub(crate) fn is_of(&self, limit: &Limit) -> bool {
        self.kind == limit.kind() && self.window == limit.window()
    }

    /// Nothing about it is left to find out.
    pub(crate) fn is_proven(&self) -> bool {
        self.is_told_by_a_person()
            || self.evidence.proven().is_some()
            || matches!(self.meter, Some(Meter::Fixed(_)))
    }

    /// What a person said of it, and the provider's own count.
    pub(crate) fn counts(&self) -> (Option<&Meter>, Option<&Meter>) {
        (self.guard.as_ref(), self.meter.as_ref())
    }

    /// What answers say of it.
    pub(crate) fn learnt(&self) -> Option<(u64, Counts)> {
        let meter = self.meter.as_ref()?;
        Some((meter.limit(), meter.counts()))
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// A person said how much it is and how it comes back.
    fn is_told_by_a_person(&self) -> bool {
        let limit = self.configured.as_ref();
        limit.is_some_and(|limit| limit.shape().is_some())
    }

    /// Somebody said how it counts: a person all of it, or the provider's headers.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told_by_a_person() || self.meter.is_some()
    }

    pub(crate) fn advance(&mut self, now: Time) {
        for meter in self.meters() {
            meter.advance(now);
        }
        match &self.meter {
            Some(Meter::Fixed(fixed)) => {
                self.others
                    .begin_if_new(fixed.start, fixed.end, fixed.limit);
            }
            Some(Meter::Log(log)) => self.others.roll(now, log.period, log.limit),
            _ => {}
        }
    }

    pub(crate) fn room(&self, charge: Charge, now: Time) -> Room {
        let n = charge.total();
        let guard = self
            .guard
            .as_ref()
            .map_or(Room::Now, |guard| guard.room(n, now));
        let Some(meter) = &self.meter else {
            return guard;
        };
        let apart = self
            .spread
            .as_ref()
            .map_or(Room::Now, |spread| spread.room(n.min(spread.limit()), now));
        guard.and(apart).and(self.room_beside_others(meter, n, now))
    }

    /// Nothing is under way, and something should have come back by what was said: one call finds out,
    /// where one's own log would wait longer (scenario 1w).
    fn trial(&self, at: Time, now: Time) -> Room {
        let Some(end) = self.evidence.end().filter(|_| self.unanswered == 0) else {
            return Room::At(at);
        };
        let opens = (end.high() as Time).saturating_add(GUARD);
        match opens {
            _ if opens <= self.tried || opens >= at => Room::At(at),
            _ if now >= opens => Room::Now,
            _ => Room::At(opens),
        }
    }

    /// The pace of bursts belongs to the size of the limit.
    fn spread_out(&mut self, limit: u64, now: Time) {
        let burst = (limit / 10).max(1);
        if self
            .spread
            .as_ref()
            .is_none_or(|spread| spread.limit() != burst)
        {
            let rate = limit as f64 / SPREAD;
            let mut spread = Meter::Bucket(Bucket::with_rate(burst, rate, 0));
            spread.set_level(0.0, now);
            self.spread = Some(spread);
        }
    }

    /// Room in the provider's count, when something is left for others.
    fn room_beside_others(&self, meter: &Meter, n: u64, now: Time) -> Room {
        let room = meter.room(n, now);
        if let (Room::At(at), Meter::Log(_)) = (room, meter) {
            return self.trial(at, now);
        }
        if room != Room::Now || n == 0 {
            return room;
        }
        if let Meter::Bucket(_) = meter {
            return meter.room_above(self.drain.floor(), n, now);
        }
        if let (Meter::Log(_), Room::At(at)) = (meter, self.others.ask_first(now)) {
            return Room::At(at);
        }
        let spare = (meter.level(now) as u64).saturating_sub(n);
        let reserve = self
            .others
            .reserve(now)
            .min(meter.limit().saturating_sub(n));
        if spare >= reserve {
            return Room::Now;
        }
        // Either less must be left, or more came back.
        let less = self.others.falls_to(spare, now);
        match meter.room_above(reserve, n, now) {
            Room::At(more) => Room::At(more.min(less)),
            _ => Room::At(less),
        }
    }

    pub(crate) fn take(&mut self, charge: Charge, now: Time) {
        self.history.send(charge.now, now);
        self.open = self.open.saturating_add(charge.later);
        self.unanswered = self.unanswered.saturating_add(charge.now);
        self.others.ask(now);
        if let Some(Meter::Log(log)) = &self.meter {
            if log.level(now) < charge.total() as f64 {
                self.tried = now;
            }
        }
        if let Some(spread) = &mut self.spread {
            spread.take(charge.total().min(spread.limit()), now);
        }
        for meter in self.meters() {
            meter.take(charge.total(), now);
        }
    }

    /// When `n` could have been taken in all, at the best. While the provider's count is a guess, what
    /// its answers say counts, not the guess: a window of seconds looks like one of a minute at first.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        let own = self
            .guard
            .as_ref()
            .map_or(now, |guard| guard.forecast(n, now));
        let theirs = self.meter.as_ref().map_or(now, |meter| {
            let known = meter.forecast(n, now);
            match (meter, self.evidence.end()) {
                (Meter::Log(_), Some(end))
                    if !self.is_told_by_a_person() && !self.evidence.is_timed() =>
                {
                    known.min(now.max(end.low() as Time))
                }
                _ => known,
            }
        });
        own.max(theirs)
    }

    /// Nothing was taken that is not back.
    pub(crate) fn is_full(&self, now: Time) -> bool {
        let mut meters = self.guard.iter().chain(&self.meter);
        meters.all(|meter| meter.is_full(now))
    }

    /// Takes over counts from an earlier time: the larger use is the true one.
    pub(crate) fn take_over(&mut self, own: Option<&Meter>, provider: Option<Meter>, now: Time) {
        if let (Some(guard), Some(own)) = (&mut self.guard, own) {
            guard.catch_up(own, now);
        }
        match (&mut self.meter, provider) {
            (Some(meter), Some(provider)) => meter.catch_up(&provider, now),
            (meter @ None, provider) => *meter = provider,
            _ => {}
        }
    }

    /// The call was answered, either way.
    pub(crate) fn answered(&mut self, charge: Charge) {
        self.unanswered = self.unanswered.saturating_sub(charge.now);
    }

    /// The call was not counted after all.
    pub(crate) fn refund(&mut self, charge: Charge, sent: Time) {
        self.history.correct(charge.now, 0, sent);
        self.open = self.open.saturating_sub(charge.later);
        for meter in self.meters() {
            meter.give(charge.total(), sent);
        }
    }

    /// The call is complete, and took `used` where `charge` was reserved.
    pub(crate) fn settle(&mut self, charge: Charge, used: Charge, sent: Time, now: Time) {
        self.history.correct(charge.now, used.now, sent);
        self.open = self.open.saturating_sub(charge.later);
        self.history.complete(used.later, now);
        let (reserved, took) = (charge.total(), used.total());
        for meter in self.meters() {
            if took > reserved {
                meter.take(took - reserved, now);
            } else {
                meter.give(reserved - took, sent);
            }
        }
    }

    fn meters(&mut self) -> impl Iterator<Item = &mut Meter> {
        self.guard.iter_mut().chain(&mut self.meter)
    }
}

fn guard(limit: &Limit, now: Time, wall: SystemTime) -> Meter {
    let (amount, period) = (limit.amount(), span(limit.period()));
    match limit.shape() {
        Some(Shape::Bucket { burst }) => {
            let burst = limit.part_of(*burst);
            match Bucket::new(burst, limit.every(), ORDER) {
                Some(bucket) => Meter::Bucket(bucket),
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
