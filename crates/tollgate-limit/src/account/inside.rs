//! What happens to the parts of an account.

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, Dimension, LimitKind, Quota, Scope};

use super::{Account, Change, Ignored, LEDGERS};
use crate::{
    charge::Charge,
    follow::{Sent, doubt},
    gate::{Gate, Verdict},
    history::History,
    ledger::Ledger,
    meter::Room,
    pace::Pace,
    ramp::Ramp,
    ticket::{Admission, Ticket, TooLarge},
    time::Time,
};

impl Account {
    #[inline(never)]
    pub(super) fn served(&mut self, ticket: &Ticket, quota: &Quota, now: Instant) {
        let now = self.advance(now);
        for at in 0..self.shut() {
            if self.gates[at].serve(ticket.number) {
                self.reopened(at);
            }
        }
        self.read(ticket, quota, true, now);
        self.look_for_more(ticket, quota, now);
        self.look();
    }

    #[inline(never)]
    pub(super) fn end(
        &mut self,
        ticket: &Ticket,
        used: impl Fn(LimitKind) -> Charge,
        now: Instant,
    ) {
        let now = self.advance(now);
        if !ticket.answered {
            self.forget(ticket);
            self.read(ticket, &Quota::new(), true, now);
        }
        self.reserved = combine(&self.reserved, &ticket.cost, false);
        for ledger in &mut self.ledgers {
            let charge = Charge::of(&ticket.cost, ledger.kind);
            ledger.settle(charge, used(ledger.kind), ticket.sent, now);
        }
    }

    /// How many gates must be looked at: none where all are open.
    pub(super) fn shut(&self) -> usize {
        if self.is_shut { self.gates.len() } else { 0 }
    }

    fn reopened(&mut self, gate: usize) {
        let kind = self.gates[gate].kind;
        self.look();
        self.note(Change::Reopened { kind });
    }

    /// Nobody learns how the call ended: another one tries.
    pub(super) fn forget(&mut self, ticket: &Ticket) {
        for gate in &mut self.gates {
            gate.forget(ticket.number);
        }
    }

    pub(super) fn give_back(&mut self, ticket: &Ticket, refused: bool) {
        self.reserved = combine(&self.reserved, &ticket.cost, false);
        for ledger in &mut self.ledgers {
            ledger.refund(Charge::of(&ticket.cost, ledger.kind), ticket.sent);
        }
        if let Some(pace) = &mut self.pace {
            pace.give(ticket.number, ticket.cost.requests(), ticket.sent, refused);
        }
    }

    /// A rejection closes the gate it names, and says something to the search for a limit.
    pub(super) fn close(
        &mut self,
        ticket: &Ticket,
        seen: &Classification,
        quota: &Quota,
        now: Time,
    ) {
        let kind = seen.limit().filter(|_| seen.scope() == Scope::Limit);
        let at = self.gate_of(kind);
        let (next, told) = (self.tickets + 1, seen.wait());
        let hint = (seen.class(), told);
        let gate = &mut self.gates[at];
        let verdict = gate.reject((ticket.number, ticket.sent), next, hint, &self.random, now);
        let (sure, opens) = (gate.is_sure(), gate.opens(now));
        if verdict == Verdict::Old {
            return;
        }
        self.is_shut = true;
        let until = self.epoch.instant(opens);
        self.note(Change::Closed { kind, until });
        if told.is_some_and(Gate::is_too_far) {
            let what = Ignored::FarWait;
            self.note(Change::Ignored { kind, what });
        }
        let limited = seen.class() == Class::RateLimited;
        if limited {
            let meant = |ledger: &&mut Ledger| seen.limit().is_none_or(|kind| kind == ledger.kind);
            let ledgers = self.ledgers.iter_mut().filter(meant);
            ledgers.for_each(Ledger::be_stricter);
        }
        let explained = self.explains(&ticket.cost, quota);
        if limited && !quota.is_empty() && !explained {
            let what = Ignored::EnoughLeft;
            self.note(Change::Ignored { kind, what });
        }
        // Only a limit of requests is searched for: tokens are too uneven to be found by trying.
        if !matches!(seen.limit(), None | Some(LimitKind::Requests)) {
            return;
        }
        if limited && self.pace.is_none() && !explained {
            self.pace = Some(Pace::new(self.sent_so_far(ticket), now));
        }
        match &mut self.pace {
            Some(pace) if verdict == Verdict::Confirmed => pace.confirm(told, now),
            Some(pace) => pace.reject(ticket.sent, told, sure, (now, opens)),
            None => {}
        }
    }

    /// A limit that the rejection speaks of, and that can be followed, had too little left.
    fn explains(&self, cost: &Cost, quota: &Quota) -> bool {
        let is_known = |kind| self.ledgers.iter().any(|ledger| ledger.kind == kind);
        quota.iter().any(|said| {
            let asked = Charge::of(cost, said.kind).total();
            let told = said.limit.is_some_and(|limit| limit > 0);
            said.remaining.is_some_and(|left| left < asked) && (told || is_known(said.kind))
        })
    }

    /// Without headers the limit must be found; with them, a search that found nothing yet ends.
    pub(super) fn look_for_more(&mut self, ticket: &Ticket, quota: &Quota, now: Time) {
        let told = self.ledgers.iter().any(Ledger::is_told);
        match &self.pace {
            None if quota.is_empty() && !told => {
                self.pace = Some(Pace::new(self.sent_so_far(ticket), now));
                self.ramp = Ramp::done();
            }
            Some(pace) if pace.is_climbing() && told => self.pace = None,
            _ => {}
        }
    }

