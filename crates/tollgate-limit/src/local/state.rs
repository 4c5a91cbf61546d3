//! Everything one key holds, and the decisions over it. Pure: it is told the time.

mod answer;
mod pump;

use tokio::time::Instant;
use tollgate_core::{Cost, Reason};

use super::{dial::Dial, timer::Home, waiting::Waiting};
use crate::{
    Account, Admission, Ask, Learned, Ticket,
    queue::{Left, Queue, add},
    slots::{Slots, Spacing},
};

/// The account of a key, who waits for it, and who is on the way.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) slots: Slots,
    pub(crate) spacing: Spacing,
    pub(crate) queue: Queue<Granted>,
    pub(crate) dial: Dial,
    pub(crate) waiting: Waiting,
    pub(crate) paused: bool,
    /// The map has forgotten it: whoever still finds it must ask the map again.
    pub(crate) gone: bool,
    /// What answers taught about estimates.
    pub(crate) learned: Learned,
    pub(crate) used: Instant,
    /// The runtime of the timer.
    pub(crate) home: Option<Home>,
    /// Who was told to look after the timer.
    pub(crate) head: Option<u32>,
}

/// The right to go.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) ticket: Ticket,
    /// Its success is waited for.
    pub(crate) heeded: bool,
}

/// What a call is told that comes.
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
    Wait(Option<Instant>),
    Never,
}

impl State {
    /// A call comes, and may go at once: the short way, for those who meet nobody and nothing. `None`
    /// says nothing, and nothing has changed then.
    #[inline]
    pub(crate) fn pass(&mut self, ask: &Ask) -> Option<Granted> {
        let now = ask.now;
        let late = ask.latest.is_some_and(|latest| latest < now);
        let waits = self.paused || !self.slots.has_room() || self.spacing.opens(now).is_some();
        if late || waits || !self.queue.is_empty() {
            return None;
        }
        let heeded = self.heeds();
        let ticket = self.account.admit_plain(ask.cost(), now)?;
        self.used = now;
        self.slots.take();
        self.spacing.take(now);
        Some(Granted { ticket, heeded })
    }

    /// A call comes.
    pub(crate) fn enter(&mut self, ask: &Ask) -> Entry {
        self.used = ask.now;
        if ask.latest.is_some_and(|latest| latest < ask.now) {
            return Entry::Refused(ask.late, None);
        }
        if self.queue.is_empty() || self.is_first(ask) {
            match self.admit(ask.cost(), ask.now) {
                Verdict::Go(granted) => return Entry::Go(granted),
                Verdict::Never => return Entry::Refused(Reason::TooLarge, None),
                Verdict::Wait(_) => {}
            }
        }
        self.wait(ask)
    }

    fn is_first(&self, ask: &Ask) -> bool {
        self.queue
            .is_first(ask.priority, self.dial.time(ask.arrival))
    }

    /// It can not go at once: it waits, or hears that waiting is of no use.
    #[cold]
    fn wait(&mut self, ask: &Ask) -> Entry {
        let arrival = self.dial.time(ask.arrival);
        if self.account.fits(ask.cost(), ask.now).is_err() {
            return Entry::Refused(Reason::TooLarge, None);
        }
        let before = self.queue.before(ask.priority, arrival);
        let at = self.forecast(&before, ask.cost(), ask.now);
        let hopeless = ask.latest.zip(at).is_some_and(|(latest, at)| at > latest);
        if self.waiting.shed {
            return Entry::Refused(Reason::WaitTooLong, at);
        }
        if hopeless {
            return Entry::Refused(ask.late, at);
        }
        if self.queue.len() >= self.waiting.most {
            return Entry::Refused(Reason::QueueFull, at);
        }
        let expires = self.dial.end(ask.latest);
        let cost = ask.cost();
        Entry::Wait(self.queue.enter(ask.priority, arrival, expires, cost))
    }

    /// When a call of this cost could go at the earliest, after those before it; `None` if that is
    /// not known.
    pub(crate) fn forecast(&mut self, before: &Cost, cost: &Cost, now: Instant) -> Option<Instant> {
        if self.paused {
            return None;
        }
        let total = add(before, cost);
        let at = self.account.forecast(&total, now);
        let at = at.max(self.spacing.after(before.requests(), now));
        (at > now || self.slots.has_room()).then_some(at)
    }

    /// The forecast for people and routers: `None` also while calls wait for a provider's first answers.
    pub(crate) fn outlook(&mut self, before: &Cost, cost: &Cost, now: Instant) -> Option<Instant> {
        let at = self.forecast(before, cost, now)?;
        (at > now || !self.account.is_starting(now)).then_some(at)
    }

    /// May a call of this cost go now? Everything takes its part of it, or nothing does.
    fn admit(&mut self, cost: &Cost, now: Instant) -> Verdict {
        if self.paused || !self.slots.has_room() {
            return Verdict::Wait(None);
        }
        if let Some(at) = self.spacing.opens(now) {
            return Verdict::Wait(Some(at));
        }
        // Before it is admitted: afterwards it may itself be what is waited for.
        let heeded = self.heeds();
        match self.account.admit(cost, now) {
            Admission::Admitted(ticket) => {
                self.slots.take();
                self.spacing.take(now);
                Verdict::Go(Granted { ticket, heeded })
            }
            Admission::NotBefore(at) => Verdict::Wait(Some(at)),
            Admission::Never(_) => Verdict::Never,
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
        self.slots.heeds() || self.account.heeds()
    }

    /// A call that was admitted does not go.
    fn take_back(&mut self, granted: Granted, now: Instant) {
        self.account.refund(granted.ticket, now);
        self.slots.give(false);
    }

    /// Nothing would be lost but what was learned, if it were forgotten.
    pub(crate) fn is_idle(&mut self, now: Instant) -> bool {
        let quiet = self.queue.places() == 0 && self.slots.taken() == 0;
        quiet && self.spacing.opens(now).is_none() && self.account.is_idle(now)
    }
}
