//! Whether an answer is waited for.

use super::Account;
use crate::ledger::Ledger;

impl Account {
    /// A call that is admitted now should tell of its success as soon as its head is there, even if
    /// the head says nothing of limits: something waits for it, or its silence says something.
    ///
    /// Where this is false, it is enough to hear of it at the end.
    #[inline]
    pub(crate) fn heeds(&self) -> bool {
        if self.is_plain {
            // Somebody told of each of its limits.
            return self.ledgers.is_empty();
        }
        self.waits_for_answers()
    }

    fn waits_for_answers(&self) -> bool {
        let closed = self.gates.iter().any(|gate| gate.closed_until().is_some());
        let told = self.ledgers.iter().any(Ledger::is_told);
        closed || !self.ramp.is_done() || self.pace.is_none() && !told
    }
}
