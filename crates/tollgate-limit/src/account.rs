//! Several limits, decided together.

use std::time::SystemTime;

use tokio::time::Instant;
use tollgate_core::{Classification, Cost, Dimension, LimitKind, Quota, Random, Usage};

use crate::{
    Limit, LimitError,
    charge::Charge,
    gate::{Gate, Verdict},
    history::History,
    ledger::{Ledger, Sent},
    ramp::Ramp,
    meter::Room,
    pace::Pace,
    ticket::{Admission, Ticket, TooLarge},
    time::{Epoch, Time},
};

/// Everything one key may do: the limits of one account at one provider, decided together or not at
/// all.
#[derive(Debug)]
pub struct Account {
    epoch: Epoch,
    ledgers: Vec<Ledger>,
    gates: Vec<Gate>,
    ramp: Ramp,
    /// The search for a limit that no header tells.
    pace: Option<Pace>,
    tickets: u64,
    /// What calls without an answer take.
    in_flight: Cost,
    random: Random,
}

/// How many limits an account counts: those of a quota, and as many configured ones.
const LEDGERS: usize = 2 * Quota::CAPACITY;

impl Account {
    /// An account with these limits; none are needed. `wall` is the time of day at `now`.
    ///
    /// # Errors
    ///
    /// When a limit can not be kept.
    pub fn new(
        limits: &[Limit],
        random: Random,
        now: Instant,
        wall: SystemTime,
    ) -> Result<Self, LimitError> {
        limits.iter().try_for_each(Limit::check)?;
        let mut epoch = Epoch::new(now);
        let start = epoch.read(now);
        let configured = limits.iter().map(|limit| Ledger::configured(limit, start, wall));
        let ledgers: Vec<Ledger> = configured.collect();
        let known = !ledgers.is_empty() && ledgers.iter().all(Ledger::is_proven);
        Ok(Self {
            epoch,
            ledgers,
            gates: vec![Gate::new(None)],
            ramp: if known { Ramp::done() } else { Ramp::new() },
            pace: None,
            tickets: 0,
            in_flight: Cost::default().with_requests(0),
            random,
        })
    }

    /// May a call of this cost go now? All limits take its cost, or none does.
    pub fn admit(&mut self, cost: &Cost, now: Instant) -> Admission {
        let now = self.advance(now);
        let gates = self.gates.iter().filter(|gate| concerns(gate.kind, cost));
        let closed = gates.map(|gate| gate.opens(now)).fold(self.ramp.opens(), Time::max);
        match self.room(cost, now) {
            Err(large) => Admission::Never(large),
            Ok(Room::Now) if closed <= now => Admission::Admitted(self.take(cost, now)),
            Ok(Room::At(at)) => self.not_before(at.max(closed), now),
            Ok(_) => self.not_before(closed, now),
        }
    }

    /// The head of a successful answer came.
    pub fn answer(&mut self, ticket: &mut Ticket, quota: &Quota, now: Instant) {
        let now = self.advance(now);
        if std::mem::replace(&mut ticket.answered, true) {
            return;
        }
        for gate in &mut self.gates {
            gate.serve(ticket.number);
        }
        self.read(ticket, quota, true, now);
        self.look_for_more(ticket, quota, now);
    }

