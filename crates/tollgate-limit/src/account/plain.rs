//! The short way, for an account of buckets that a person stated: nothing to learn, and nothing that
//! holds calls back.

use tokio::time::Instant;
use tollgate_core::{
    Cost,
    LimitKind::{Images, Requests},
    Usage,
};

use super::{Account, combine};
use crate::{charge::Charge, gate::Gate, ledger::Ledger, ticket::Ticket, time::Time};

impl Account {
    /// Looks whether the short way will do. To be called after anything that could change that.
    pub(super) fn look(&mut self) {
        self.is_shut = !self.gates.iter().all(Gate::is_open);
        self.is_plain = !self.is_shut
            && self.pace.is_none()
            && self.ramp.is_done()
            && self.ledgers.iter().all(Ledger::is_plain);
    }

    /// `None` if it can not go now, or not this way; then nothing has changed.
    #[inline]
    pub(crate) fn admit_plain(&mut self, cost: &Cost, now: Instant) -> Option<Ticket> {
        if !self.is_plain {
            return None;
        }
        let now = self.epoch.read(now);
        let full = |ledger: &mut Ledger| !ledger.take_plain(cost, now);
        if let Some(at) = self.ledgers.iter_mut().position(full) {
            self.untake(at, cost, now);
            return None;
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

    /// The first so many ledgers have it back.
    #[cold]
    fn untake(&mut self, ledgers: usize, cost: &Cost, now: Time) {
        for ledger in &mut self.ledgers[..ledgers] {
            ledger.refund(Charge::of(cost, ledger.kind), now);
        }
    }

    /// The call is over, and what was reserved is what was taken.
    #[inline]
    pub(super) fn finish_plain(&mut self, ticket: &Ticket) {
        if !ticket.answered {
            self.in_flight = combine(&self.in_flight, &ticket.cost, false);
        }
        self.reserved = combine(&self.reserved, &ticket.cost, false);
    }

    /// The call is over, and this is what it took.
    pub(super) fn settle_plain(&mut self, ticket: &Ticket, usage: &Usage, now: Instant) {
        self.finish_plain(ticket);
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
