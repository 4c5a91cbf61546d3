//! What the layer tells its observer.

use std::{fmt, time::Duration};

use tollgate_core::{Class, Target};

use crate::{State, Why};

/// One decision of the breaker.
///
/// Told after the decision, on the task that drives the call, under no lock. A call that passes a
/// closed breaker and ends well tells nothing. `target` is the key: the target of the call, else its host in lower
/// case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// It opened: calls are refused from now on.
    #[non_exhaustive]
    Opened {
        /// Whose breaker it is.
        target: Target,
        /// Which condition shut it.
        why: Why,
        /// For how long.
        wait: Duration,
    },
    /// The open time is over: a few calls may pass as probes.
    #[non_exhaustive]
    HalfOpened {
        /// Whose breaker it is.
        target: Target,
    },
    /// A call goes out as a probe.
    #[non_exhaustive]
    Probing {
        /// Whose breaker it is.
        target: Target,
    },
    /// The probes came back well: calls pass.
    #[non_exhaustive]
    Closed {
        /// Whose breaker it is.
        target: Target,
    },
    /// A call was refused.
    #[non_exhaustive]
    Refused {
        /// Whose breaker it is.
        target: Target,
        /// When to come back; `None` if not before it is reset.
        wait: Option<Duration>,
    },
    /// The body of an answer failed after its head had come: it broke off, or carried an error event. The
    /// success was none.
    #[non_exhaustive]
    BodyFailed {
        /// Whose answer it was.
        target: Target,
        /// [`Class::Transport`] or [`Class::Timeout`] where it broke off, else that of the error event.
        class: Class,
    },
    /// A caller left before an answer came, after much longer than answers usually take: that counts as a
    /// failure.
    #[non_exhaustive]
    Abandoned {
        /// Who had not answered.
        target: Target,
        /// For how long.
        after: Duration,
    },
    /// It was opened, closed or reset by hand, or restored from a snapshot.
    #[non_exhaustive]
    Forced {
        /// Whose breaker it is.
        target: Target,
        /// What it is now.
        state: State,
        /// It stays so until it is reset.
        held: bool,
    },
    /// A call passed unwatched: so many keys are open or in use that there is no room for another.
    #[non_exhaustive]
    Unwatched {
        /// Whose breaker it would be.
        target: Target,
    },
}

impl Event {
    /// Whose breaker it is.
    #[must_use]
    pub const fn target(&self) -> &Target {
        match self {
            Self::Opened { target, .. }
            | Self::HalfOpened { target }
            | Self::Probing { target }
            | Self::Closed { target }
            | Self::Refused { target, .. }
            | Self::BodyFailed { target, .. }
            | Self::Abandoned { target, .. }
            | Self::Forced { target, .. }
            | Self::Unwatched { target } => target,
        }
    }
}

/// One line in plain words, for a log.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.target())?;
        match self {
            Self::Opened { why, wait, .. } => write!(f, "open for {wait:.1?}: {why}"),
            Self::HalfOpened { .. } => f.write_str("half-open: the next calls are probes"),
            Self::Probing { .. } => f.write_str("a probe goes out"),
            Self::Closed { .. } => f.write_str("closed: calls pass again"),
            Self::Refused { wait, .. } => match wait {
                Some(wait) => write!(f, "refused, try again in {wait:.1?}"),
                None => f.write_str("refused until it is reset"),
            },
            Self::BodyFailed { class, .. } => write!(f, "an answer failed in its body: {class}"),
            Self::Abandoned { after, .. } => {
                write!(f, "no answer when the caller left after {after:.1?}")
            }
            Self::Forced { state, held, .. } => {
                let until = if *held { " until it is reset" } else { "" };
                write!(f, "{state} by hand{until}")
            }
            Self::Unwatched { .. } => f.write_str("passed unwatched: too many keys"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consecutive { failures } => write!(f, "{failures} failures in a row"),
            Self::Failures { failures, calls } => write!(f, "{failures} of {calls} calls failed"),
            Self::Slow { slow, calls } => write!(f, "{slow} of {calls} calls were slow"),
            Self::Probe => f.write_str("a probe failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_as_lines() {
        let target = Target::new("groq", "m");
        let opened = Event::Opened {
            target: target.clone(),
            why: Why::Failures {
                failures: 6,
                calls: 10,
            },
            wait: Duration::from_millis(4_200),
        };
        let line = "groq (m): open for 4.2s: 6 of 10 calls failed";
        assert_eq!(opened.to_string(), line);
        let refused = Event::Refused {
            target: target.clone(),
            wait: None,
        };
        assert_eq!(refused.to_string(), "groq (m): refused until it is reset");
        let forced = Event::Forced {
            target,
            state: State::Closed,
            held: true,
        };
        let line = "groq (m): closed by hand until it is reset";
        assert_eq!(forced.to_string(), line);
    }
}
