//! The short way, for an account of buckets that a person stated: nothing to learn, and nothing that
//! holds calls back.

use tokio::time::Instant;
use tollgate_core::{
    Cost,
    LimitKind::{Images, Requests},
    Usage,
};

use super::{Account, combine};
use crate::{charge::Charge, gate::Gate, ledger::Ledger, ticket::Ticket};

impl Account {
    /// Looks whether the short way will do. To be called after anything that could change that.
    pub(super) fn look(&mut self) {
        self.is_shut = !self.gates.iter().all(Gate::is_open);
        self.is_plain = !self.is_shut
            && self.pace.is_none()
            && self.ramp.is_done()
            && self.ledgers.iter().all(Ledger::is_plain);
    }

    /// `None` if it can not go now; then nothing has changed.
    pub(super) fn admit_plain(&mut self, cost: &Cost, now: Instant) -> Option<Ticket> {
        let now = self.epoch.read(now);
        for at in 0..self.ledgers.len() {
            if !self.ledgers[at].take_plain(cost, now) {
                for ledger in &mut self.ledgers[..at] {
                    ledger.refund(Charge::of(cost, ledger.kind), now);
                }
                return None;
            }
        }
        self.tickets += 1;
        self.in_flight = combine(&self.in_flight, cost, true);
        self.reserved = combine(&self.reserved, cost, true);
        Some(Ticket {
            number: self.tickets,
            sent: now,
            cost: *cost,
            answered: false,
        })
    }

    /// Settles a call that was answered.
    pub(super) fn settle_plain(&mut self, ticket: &Ticket, usage: &Usage, now: Instant) {
        self.reserved = combine(&self.reserved, &ticket.cost, false);
        // Of requests and images, what was reserved is what was taken.
        let tokens = |ledger: &&mut Ledger| !matches!(ledger.kind, Requests | Images);
        for ledger in self.ledgers.iter_mut().filter(tokens) {
            let reserved = Charge::of(&ticket.cost, ledger.kind).total();
            let used = Charge::used(&ticket.cost, usage, ledger.kind).total();
            let Some(bucket) = ledger.bucket() else {
                continue;
            };
            if used > reserved {
                bucket.take(used - reserved, self.epoch.read(now));
            } else {
                bucket.give(reserved - used, ticket.sent);
            }
        }
    }
}
