//! What can never go.

use tokio::time::Instant;
use tollgate_core::Cost;

use super::Account;
use crate::TooLarge;

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
}
