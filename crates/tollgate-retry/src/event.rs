//! What the layer tells its observer.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::Class;

/// One decision of the retry layer.
///
/// Told after the decision, on the task that drives the call, under no lock. An ordinary success at
/// the first attempt tells nothing. `host` is the provider of the call's target, else the host of
/// the request in lower case; empty where there is neither.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An attempt failed, and another follows after a wait.
    #[non_exhaustive]
    Retrying {
        /// Where the call goes.
        host: Arc<str>,
        /// What came back.
        class: Class,
        /// How many attempts were made so far: at least 1.
        attempts: u32,
        /// How long it is until the next one.
        wait: Duration,
        /// The wait that the provider told.
        hint: Option<Duration>,
        /// The next attempt is sent at once, and a limiter below holds it in its queue for that long, or
        /// until its turn; else the call sleeps here.
        queued: bool,
    },
    /// What came back is handed up as it is, although it is no success.
    #[non_exhaustive]
    GaveUp {
        /// Where the call went.
        host: Arc<str>,
        /// What came back; `None` where a layer below refused the call.
        class: Option<Class>,
        /// How many attempts were made.
        attempts: u32,
        /// Why there is no further one.
        why: Why,
    },
    /// A call succeeded at a later attempt than its first.
    #[non_exhaustive]
    Recovered {
        /// Where the call went.
        host: Arc<str>,
        /// How many attempts were made: at least 2.
        attempts: u32,
        /// How long was slept between them, and waited in a queue below instead, together.
        waited: Duration,
    },
}

/// One line in plain words, for a log.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrying {
                host,
                class,
                attempts,
                wait,
                hint,
                ..
            } => {
                write!(
                    f,
                    "{host}: attempt {attempts} was {class}, next in {wait:.1?}"
                )?;
                hint.map_or(Ok(()), |told| write!(f, " (told {told:.1?})"))
            }
            Self::GaveUp {
                host,
                class,
                attempts,
                why,
            } => {
                let class = class.map_or("refused", Class::as_str);
                write!(f, "{host}: attempt {attempts} was {class}, given up: {why}")
            }
            Self::Recovered {
                host,
                attempts,
                waited,
            } => write!(
                f,
                "{host}: served at attempt {attempts}, {waited:.1?} slept"
            ),
        }
    }
}

/// Why a call is not retried (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// Waiting does not help: the class, the classifier or the settings say so.
    Final,
    /// A layer below refused the call itself.
    Rejected,
    /// The response says `x-should-retry: false`.
    ToldNotTo,
    /// All attempts for this kind of failure were made, or as many as may time out.
    Attempts,
    /// The body of the request can be sent once only.
    NotReplayable,
    /// The request is not safe to repeat, and `only_safe` is set.
    NotSafe,
    /// The wait that the provider states is longer than `max_wait`, or than 120 s where that is not
    /// set and the call has neither a deadline nor a wait budget; or it states none, and the limit is one of
    /// an hour, a day or a month.
    WaitTooLong,
    /// The wait does not fit into what is left of the call's wait budget.
    WaitBudget,
    /// The wait would reach the call's deadline; or the attempt lasted until then.
    Deadline,
    /// The attempt had the share of the time that the call has for this target: another one is to be asked.
    Share,
    /// The retry budget of the host is used up.
    RetryBudget,
    /// The service below failed while it was made ready for the next attempt.
    NotReady,
}

impl Why {
    /// The reason in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Rejected => "rejected",
            Self::ToldNotTo => "told_not_to",
            Self::Attempts => "attempts",
            Self::NotReplayable => "not_replayable",
            Self::NotSafe => "not_safe",
            Self::WaitTooLong => "wait_too_long",
            Self::WaitBudget => "wait_budget",
            Self::Deadline => "deadline",
            Self::Share => "share",
            Self::RetryBudget => "retry_budget",
            Self::NotReady => "not_ready",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_as_lines() {
        let host: Arc<str> = "groq".into();
        let retrying = Event::Retrying {
            host: host.clone(),
            class: Class::RateLimited,
            attempts: 1,
            wait: Duration::from_millis(1_640),
            hint: Some(Duration::from_millis(1_500)),
            queued: false,
        };
        let line = "groq: attempt 1 was rate_limited, next in 1.6s (told 1.5s)";
        assert_eq!(retrying.to_string(), line);
        let gave_up = Event::GaveUp {
            host,
            class: None,
            attempts: 2,
            why: Why::Rejected,
        };
        assert_eq!(
            gave_up.to_string(),
            "groq: attempt 2 was refused, given up: rejected"
        );
    }
}
