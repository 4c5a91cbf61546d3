//! Everything one key holds, and the decisions over it. Pure: callers pass the time. It
//! reads the time of day only where a limit ends at midnight.

mod answer;
mod pump;

pub(crate) use pump::Next;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind, Reason, Target, WallClock};

use super::{
    dial::Dial,
    queue::{Left, Queue, add},
    slots::{Slots, Spacing},
    timer::Home,
    waiting::Waiting,
};
use crate::{Account, Admission, Ask, Held, Learned, Ticket, account::time::span, charge::Charge};

/// A call that waits for tokens is overtaken by smaller ones for no longer than this.
const OVERTAKEN: Duration = Duration::from_secs(60);

/// The account of a key, who waits for it, and who is on the way.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) slots: Slots,
    pub(crate) spacing: Spacing,
    pub(crate) queue: Queue<Granted>,
    pub(crate) dial: Dial,
    /// The time of day, for limits that end at midnight.
    pub(crate) wall: Option<Arc<dyn WallClock>>,
    pub(crate) has_calendar: bool,
    pub(crate) waiting: Waiting,
    pub(crate) paused: bool,
    /// The target whose limits hold, where they are not those of all.
    pub(crate) rule: Option<Target>,
    /// Keys without a place share it.
    pub(crate) shared: bool,
    /// The map has forgotten it: whoever still finds it must ask the map again.
    pub(crate) gone: bool,
    /// What answers taught about estimates.
    pub(crate) learned: Learned,
    pub(crate) used: Instant,
    /// The runtime of the timer.
    pub(crate) home: Option<Home>,
    /// Who was told to look after the timer.
    pub(crate) head: Option<u32>,
    /// Until when the first in the queue is held, and why; `None` where no call waits, or where it
    /// waits for others to end.
    pub(crate) held: Option<(Instant, Held)>,
    /// When one that may overtake it may go.
    pub(crate) passes: Option<Instant>,
}

/// The right to go.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) ticket: Ticket,
    /// Its success is waited for.
    pub(crate) heeded: bool,
}

/// The answer to a call that comes.
#[derive(Debug)]
pub(crate) enum Entry {
    /// Go.
    Go(Granted),
    /// Wait at this place.
    Wait(u32),
    /// Neither; it could have gone at this time.
    Refused(Reason, Option<Instant>),
}

/// What all limits together say.
enum Verdict {
    Go(Granted),
    /// Not before this time, or not before something happens.
    Wait(Option<(Instant, Held)>),
}

impl State {
    /// A call comes.
    #[inline]
    pub(crate) fn enter(&mut self, ask: &Ask) -> Entry {
        self.used = ask.now;
        self.look_at_clock(ask.now);
        if ask.latest.is_some_and(|latest| latest < ask.now) {
            return Entry::Refused(ask.late, None);
        }
        if self.is_too_large(ask) {
            return Entry::Refused(Reason::TooLarge, None);
        }
        let is_first = self.queue.is_empty() || self.is_first(ask);
        let mut held = self.held;
        if is_first || self.may_overtake(ask) {
            held = match self.admit(ask.cost(), ask.now) {
                Verdict::Go(granted) => return Entry::Go(granted),
                Verdict::Wait(held) => held,
            };
            if is_first {
                self.held = held;
            }
        }
        self.wait(ask, held.map(|(_, held)| held))
    }

    fn is_first(&self, ask: &Ask) -> bool {
        self.queue
            .is_first(ask.priority, self.dial.time(ask.arrival))
    }

    /// The first in the queue waits for more tokens than this call takes, and so does every other one.
    fn may_overtake(&self, ask: &Ask) -> bool {
        let is_spared = self.is_passable(ask.now) && self.account.spares(ask.cost(), ask.now);
        is_spared && !self.has_spared(ask.now)
    }

    /// A stated wait holds the first in the queue, which came not long ago.
    fn is_passable(&self, now: Instant) -> bool {
        if !self.account.may_spare(now) || !matches!(self.held, Some((_, Held::Stated))) {
            return false;
        }
        let since = self.dial.time(now).saturating_sub(span(OVERTAKEN));
        self.queue.first_arrival() >= Some(since)
    }

    /// Asks for the time of day, before a decision or a look, where a limit ends at midnight.
    #[inline]
    pub(crate) fn look_at_clock(&mut self, now: Instant) {
        if self.has_calendar {
            self.read_clock(now);
        }
    }

    #[cold]
    fn read_clock(&mut self, now: Instant) {
        if let Some(wall) = &self.wall {
            self.account.set_wall(wall.now(), now);
        }
    }

    /// An estimate is no reason: the provider is the judge of that.
    fn is_too_large(&self, ask: &Ask) -> bool {
        ask.expected.is_stated() && self.account.fits(ask.cost()).is_err()
    }

