//! What the layer tells its observer.

use std::{fmt, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Class, Cost, LimitKind, Reason, Target, Window};

use crate::{Change, Counts, Ignored};

/// One decision of the limiter.
///
/// Told after the decision, on the task that drives the call, under no lock.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A call goes out, and did not wait.
    #[non_exhaustive]
    Admitted {
        /// Whose limits it draws on.
        target: Target,
        /// What is reserved for it.
        cost: Cost,
    },
    /// A call goes out that had to wait.
    #[non_exhaustive]
    Queued {
        /// Whose limits it draws on.
        target: Target,
        /// What is reserved for it.
        cost: Cost,
        /// How long it was held.
        waited: Duration,
    },
    /// A call does not go out.
    #[non_exhaustive]
    Refused {
        /// Whose limits it would have drawn on, where that is known.
        target: Option<Target>,
        /// Why.
        reason: Reason,
        /// When it could have gone, from now, where that is known.
        retry_after: Option<Duration>,
    },
    /// A limit became known, or turned out to be another.
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
    /// A rejection keeps calls back.
    #[non_exhaustive]
    Gated {
        /// Whose calls.
        target: Target,
        /// Only those that take some of this; all where it is `None`.
        limit: Option<LimitKind>,
        /// For how long, from now.
        wait: Duration,
    },
    /// Calls go again.
    #[non_exhaustive]
    Reopened {
        /// Whose calls.
        target: Target,
        /// Which of them, as with [`Gated`](Self::Gated).
        limit: Option<LimitKind>,
    },
    /// The provider turned a call away although it was admitted: what all this is meant to avoid.
    #[non_exhaustive]
    OverAdmitted {
        /// Whose limit was met.
        target: Target,
        /// What came back.
        class: Class,
        /// Which limit, where the answer named one.
        limit: Option<LimitKind>,
        /// The wait that the provider told.
        told: Option<Duration>,
    },
    /// Something that an answer said was not believed.
    #[non_exhaustive]
    Ignored {
        /// Whose answer it was.
        target: Target,
        /// Of which limit it spoke, where it said so.
        limit: Option<LimitKind>,
        /// What it was.
        what: Ignored,
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
                    Counts::Log => Ok(()),
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
        }
    }
}
