//! What the layer tells its observer.

use std::{fmt, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Class, Cost, LimitKind, Reason, Target, Window};

use crate::{Below, Change, Counts, Ignored};

/// One decision of the limiter.
///
/// The observer receives it after the decision, on the task that drives the call, under no lock.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The limiter admitted a call at once.
    #[non_exhaustive]
    Admitted {
        /// Whose limits it draws on.
        target: Target,
        /// What is reserved for it.
        cost: Cost,
    },
    /// The limiter admitted a call after a wait. [`KeyState::held`](crate::KeyState::held) says why calls
    /// wait at the moment.
    #[non_exhaustive]
    Queued {
        /// Whose limits it draws on.
        target: Target,
        /// What is reserved for it.
        cost: Cost,
        /// How long it was held.
        waited: Duration,
    },
    /// The limiter rejected a call.
    #[non_exhaustive]
    Refused {
        /// Whose limits it would have drawn on, where that is known.
        target: Option<Target>,
        /// Why.
        reason: Reason,
        /// The earliest possible time, from now, where that is known.
        retry_after: Option<Duration>,
    },
    /// Response headers reported a limit for the first time or with another size, or proved that it is a
    /// bucket.
    #[non_exhaustive]
    Learned {
        /// Whose limit it is.
        target: Target,
        /// What it counts.
        kind: LimitKind,
        /// The span it counts over, where that is known.
        window: Option<Window>,
        /// The most that can be taken.
        limit: u64,
        /// How it gives back.
        counts: Counts,
    },
    /// A rejection closed the gate: calls wait for the stated time, or pause where the provider stated
    /// none.
    #[non_exhaustive]
    Gated {
        /// Whose calls wait.
        target: Target,
        /// Only calls that take some of this wait; all calls if it is `None`.
        limit: Option<LimitKind>,
        /// For how long, from now.
        wait: Duration,
    },
    /// The provider served a call that tested a stated wait: the wait is over before its time. There is
    /// no event for a wait that ends at its time.
    #[non_exhaustive]
    Reopened {
        /// Whose calls go again.
        target: Target,
        /// Which of them, as in [`Gated`](Self::Gated).
        limit: Option<LimitKind>,
    },
    /// The provider rejected a call that the limiter had admitted.
    #[non_exhaustive]
    OverAdmitted {
        /// Whose limit it was.
        target: Target,
        /// The class of the response.
        class: Class,
        /// Which limit, where the response named one.
        limit: Option<LimitKind>,
        /// The wait that the provider stated.
        told: Option<Duration>,
    },
    /// The limiter ignores something that a response stated.
    #[non_exhaustive]
    Ignored {
        /// Whose response it was.
        target: Target,
        /// The limit that it spoke of, where it named one.
        limit: Option<LimitKind>,
        /// What the limiter ignores.
        what: Ignored,
    },
    /// The provider allows less than a configured limit. Comes once, and again if the provider allows less
    /// than half of that, or if the limiter knows it from another source.
    #[non_exhaustive]
    BelowConfigured {
        /// Whose limit it is.
        target: Target,
        /// How far below, and how that is known.
        below: Below,
    },
    /// All places for keys are taken by keys in use: calls of this one and of further ones are counted
    /// together, by configured limits only. Told when that begins, and again while it goes on, each
    /// time after the time without use after which a key may be forgotten.
    #[non_exhaustive]
    KeyUntracked {
        /// The first key without a place.
        target: Target,
        /// How many keys have one.
        keys: usize,
    },
}

impl Event {
    /// The event of a change in an account that counts the calls of `target`.
    #[must_use]
    pub fn of(change: Change, target: &Target, now: Instant) -> Self {
        let target = target.clone();
        match change {
            Change::Learned {
                kind,
                window,
                limit,
                counts,
            } => Self::Learned {
                target,
                kind,
                window,
                limit,
                counts,
            },
            Change::Closed { kind, until } => Self::Gated {
                target,
                limit: kind,
                wait: until.saturating_duration_since(now),
            },
            Change::Reopened { kind } => Self::Reopened {
                target,
                limit: kind,
            },
            Change::Ignored { kind, what } => Self::Ignored {
                target,
                limit: kind,
                what,
            },
            Change::Below(below) => Self::BelowConfigured { target, below },
        }
    }
}

/// One line in plain words, for a log.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |limit: &Option<LimitKind>| match limit {
            Some(limit) => format!(" ({limit})"),
            None => String::new(),
        };
        match self {
            Self::Admitted { target, .. } => write!(f, "{target}: admitted"),
            Self::Queued { target, waited, .. } => {
                write!(f, "{target}: admitted after waiting {waited:.1?}")
            }
            Self::Refused {
                target,
                reason,
                retry_after,
            } => {
                match target {
                    Some(target) => write!(f, "{target}: refused, {reason}")?,
                    None => write!(f, "refused, {reason}")?,
                }
                match retry_after {
                    Some(wait) => write!(f, ", possible in {wait:.1?}"),
                    None => Ok(()),
                }
            }
            Self::Learned {
                target,
                kind,
                window,
                limit,
                counts,
            } => {
                write!(f, "{target}: learned a limit of {limit} {kind}")?;
                if let Some(window) = window {
                    write!(f, " per {window}")?;
                }
                match counts {
                    Counts::Bucket => f.write_str(", a bucket"),
                    Counts::Window => f.write_str(", a fixed window"),
                    Counts::Measured => f.write_str(", measured"),
                    Counts::Log | Counts::Reported => Ok(()),
                }
            }
            Self::Gated {
                target,
                limit,
                wait,
            } => write!(f, "{target}: closed for {wait:.1?}{}", of(limit)),
            Self::Reopened { target, limit } => write!(f, "{target}: open again{}", of(limit)),
            Self::OverAdmitted {
                target,
                class,
                limit,
                told,
            } => {
                write!(
                    f,
                    "{target}: turned away although admitted, {class}{}",
                    of(limit)
                )?;
                told.map_or(Ok(()), |told| write!(f, " (told {told:.1?})"))
            }
            Self::Ignored {
                target,
                limit,
                what,
            } => write!(f, "{target}: not believed, {}{}", what.as_str(), of(limit)),
            Self::BelowConfigured { target, below } => write!(f, "{target}: {below}"),
            Self::KeyUntracked { target, keys } => write!(
                f,
                "{target}: no place among {keys} keys, counted together with others"
            ),
        }
    }
}
