//! When what waits could be gone, and whether anything is left to remember.

use tokio::time::Instant;
use tollgate_core::Cost;

use super::{Account, inside::concerns};
use crate::{charge::Charge, ledger::Ledger, pace::Pace, time::Time};

impl Account {
    /// The earliest time at which calls of this cost could all have gone, one after the other, if
    /// everything goes well. The cost may be above a limit: it is that of all who wait.
    ///
    /// Limits that are not known yet count as none, so the true time may be later, hardly sooner:
    /// whom this tells to wait too long may be refused at once.
    pub fn forecast(&mut self, total: &Cost, now: Instant) -> Instant {
        let now = self.advance(now);
        let gates = self.gates.iter().filter(|gate| concerns(gate.kind, total));
        let open = gates.map(|gate| gate.opens(now)).fold(now, Time::max);
        let by_limit = |ledger: &Ledger| {
            let charge = Charge::of(total, ledger.kind);
            ledger.forecast(charge.total(), now)
        };
        let at = self.ledgers.iter().map(by_limit).fold(open, Time::max);
        let searched = |pace: &Pace| pace.forecast(total.requests(), now);
        let at = at.max(self.pace.as_ref().map_or(now, searched));
        self.epoch.instant(at)
    }

    /// Since this was last asked, a limit turned out to be another than was known: forecasts are new.
    pub(crate) const fn has_learned(&mut self) -> bool {
        std::mem::replace(&mut self.learned, false)
    }

    /// Nothing is reserved, no gate is closed, and everything that was taken has come back: an
    /// account like this can be forgotten, and only what was learned is lost.
    pub fn is_idle(&mut self, now: Instant) -> bool {
        let now = self.advance(now);
        let nothing = Cost::default().with_requests(0);
        self.reserved == nothing
            && self.gates.iter().all(|gate| gate.opens(now) <= now)
            && self.ledgers.iter().all(|ledger| ledger.is_full(now))
            && self.pace.as_ref().is_none_or(|pace| pace.is_idle(now))
    }
}

#[cfg(test)]
mod tests;
