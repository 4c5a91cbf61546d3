//! One who waits.

use std::task::Waker;

use tokio::time::Instant;
use tollgate_core::{Cost, Priority, Reason};

use crate::account::time::Time;

/// A place in the order of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The class in the two highest bits, then the arrival.
    rank: u64,
    ticket: u64,
}

const ARRIVAL_BITS: u32 = 62;

/// The number of a class; the lower, the sooner.
pub(super) const fn class(priority: Priority) -> usize {
    match priority {
        Priority::High => 0,
        Priority::Low => 2,
        _ => 1,
    }
}

impl Key {
    pub(super) const fn new(priority: Priority, arrival: Time, ticket: u64) -> Self {
        let latest = (1 << ARRIVAL_BITS) - 1;
        let arrival = if arrival < latest { arrival } else { latest };
        let rank = (class(priority) as u64) << ARRIVAL_BITS | arrival;
        Self { rank, ticket }
    }

    pub(super) const fn first_of(priority: Priority) -> Self {
        Self::new(priority, 0, 0)
    }

    pub(super) const fn ticket(self) -> u64 {
        self.ticket
    }

    pub(super) const fn arrival(self) -> Time {
        self.rank & ((1 << ARRIVAL_BITS) - 1)
    }

    /// Behind all of a class.
    pub(super) const fn after(priority: Priority) -> Self {
        Self {
            rank: (class(priority) as u64 + 1) << ARRIVAL_BITS,
            ticket: 0,
        }
    }

    pub(super) const fn class(self) -> usize {
        (self.rank >> ARRIVAL_BITS) as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Handed,
    Parked,
}

/// What is known of one who waits; with its places in the order and among the expiries it takes less
/// than 200 bytes.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) cost: Cost,
    pub(super) waker: Option<Waker>,
    pub(super) expires: Time,
    pub(super) key: Key,
    pub(super) stage: Stage,
}

impl Waiter {
    pub(super) const fn new(key: Key, expires: Time, cost: Cost) -> Self {
        Self {
            cost,
            waker: None,
            expires,
            key,
            stage: Stage::Waiting,
        }
    }
}

/// Why somebody is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Why; `None` if its own time is over, or will be.
    pub(crate) reason: Option<Reason>,
    /// When it could have been served.
    pub(crate) until: Option<Instant>,
}

/// What became of a place.
#[derive(Debug)]
pub(crate) enum Claim<G> {
    /// It is served; the place is gone.
    Granted(G),
    /// It is not; the place is gone.
    Refused(Refusal),
    /// It waits.
    Waiting,
    /// It waits, and nobody could have woken it before, or it was skipped: look again.
    Returned,
}

/// What somebody had who left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Left<G> {
    /// Only a place.
    Waiting {
        /// The first one.
        first: bool,
    },
    /// A grant.
    Granted(G),
}

pub(super) fn nothing() -> Cost {
    Cost::default().with_requests(0)
}

pub(crate) fn add(a: &Cost, b: &Cost) -> Cost {
    combine(a, b, u64::saturating_add)
}

pub(super) fn sub(a: &Cost, b: &Cost) -> Cost {
    combine(a, b, u64::saturating_sub)
}

fn combine(a: &Cost, b: &Cost, with: impl Fn(u64, u64) -> u64) -> Cost {
    Cost::default()
        .with_requests(with(a.requests(), b.requests()))
        .with_input_tokens(with(a.input_tokens(), b.input_tokens()))
        .with_output_tokens(with(a.output_tokens(), b.output_tokens()))
        .with_images(with(a.images(), b.images()))
}
