//! What a call is given to go, and gives back afterwards.

use std::fmt;

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind};

use crate::time::Time;

/// Proof that a call was admitted, and what was reserved for it.
///
/// Hand it back exactly once: to `settle`, `close`, `refund` or `reject`. A ticket that is dropped
/// keeps its estimate reserved.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a ticket that is not handed back keeps its estimate reserved"]
pub struct Ticket {
    pub(crate) number: u64,
    pub(crate) sent: Time,
    pub(crate) cost: Cost,
    /// The quota of its answer was read.
    pub(crate) answered: bool,
}

impl Ticket {
    /// What was reserved.
    #[must_use]
    pub const fn cost(&self) -> &Cost {
        &self.cost
    }
}

/// What an account says to a call.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// It may go now.
    Admitted(Ticket),
    /// It may not go before this time. Ask again then, or after whatever happens to the account
    /// first: an answer may allow it sooner.
    NotBefore(Instant),
    /// It can never go.
    Never(TooLarge),
}

/// A cost above the whole limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    kind: LimitKind,
    cost: u64,
    limit: u64,
}

impl TooLarge {
    pub(crate) const fn new(kind: LimitKind, cost: u64, limit: u64) -> Self {
        Self { kind, cost, limit }
    }

    /// What the limit counts.
    #[must_use]
    pub const fn kind(&self) -> LimitKind {
        self.kind
    }

    /// What the call would take.
    #[must_use]
    pub const fn cost(&self) -> u64 {
        self.cost
    }

    /// The most that can be taken at once.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, cost, limit } = self;
        write!(
            f,
            "the call takes {cost} {kind}, of which at most {limit} are allowed"
        )
    }
}

impl std::error::Error for TooLarge {}
