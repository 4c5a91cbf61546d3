//! What can never go.

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind};

use super::Account;
use crate::{TooLarge, ledger::Ledger, meter::Meter};

impl Account {
    /// Could a call of this cost ever go?
    ///
    /// # Errors
    ///
    /// When it takes more than a whole limit.
    pub fn fits(&mut self, cost: &Cost, now: Instant) -> Result<(), TooLarge> {
        let now = self.advance(now);
        self.room(cost, now).map(drop)
    }

    /// The most tokens that a call can have, and its answer alone.
    pub(crate) fn most_tokens(&self) -> (u64, u64) {
        let least = |kind| {
            let ledgers = self.ledgers.iter().filter(|ledger| ledger.kind == kind);
            let meters = ledgers.flat_map(Ledger::meters);
            meters.map(Meter::limit).min().unwrap_or(u64::MAX)
        };
        (least(LimitKind::Tokens), least(LimitKind::OutputTokens))
    }
}
