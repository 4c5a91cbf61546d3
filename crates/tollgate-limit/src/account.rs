//! Several limits, decided together.

use std::time::SystemTime;

use tokio::time::Instant;
use tollgate_core::{Classification, Cost, Quota, Random, Usage};

use crate::{
    Limit, LimitError,
    charge::Charge,
    ledger::Ledger,
    meter::Room,
    ticket::{Admission, Ticket, TooLarge},
    time::{Epoch, Time},
};

/// Everything one key may do: the limits of one account at one provider, decided together or not at
/// all.
#[derive(Debug)]
pub struct Account {
    epoch: Epoch,
    ledgers: Vec<Ledger>,
    tickets: u64,
    random: Random,
}

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
        let epoch = Epoch::new(now);
        let ledgers = limits
            .iter()
            .map(|limit| Ledger::configured(limit, 0, wall))
            .collect();
        Ok(Self {
            epoch,
            ledgers,
            tickets: 0,
            random,
        })
    }

    /// May a call of this cost go now? All limits take its cost, or none does.
    pub fn admit(&mut self, cost: &Cost, now: Instant) -> Admission {
        let now = self.advance(now);
        match self.room(cost, now) {
            Ok(Room::Now) => Admission::Admitted(self.take(cost, now)),
            Ok(Room::At(at)) => Admission::NotBefore(self.epoch.instant(at.max(now + 1))),
            Ok(Room::Never(_)) => unreachable!("found above"),
            Err(large) => Admission::Never(large),
        }
    }

    /// The head of a successful answer came.
    pub fn answer(&mut self, ticket: &mut Ticket, quota: &Quota, now: Instant) {
        let _ = (self.advance(now), quota);
        ticket.answered = true;
    }

    /// The provider turned the call away.
    #[allow(clippy::needless_pass_by_value)]
    pub fn reject(&mut self, ticket: Ticket, seen: &Classification, quota: &Quota, now: Instant) {
        let _ = (self.advance(now), quota, seen, &self.random);
        self.refund(ticket, now);
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
        for ledger in &mut self.ledgers {
            ledger.refund(Charge::of(&ticket.cost, ledger.kind), ticket.sent);
        }
    }

    fn advance(&mut self, now: Instant) -> Time {
        let now = self.epoch.read(now);
        for ledger in &mut self.ledgers {
            ledger.advance(now);
        }
        now
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
        Ok(all)
    }

    fn take(&mut self, cost: &Cost, now: Time) -> Ticket {
        for ledger in &mut self.ledgers {
            ledger.take(Charge::of(cost, ledger.kind), now);
        }
        self.tickets += 1;
        Ticket {
            number: self.tickets,
            sent: now,
            cost: *cost,
            answered: false,
        }
    }
}
