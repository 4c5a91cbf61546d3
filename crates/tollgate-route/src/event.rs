//! What the layer tells its observer.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::{Class, Reason, Scope, Target};

use crate::{
    Attempt,
    text::{Plain, time},
};

/// One decision of the router.
///
/// Told after the decision, on the task that drives the call, under no lock. A call that its first
/// target serves tells nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A target failed, and another one is asked.
    #[non_exhaustive]
    Switching {
        /// What became of the call before.
        after: Attempt,
        /// Who is asked now.
        to: Target,
    },
    /// A target failed that has tries of its own left, and is asked again.
    #[non_exhaustive]
    Again {
        /// What became of the call before.
        after: Attempt,
        /// After how long.
        wait: Duration,
    },
    /// A target, or more, is left alone for a while.
    #[non_exhaustive]
    Cooling {
        /// Whose answer it was.
        target: Target,
        /// What else it hits.
        scope: Scope,
        /// What it answered.
        class: Class,
        /// For how long.
        wait: Duration,
    },
    /// A provider refused the key of a target. Told each time: nothing helps but somebody who looks.
    #[non_exhaustive]
    KeyRefused {
        /// Whose key it was.
        target: Target,
    },
    /// A target was passed over without being asked. Told once per call and target.
    #[non_exhaustive]
    Skipped {
        /// Which, why, and for how long it is not to be asked.
        attempt: Attempt,
    },
    /// A call was answered, but not by the first target of its route.
    #[non_exhaustive]
    Diverted {
        /// By which route.
        route: Arc<str>,
        /// Who answered.
        to: Target,
    },
    /// A target that was left alone answers again.
    #[non_exhaustive]
    Returned {
        /// Which.
        target: Target,
    },
    /// No target may be asked now, so the call waits for the first to return. Told once per call.
    #[non_exhaustive]
    Waiting {
        /// By which route.
        route: Arc<str>,
        /// For how long.
        wait: Duration,
    },
    /// No target is left.
    #[non_exhaustive]
    Exhausted {
        /// By which route.
        route: Arc<str>,
        /// How many targets were asked.
        asked: usize,
        /// When the first of them returns, where that is known.
        retry_after: Option<Duration>,
    },
    /// The router itself ends a call with an error, because of what the call is.
    #[non_exhaustive]
    Refused {
        /// By which route; `None` where the call chose one that does not exist.
        route: Option<Arc<str>>,
        /// Why; `None` where its request can not be written for a target, as the error says.
        reason: Option<Reason>,
    },
}

/// One line in plain words, for a log.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Again { after, wait } => {
                let target = Plain(after.target());
                write!(f, "asking {target} again in {} ({after})", time(*wait))
            }
            Self::Switching { after, to } => write!(f, "switching to {} ({after})", Plain(to)),
            Self::Cooling {
                target,
                scope,
                class,
                wait,
            } => {
                let target = Plain(target);
                write!(
                    f,
                    "{target}: {class}, left alone for {} ({scope})",
                    time(*wait)
                )
            }
            Self::KeyRefused { target } => {
                write!(f, "{}: refused the key", Plain(target))
            }
            Self::Skipped { attempt } => write!(f, "passed over: {attempt}"),
            Self::Diverted { route, to } => {
                write!(f, "route {route}: answered by {}", Plain(to))
            }
            Self::Returned { target } => write!(f, "{}: answers again", Plain(target)),
            Self::Waiting { route, wait } => {
                write!(
                    f,
                    "route {route}: nobody may be asked, waiting {}",
                    time(*wait)
                )
            }
            Self::Refused { route: None, .. } => f.write_str("refused, there is no such route"),
            Self::Refused {
                route: Some(route),
                reason,
            } => {
                let reason = reason.map_or("bad request", Reason::as_str);
                write!(f, "route {route}: refused, {reason}")
            }
            Self::Exhausted {
                route,
                asked,
                retry_after,
            } => {
                write!(
                    f,
                    "route {route}: no target is left after {asked} were asked"
                )?;
                match retry_after {
                    Some(wait) => write!(f, ", the first returns in {}", time(*wait)),
                    None => Ok(()),
                }
            }
        }
    }
}