    /// Without headers the limit must be found; with them, a search that found nothing yet ends.
    fn look_for_more(&mut self, ticket: &Ticket, quota: &Quota, now: Time) {
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

    /// The provider turned the call away.
    #[allow(clippy::needless_pass_by_value)]
    pub fn reject(&mut self, ticket: Ticket, seen: &Classification, quota: &Quota, now: Instant) {
        let now = self.advance(now);
        for ledger in &mut self.ledgers {
            ledger.refund(Charge::of(&ticket.cost, ledger.kind), ticket.sent);
        }
        if let Some(pace) = &mut self.pace {
            pace.give(ticket.number, ticket.cost.requests(), ticket.sent, true);
        }
        let (next, random) = (self.tickets + 1, &self.random);
        let gate = &mut self.gates[0];
        let told = seen.wait();
        let verdict = gate.reject((ticket.number, ticket.sent), next, told, random, now);
        let (sure, opens) = (gate.is_sure(), gate.opens(now));
        if verdict != Verdict::Old {
            let explained = |ledger: &Ledger| ledger.explains(&ticket.cost, quota);
            if self.pace.is_none() && !self.ledgers.iter().any(explained) {
                self.pace = Some(Pace::new(self.sent_so_far(&ticket), now));
            }
            if let Some(pace) = &mut self.pace {
                pace.reject(ticket.sent, told, sure, (now, opens));
            }
        }
        if !ticket.answered {
            self.read(&ticket, quota, false, now);
        }
    }

    /// The answer is complete, and this is what it took.
    #[allow(clippy::needless_pass_by_value)]
    pub fn settle(&mut self, ticket: Ticket, usage: &Usage, now: Instant) {
        let now = self.advance(now);
        for ledger in &mut self.ledgers {
            let charge = Charge::of(&ticket.cost, ledger.kind);
            let used = Charge::used(&ticket.cost, usage, ledger.kind);
            ledger.settle(charge, used, ticket.sent, now);
        }
    }

    /// The call never reached the provider.
    #[allow(clippy::needless_pass_by_value)]
    pub fn refund(&mut self, ticket: Ticket, now: Instant) {
        self.advance(now);
        if let Some(pace) = &mut self.pace {
            pace.give(ticket.number, ticket.cost.requests(), ticket.sent, false);
        }
        for gate in &mut self.gates {
            gate.forget(ticket.number);
        }
        if !ticket.answered {
            self.ramp.forget();
            self.in_flight = combine(&self.in_flight, &ticket.cost, u64::saturating_sub);
        }
        for ledger in &mut self.ledgers {
            let charge = Charge::of(&ticket.cost, ledger.kind);
            ledger.refund(charge, ticket.sent);
            if !ticket.answered {
                ledger.answered(charge);
            }
        }
    }

    /// The requests that were sent before a search begins.
    fn sent_so_far(&self, ticket: &Ticket) -> History {
        let counts = |ledger: &&Ledger| ledger.kind == LimitKind::Requests;
        self.ledgers.iter().find(counts).map_or_else(
            || {
                let mut sent = History::new();
                sent.send(self.tickets, ticket.sent);
                sent
            },
            |ledger| ledger.history().clone(),
        )
    }

    fn advance(&mut self, now: Instant) -> Time {
        let now = self.epoch.read(now);
        for ledger in &mut self.ledgers {
            ledger.advance(now);
        }
        if let Some(pace) = &mut self.pace {
            pace.advance(now);
        }
        now
    }

    fn not_before(&self, at: Time, now: Time) -> Admission {
        Admission::NotBefore(self.epoch.instant(at.max(now + 1)))
    }

    fn room(&self, cost: &Cost, now: Time) -> Result<Room, TooLarge> {
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

    fn take(&mut self, cost: &Cost, now: Time) -> Ticket {
        self.tickets += 1;
        for ledger in &mut self.ledgers {
            ledger.take(Charge::of(cost, ledger.kind), now);
        }
        for gate in &mut self.gates {
            if concerns(gate.kind, cost) {
                gate.pass(self.tickets, now);
            }
        }
        if let Some(pace) = &mut self.pace {
            pace.take(self.tickets, cost.requests(), now);
        }
        self.ramp.send(now);
        self.in_flight = combine(&self.in_flight, cost, u64::saturating_add);
        Ticket {
            number: self.tickets,
            sent: now,
            cost: *cost,
            answered: false,
        }
    }

    /// Takes in what an answer says about each limit.
    fn read(&mut self, ticket: &Ticket, quota: &Quota, served: bool, now: Time) {
        self.in_flight = combine(&self.in_flight, &ticket.cost, u64::saturating_sub);
        for ledger in &mut self.ledgers {
            ledger.answered(Charge::of(&ticket.cost, ledger.kind));
        }
        for said in quota.iter() {
            if let Some(ledger) = self.ledger_of(said, ticket, now) {
                let counted = Charge::of(&ticket.cost, said.kind).now;
                let sent = Sent {
                    number: ticket.number,
                    at: ticket.sent,
                    counted: if served { counted } else { 0 },
                    refused: (!served).then(|| Charge::of(&ticket.cost, said.kind).total()),
                };
                ledger.answer(said, sent, now);
            }
        }
        self.ramp.answer(self.ledgers.iter().all(Ledger::is_proven));
    }

    /// The ledger a header speaks of; a new one where there is none yet.
    fn ledger_of(
        &mut self,
        said: &Dimension,
        ticket: &Ticket,
        now: Time,
    ) -> Option<&mut Ledger> {
        let same = |ledger: &Ledger| ledger.kind == said.kind && ledger.window == said.window;
        let near = |ledger: &Ledger| {
            let open = ledger.window.is_none() || said.window.is_none();
            ledger.kind == said.kind && open
        };
        let found = self.ledgers.iter().position(same);
        let found = found.or_else(|| self.ledgers.iter().position(near));
        if found.is_none() && self.ledgers.len() < LEDGERS && said.limit.is_some() {
            let mut born = Ledger::learned(said.kind, said.window);
            born.take(Charge::of(&ticket.cost, said.kind), ticket.sent);
            born.take(Charge::of(&self.in_flight, said.kind), now);
            born.answered(Charge::of(&ticket.cost, said.kind));
            self.ledgers.push(born);
            return self.ledgers.last_mut();
        }
        self.ledgers.get_mut(found?)
    }
}

/// Two costs, part by part.
fn combine(a: &Cost, b: &Cost, with: impl Fn(u64, u64) -> u64) -> Cost {
    Cost::default()
        .with_requests(with(a.requests(), b.requests()))
        .with_input_tokens(with(a.input_tokens(), b.input_tokens()))
        .with_output_tokens(with(a.output_tokens(), b.output_tokens()))
        .with_images(with(a.images(), b.images()))
}

/// Does a closed gate of this kind hold back a call of this cost?
fn concerns(kind: Option<LimitKind>, cost: &Cost) -> bool {
    kind.is_none_or(|kind| Charge::of(cost, kind).total() > 0)
}
