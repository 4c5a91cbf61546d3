//! A call that is running.

use std::sync::Arc;

use tokio::time::Instant;
use tollgate_core::Cost;

use super::Shared;
use crate::quota::Ticket;

/// Held from a call's arrival until the last byte of its answer. Dropping it ends the call.
#[derive(Debug)]
pub(crate) struct InFlight {
    shared: Arc<Shared>,
    charge: Option<(Ticket, Cost)>,
    hangs: bool,
}

impl InFlight {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            charge: None,
            hangs: false,
        }
    }

    /// Its place in the quota, and what it really costs.
    pub(super) fn charge(&mut self, charge: Option<(Ticket, Cost)>) {
        self.charge = charge;
    }

    /// Counts the call among those that hang, once.
    pub(crate) fn hangs(&mut self) {
        if !self.hangs {
            self.hangs = true;
            self.shared.lock().stats.hanging += 1;
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stats.in_flight -= 1;
        state.stats.hanging -= u64::from(self.hangs);
        if let Some((ticket, cost)) = self.charge.take() {
            state.settle(ticket, &cost, Instant::now());
        }
    }
}