    /// The requests that were sent before a search begins.
    pub(super) fn sent_so_far(&self, ticket: &Ticket) -> History {
        let counts = |ledger: &&Ledger| ledger.kind == LimitKind::Requests;
        let kept = self.ledgers.iter().find(counts).and_then(Ledger::history);
        kept.cloned().unwrap_or_else(|| {
            let mut sent = History::new();
            sent.send(self.tickets, ticket.sent);
            sent
        })
    }

    pub(super) fn advance(&mut self, now: Instant) -> Time {
        let now = self.epoch.read(now);
        for ledger in &mut self.ledgers {
            ledger.advance(now);
        }
        if let Some(pace) = &mut self.pace {
            pace.advance(now);
        }
        now
    }

    pub(super) fn not_before(&self, at: Time, now: Time) -> Admission {
        Admission::NotBefore(self.epoch.instant(at.max(now + 1)))
    }

    pub(super) fn room(&self, cost: &Cost, now: Time) -> Result<Room, TooLarge> {
        let mut all = Room::Now;
        for ledger in &self.ledgers {
            let charge = Charge::of(cost, ledger.kind);
            match ledger.room(charge, now) {
                Room::Never(limit) => {
                    return Err(TooLarge::new(ledger.kind, charge.total(), limit));
                }
                room => all = all.and(room),
            }
        }
        let pace = self.pace.as_ref();
        Ok(pace.map_or(all, |pace| all.and(pace.room(cost.requests(), now))))
    }

    pub(super) fn take(&mut self, cost: &Cost, now: Time) -> Ticket {
        self.tickets += 1;
        for ledger in &mut self.ledgers {
            ledger.take(Charge::of(cost, ledger.kind), now);
        }
        for at in 0..self.shut() {
            let gate = &mut self.gates[at];
            if concerns(gate.kind, cost) && gate.pass(self.tickets, now) {
                self.reopened(at);
            }
        }
        if let Some(pace) = &mut self.pace {
            pace.take(self.tickets, cost.requests(), now);
        }
        self.ramp.send(now);
        self.in_flight = combine(&self.in_flight, cost, true);
        self.reserved = combine(&self.reserved, cost, true);
        Ticket {
            number: self.tickets,
            sent: now,
            cost: *cost,
            answered: false,
        }
    }

    /// Takes in what an answer says about each limit.
    pub(super) fn read(&mut self, ticket: &Ticket, quota: &Quota, served: bool, now: Time) {
        self.in_flight = combine(&self.in_flight, &ticket.cost, false);
        for ledger in self.ledgers.iter_mut().filter(|ledger| !ledger.is_plain()) {
            ledger.answered(Charge::of(&ticket.cost, ledger.kind));
        }
        for said in quota.iter() {
            let under_way = Charge {
                now: Charge::of(&self.in_flight, said.kind).now,
                later: Charge::of(&self.reserved, said.kind).later,
            };
            if let Some(ledger) = self.ledger_of(said) {
                let counted = Charge::of(&ticket.cost, said.kind).now;
                let sent = Sent {
                    number: ticket.number,
                    at: ticket.sent,
                    counted: if served { counted } else { 0 },
                    refused: (!served).then(|| Charge::of(&ticket.cost, said.kind).total()),
                };
                let (kind, window) = (ledger.kind, ledger.window);
                let learned = ledger.answer(said, under_way, sent, now);
                let learned = learned.then(|| ledger.learnt()).flatten();
                if let Some((limit, counts)) = learned {
                    self.learned = true;
                    self.note(Change::Learned {
                        kind,
                        window,
                        limit,
                        counts,
                    });
                }
            }
            if let Some(what) = doubt(said) {
                let kind = Some(said.kind);
                self.note(Change::Ignored { kind, what });
            }
        }
        let proven = self.ledgers.iter().all(Ledger::is_proven);
        self.ramp.answer(served, proven);
    }

    /// The ledger a header speaks of; a new one where there is none yet.
    pub(super) fn ledger_of(&mut self, said: &Dimension) -> Option<&mut Ledger> {
        let same = |ledger: &Ledger| ledger.kind == said.kind && ledger.window == said.window;
        let near = |ledger: &Ledger| {
            let open = ledger.window.is_none() || said.window.is_none();
            ledger.kind == said.kind && open
        };
        let found = self.ledgers.iter().position(same);
        let found = found.or_else(|| self.ledgers.iter().position(near));
        if found.is_none() && self.ledgers.len() < LEDGERS && said.limit.is_some() {
            self.ledgers.push(Ledger::learned(said.kind, said.window));
            return self.ledgers.last_mut();
        }
        self.ledgers.get_mut(found?)
    }
}

/// Adds a cost, or takes one off, part by part. Sums that overflow come back when what made them too
/// large is taken off again.
#[inline]
pub(super) fn combine(a: &Cost, b: &Cost, add: bool) -> Cost {
    const fn part(a: u64, b: u64, add: bool) -> u64 {
        if add {
            a.wrapping_add(b)
        } else {
            a.wrapping_sub(b)
        }
    }
    Cost::default()
        .with_requests(part(a.requests(), b.requests(), add))
        .with_input_tokens(part(a.input_tokens(), b.input_tokens(), add))
        .with_output_tokens(part(a.output_tokens(), b.output_tokens(), add))
        .with_images(part(a.images(), b.images(), add))
}

/// Does a closed gate of this kind hold back a call of this cost?
pub(super) fn concerns(kind: Option<LimitKind>, cost: &Cost) -> bool {
    kind.is_none_or(|kind| Charge::of(cost, kind).total() > 0)
}
