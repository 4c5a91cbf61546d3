//! What the layer tells its observer.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::{Class, Scope, Target};

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
}

/// One line in plain words, for a log.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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
            Self::Returned { target } => write!(f, "{}: answers again", Plain(target)),
            Self::Waiting { route, wait } => {
                write!(
                    f,
                    "route {route}: nobody may be asked, waiting {}",
                    time(*wait)
                )
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
