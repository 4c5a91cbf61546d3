//! The decision, behind a trait: here and now, or elsewhere and later.

use std::{future::Future, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Classification, Cost, Priority, Quota, Reason, Rejected, Target, Usage};

use crate::{Event, Expected, KeyRef, Learned, UsageReader};

/// Decides when a call may go.
///
/// [`Local`](crate::Local) decides within this process. An implementation that asks a shared store
/// answers [`Admit::Later`] with a future of its own; the layer boxes nothing and spawns nothing.
pub trait Limiter {
    /// The right to send one call.
    type Permit: Permit;

    /// The wait for it. Dropping it gives up the place, whatever state it is in.
    type Acquire: Future<Output = Result<Self::Permit, Rejected>>;

    /// May a call of this kind go? Must not block.
    fn acquire(&self, key: KeyRef<'_>, ask: Ask) -> Admit<Self::Permit, Self::Acquire>;

    /// What earlier answers taught about estimates for this key. Nothing, unless overridden.
    fn learned(&self, key: KeyRef<'_>) -> Learned {
        let _ = key;
        Learned::default()
    }
}

/// The right to send one call, from its admission to the last byte of its answer.
///
/// Nothing here can wait, because a drop can not: an implementation that must tell a store puts the
/// message into a queue. A permit that is dropped without [`settle`](Self::settle) counts as
/// [`Outcome::GaveUp`].
pub trait Permit {
    /// Whose call it is.
    fn target(&self) -> &Target;

    /// What is reserved for it; `None` where nothing is any more.
    fn cost(&self) -> Option<&Cost>;

    /// How long the call was held; zero where it was not.
    fn queued(&self) -> Duration;

    /// Whether to hear at its head of a success that says nothing of limits. Always, unless
    /// overridden.
    fn heeds_success(&self) -> bool {
        true
    }

    /// The head of the answer came. What it means, and what it says of limits. Gives back what is
    /// worth telling.
    fn observe(&mut self, seen: &Classification, quota: &Quota) -> Vec<Event>;

    /// The call is over.
    fn settle(self, outcome: Outcome<'_>);
}

/// What a limiter says to a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Admit<P, F> {
    /// It may go now.
    Now(P),
    /// It is not decided yet: wait for this.
    Later(F),
    /// It may not go at all.
    Refused(Rejected),
}

/// How a call ended, as far as its limits are concerned.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// It was never sent, or never reached the provider: nothing was taken.
    NotSent,
    /// The provider answered without serving it: it took a request, but no tokens.
    Unserved,
    /// It was given up, or nobody answered in time: the prompt was read, an answer is not known.
    GaveUp,
    /// It was served, and nobody knows what it took: the estimate stands.
    Unknown,
    /// It was served and took about this much.
    Used(Usage),
    /// It was served to its end, and this was read from its body.
    Read(&'a UsageReader),
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Ask {
    /// What it is expected to take.
    pub expected: Expected,
    /// The time now.
    pub now: Instant,
    /// When its first attempt arrived: its place among those of the same class.
    pub arrival: Instant,
    /// Its class.
    pub priority: Priority,
    /// The last moment at which it may go: deadline, wait budget and longest wait together; `None`
    /// if it may wait for ever.
    pub latest: Option<Instant>,
    /// Why it may not go after that.
    pub late: Reason,
    /// How many attempts came before.
    pub attempt: u32,
}

impl Ask {
    /// A first attempt of a call, now, that may wait for ever.
    #[must_use]
    pub const fn new(expected: Expected, now: Instant) -> Self {
        Self {
            expected,
            now,
            arrival: now,
            priority: Priority::Normal,
            latest: None,
            late: Reason::WaitTooLong,
            attempt: 0,
        }
    }

    /// What it is expected to take.
    #[must_use]
    pub const fn cost(&self) -> &Cost {
        self.expected.cost()
    }

    /// It may not go after `latest`, for this reason. The earlier of two holds.
    #[must_use]
    pub fn until(mut self, latest: Option<Instant>, late: Reason) -> Self {
        if let Some(at) = latest.filter(|at| self.latest.is_none_or(|old| *at < old)) {
            self.latest = Some(at);
            self.late = late;
        }
        self
    }
}
