//! The trait of the decision.

use std::{future::Future, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Classification, Cost, Priority, Quota, Reason, Rejected, Target, Usage};

use crate::{Event, Expected, KeyRef, Learned, UsageReader};

/// Decides when a call may go.
///
/// [`Local`](crate::Local) decides in this process. An implementation that asks a shared store returns
/// [`Admit::Later`] with a future of its own; the layer boxes nothing and spawns nothing.
pub trait Limiter {
    /// The right to send one call.
    type Permit: Permit;

    /// The wait for it. Dropping it gives up the place, whatever state it is in.
    type Acquire: Future<Output = Result<Self::Permit, Rejected>>;

    /// May a call of this kind go? Must not block.
    fn acquire(&self, key: KeyRef<'_>, ask: Ask) -> Admit<Self::Permit, Self::Acquire>;

    /// An event that belongs to no permit; each is returned once. The layer asks after
    /// [`acquire`](Self::acquire), so be quick. Default: none.
    fn news(&self) -> Option<Event> {
        None
    }

    /// What earlier answers taught about estimates for this key. Default: nothing.
    fn learned(&self, key: KeyRef<'_>) -> Learned {
        let _ = key;
        Learned::default()
    }
}

/// The right to send one call, from its admission to the last byte of its answer.
///
/// No method can wait, because a drop cannot: an implementation that updates a store puts the message into
/// a queue. A permit that is dropped without [`settle`](Self::settle) counts as [`Outcome::GaveUp`].
pub trait Permit {
    /// Whose call it is.
    fn target(&self) -> &Target;

    /// What is reserved for it; `None` after the provider rejected it.
    fn cost(&self) -> Option<&Cost>;

    /// How long the call waited in the queue; zero if it did not.
    fn queued(&self) -> Duration;

    /// Whether the layer calls [`observe`](Self::observe) for a success without quota headers too.
    /// Default: true.
    fn heeds_success(&self) -> bool {
        true
    }

    /// The head of the response came, with its classification and its quota headers. Returns the events
    /// of it.
    fn observe(&mut self, seen: &Classification, quota: &Quota) -> Vec<Event>;

    /// After [`observe`](Self::observe) of a rejection: how long a call like this one would now wait in the
    /// queue because of it. Only if that is at least the stated wait, and if such a call may wait at all.
    /// Layers above then send a retry at once, and it waits here. Default: `None`.
    fn gated(&self) -> Option<Duration> {
        None
    }

    /// The call is over.
    fn settle(self, outcome: Outcome<'_>);
}

/// The decision about a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Admit<P, F> {
    /// It may go now.
    Now(P),
    /// The call waits for this future.
    Later(F),
    /// The limiter rejects it.
    Refused(Rejected),
}

/// How a call ended, as far as its limits are concerned.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// It was never sent, or found no connection: it took nothing.
    NotSent,
    /// The provider answered without serving it: it took a request, but no tokens.
    Unserved,
    /// It broke off after it was sent, or its caller gave up: it took the prompt, and an unknown part of
    /// the answer, which counts as none.
    GaveUp,
    /// It was served, and its usage is unknown: the estimate stands.
    Unknown,
    /// It was served and took about this much.
    Used(Usage),
    /// It was served to its end, and the reader read its body.
    Read(&'a UsageReader),
}

/// A call that asks to go.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Ask {
    /// What it is expected to take.
    pub expected: Expected,
    /// The time now.
    pub now: Instant,
    /// When its first attempt arrived; orders the calls of one priority.
    pub arrival: Instant,
    /// Its priority.
    pub priority: Priority,
    /// The last moment at which it may go: the earliest of deadline, wait budget and longest wait; `None`
    /// if it may wait for ever.
    pub latest: Option<Instant>,
    /// The reason of the rejection after that.
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
    #[inline]
    pub fn until(mut self, latest: Option<Instant>, late: Reason) -> Self {
        if let Some(at) = latest.filter(|at| self.latest.is_none_or(|old| *at < old)) {
            self.latest = Some(at);
            self.late = late;
        }
        self
    }
}
