//! What answers tell of one limit: the provider's own count, as far as it shows.

mod answer;

use tollgate_core::Dimension;

use crate::{
    charge::Charge,
    drain::Drain,
    history::History,
    learn::Evidence,
    ledger::GUARD,
    limit::Limit,
    meter::{Bucket, Meter, Room},
    others::Others,
    time::Time,
};

pub(crate) use answer::{Sent, doubt};

/// Seconds. A whole limit that was learned is sent out over this time, not at once: what is in flight when
/// others turn out to have been quicker is lost (scenario 4u).
const SPREAD: f64 = 0.25;

/// The provider's count of one limit. Without an answer that spoke of it, only what was sent.
#[derive(Debug, Clone)]
pub(crate) struct Follow {
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

impl Follow {
    /// Begins with the answer to a call that was counted as so much, while this much is under way.
    pub(crate) fn new(answered: (u64, Time), (under_way, sent): (Charge, Time)) -> Self {
        let mut history = History::new();
        for (n, at) in [answered, (under_way.now, sent)] {
            if n > 0 {
                history.send(n, at);
            }
        }
        Self {
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
            history,
            unanswered: under_way.now,
            open: under_way.later,
        }
    }

    /// The provider's own count, once an answer spoke of it.
    pub(crate) const fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    pub(crate) const fn meter_mut(&mut self) -> Option<&mut Meter> {
        self.meter.as_mut()
    }

    /// Nothing about it is left to find out.
    pub(crate) fn is_proven(&self) -> bool {
        self.evidence.proven().is_some() || matches!(self.meter, Some(Meter::Fixed(_)))
    }

    pub(crate) const fn history(&self) -> &History {
        &self.history
    }

    /// When the window ends, as far as answers tell.
    pub(crate) fn end(&self) -> Option<Time> {
        match &self.meter {
            Some(Meter::Fixed(fixed)) => Some(fixed.end),
            _ => self.evidence.end().map(|end| end.high() as Time),
        }
    }

    pub(crate) fn advance(&mut self, now: Time) {
        let Some(meter) = &mut self.meter else {
            return;
        };
        meter.advance(now);
        match meter {
            Meter::Fixed(fixed) => {
                self.others
                    .begin_if_new(fixed.start, fixed.end, fixed.limit);
            }
            Meter::Log(log) => self.others.roll(now, log.period, log.limit),
            Meter::Bucket(_) => {}
        }
    }

    pub(crate) fn room(&self, charge: Charge, now: Time) -> Room {
        let n = charge.total();
        let Some(meter) = &self.meter else {
            return Room::Now;
        };
        let apart = self
            .spread
            .as_ref()
            .map_or(Room::Now, |spread| spread.room(n.min(spread.limit()), now));
        apart.and(self.room_beside_others(meter, n, now))
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

    /// When `n` could have been taken in all, by what is thought of the provider's count.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        let meter = self.meter.as_ref();
        meter.map_or(now, |meter| meter.forecast(n, now))
    }

    /// The same, by what answers say where the length of the window is a guess: one of seconds looks
    /// like one of a minute at first.
    pub(crate) fn sure_forecast(&self, n: u64, now: Time) -> Time {
        let thought = self.forecast(n, now);
        match (&self.meter, self.evidence.end()) {
            (Some(Meter::Log(_)), Some(end)) if !self.evidence.is_timed() => {
                thought.min(now.max(end.low() as Time))
            }
            _ => thought,
        }
    }

    pub(crate) fn take(&mut self, charge: Charge, now: Time) {
        self.history.send(charge.now, now);
        self.open = self.open.saturating_add(charge.later);
        self.unanswered = self.unanswered.saturating_add(charge.now);
        let Some(meter) = &mut self.meter else {
            return;
        };
        self.others.ask(now);
        if let Meter::Log(log) = meter {
            if log.level(now) < charge.total() as f64 {
                self.tried = now;
            }
        }
        if let Some(spread) = &mut self.spread {
            spread.take(charge.total().min(spread.limit()), now);
        }
        meter.take(charge.total(), now);
    }

    /// Takes over a count from an earlier time: the larger use is the true one.
    pub(crate) fn take_over(&mut self, other: Meter, now: Time) {
        match &mut self.meter {
            Some(meter) => meter.catch_up(&other, now),
            meter => *meter = Some(other),
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
        if let Some(meter) = &mut self.meter {
            meter.give(charge.total(), sent);
        }
    }

    /// The call is complete, and took `used` where `charge` was reserved.
    pub(crate) fn settle(&mut self, charge: Charge, used: Charge, sent: Time, now: Time) {
        if charge.now != used.now {
            self.history.correct(charge.now, used.now, sent);
        }
        self.open = self.open.saturating_sub(charge.later);
        if used.later > 0 {
            self.history.complete(used.later, now);
        }
        if let Some(meter) = &mut self.meter {
            meter.settle(charge.total(), used.total(), sent, now);
        }
    }

    /// An answer speaks of this limit, of which a person said `told`. True if it is another than was
    /// known.
    pub(crate) fn answer(
        &mut self,
        said: &Dimension,
        told: Option<&Limit>,
        sent: Sent,
        now: Time,
    ) -> bool {
        let size = |meter: &Meter| (std::mem::discriminant(meter), meter.limit());
        let before = self.meter.as_ref().map(size);
        self.heed(said, told, sent, now);
        before != self.meter.as_ref().map(size)
    }
}
