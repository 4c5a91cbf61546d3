//! What a call is given to go, and gives back afterwards.

use std::fmt;

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind};

use super::time::Time;

/// Proof that a call was admitted, and what was reserved for it.
///
/// Hand it back exactly once: to `settle`, `finish`, `refund` or `reject`. A ticket that is dropped
/// keeps its estimate reserved.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a ticket that is not handed back keeps its estimate reserved"]
pub struct Ticket {
    pub(crate) sent: Time,
    pub(crate) generation: u32,
    pub(crate) cost: Cost,
    /// The provider's headers had room for it.
    pub(crate) by_headers: bool,
    /// It was not meant by a stated wait that held others.
    pub(crate) spared: bool,
    /// The quota of its answer was read.
    pub(crate) answered: bool,
}

impl Ticket {
    pub(super) const fn new(cost: Cost, sent: Time) -> Self {
        Self {
            sent,
            generation: 0,
            cost,
            by_headers: false,
            spared: false,
            answered: false,
        }
    }

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
    /// It may not go before this time, for this reason. Ask again then, or after whatever happens to
    /// the account first: an answer may allow it sooner.
    NotBefore(Instant, Held),
}

/// Why a call is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Held {
    /// A configured limit of this kind is used up.
    Configured(LimitKind),
    /// The provider stated a wait.
    Stated,
    /// The provider rejected a call and stated no wait.
    Pause,
    /// The pace that was measured between two rejections.
    Pace,
    /// The provider's headers state when there is room again.
    Headers(LimitKind),
    /// The least time between two starts.
    Spacing,
    /// Rejections taught how many calls may be in flight: the call waits for one of them to end.
    Concurrency,
    /// Nothing is known yet: a burst is spread over some hundred milliseconds.
    Start,
}

impl Held {
    /// Nothing that happened says that the call would be rejected now. Such a hold lasts for some
    /// hundred milliseconds and never refuses a call.
    #[must_use]
    pub const fn is_guess(self) -> bool {
        matches!(self, Self::Start)
    }

    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configured(_) => "configured_limit",
            Self::Stated => "stated_wait",
            Self::Pause => "pause",
            Self::Pace => "measured_pace",
            Self::Headers(_) => "quota_headers",
            Self::Spacing => "spacing",
            Self::Concurrency => "concurrency",
            Self::Start => "start",
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured(kind) => write!(f, "the configured limit of {kind} is used up"),
            Self::Stated => f.write_str("the provider stated a wait"),
            Self::Pause => f.write_str("the provider rejected a call and stated no wait"),
            Self::Pace => f.write_str("the measured pace"),
            Self::Headers(kind) => write!(f, "the provider's headers state no {kind} left"),
            Self::Concurrency => f.write_str("as many calls as rejections allow are in flight"),
            Self::Spacing => f.write_str("the least time between two calls"),
            Self::Start => f.write_str("a burst is spread"),
        }
    }
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