    /// It cannot go at once: it waits, or is refused because waiting is of no use.
    #[cold]
    fn wait(&mut self, ask: &Ask, held: Option<Held>) -> Entry {
        let (arrival, cost) = (self.dial.time(ask.arrival), ask.cost());
        let before = self.queue.before(ask.priority, arrival);
        let at = self.forecast(&before, cost, ask.now);
        if self.waiting.shed && !held.is_some_and(Held::is_guess) {
            return Entry::Refused(Reason::WaitTooLong, at);
        }
        let is_late = ask.latest.zip(at).is_some_and(|(latest, at)| at > latest);
        let is_spared = self.account.spares(cost, ask.now);
        let is_free = is_spared && (self.queue.is_empty() || self.is_passable(ask.now));
        if is_late && !is_free {
            return Entry::Refused(ask.late, at);
        }
        if self.queue.len() >= self.waiting.most {
            return Entry::Refused(Reason::QueueFull, at);
        }
        let expires = self.dial.end(ask.latest);
        Entry::Wait(self.queue.enter(ask.priority, arrival, expires, cost))
    }

    /// When a call of this cost could go at the earliest, after those before it, as far as facts say;
    /// `None` if there are none.
    pub(crate) fn forecast(&mut self, before: &Cost, cost: &Cost, now: Instant) -> Option<Instant> {
        if self.paused {
            return None;
        }
        let total = add(before, cost);
        let at = self.account.forecast(&total, now);
        let calls = before.requests().min(self.queue.len() as u64);
        let at = at.max(self.spacing.after(calls, now));
        (at > now || self.slots.has_room()).then_some(at)
    }

    /// How long a closed gate makes a call of this cost wait here, where that is as long as the provider
    /// stated and a call may wait at all.
    pub(crate) fn gated(&self, cost: &Cost, stated: Duration, now: Instant) -> Option<Duration> {
        if stated.is_zero() || self.waiting.shed || self.queue.len() >= self.waiting.most {
            return None;
        }
        let takes = |kind: LimitKind| Charge::of(cost, kind).total() > 0;
        let gates = self.account.closed(now);
        let gates = gates.filter(|gate| gate.stated && gate.kind.is_none_or(takes));
        let until = gates.map(|gate| gate.until).max()?;
        Some(until.saturating_duration_since(now)).filter(|wait| *wait >= stated)
    }

    /// When a call of this cost would go, after those before it, as far as one can tell; `None` while
    /// it waits for others to end.
    pub(crate) fn outlook(&mut self, before: &Cost, cost: &Cost, now: Instant) -> Option<Instant> {
        let sure = self.forecast(before, cost, now)?;
        Some(sure.max(self.account.expect(&add(before, cost), now)))
    }

    /// May a call of this cost go now? Everything takes its part of it, or nothing does.
    #[inline]
    fn admit(&mut self, cost: &Cost, now: Instant) -> Verdict {
        self.slots.tidy(now);
        if self.paused {
            return Verdict::Wait(None);
        }
        if !self.slots.has_room() {
            let until = self.slots.until();
            return Verdict::Wait(until.map(|until| (until, Held::Concurrency)));
        }
        if let Some(at) = self.spacing.opens(now) {
            return Verdict::Wait(Some((at, Held::Spacing)));
        }
        // Before it is admitted: afterwards it may itself be what is waited for.
        let heeded = self.heeds();
        match self.account.admit(cost, self.queue.len(), now) {
            Admission::Admitted(ticket) => {
                self.slots.take(now);
                self.spacing.take(now);
                Verdict::Go(Granted { ticket, heeded })
            }
            Admission::NotBefore(at, held) => Verdict::Wait(Some((at, held))),
        }
    }

    /// Somebody gives up its place, and with it a grant that it may not have heard of.
    pub(crate) fn leave(&mut self, at: u32, now: Instant) {
        if self.head == Some(at) {
            self.head = None;
        }
        if let Left::Granted(granted) = self.queue.leave(at) {
            self.take_back(granted, now);
        }
    }

    /// A call that is admitted now should tell of its success at the head.
    #[inline]
    pub(crate) fn heeds(&self) -> bool {
        self.slots.heeds() || self.account.wants_success()
    }

    /// A call that was admitted does not go.
    fn take_back(&mut self, granted: Granted, now: Instant) {
        self.account.refund(granted.ticket, now);
        self.slots.give(false);
    }

    /// From now on, keys without a place share it. The provider's word to one of them says nothing of
    /// the others.
    pub(crate) fn share(&mut self) {
        self.shared = true;
        self.account.forget_lessons();
    }

    /// Nothing would be lost but what was learned, if it were forgotten.
    pub(crate) fn is_idle(&mut self, now: Instant) -> bool {
        self.look_at_clock(now);
        let quiet = self.queue.places() == 0 && self.slots.taken() == 0;
        quiet && self.spacing.opens(now).is_none() && self.account.is_idle(now)
    }
}
