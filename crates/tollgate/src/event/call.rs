//! How attempts, calls and bodies ended.

use std::{fmt, time::Duration};

use http::StatusCode;
use tollgate_core::{Class, Quota, Reason, Target, Usage};

/// How a whole call ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finished {
    /// What became of it.
    pub outcome: Outcome,
    /// Who served it or was asked last, where that is known.
    pub target: Option<Target>,
    /// The status of the response, where there is one.
    pub status: Option<StatusCode>,
    /// From the call to the head of the response, or to the error or the drop.
    pub took: Duration,
}

/// How one attempt of a call ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attempted {
    /// What became of it. One that was dropped is cancelled.
    pub outcome: Outcome,
    /// Who was asked.
    pub target: Option<Target>,
    /// Which attempt at this target it was: 0 for the first, 1 for the first resend.
    pub attempt: u32,
    /// The status of the response, where there is one.
    pub status: Option<StatusCode>,
    /// What the response says about limits; empty where it says nothing or is not classified.
    pub quota: Quota,
    /// From its start to the head of the response, or to the error or the drop. Time in the queue of a
    /// limiter below is part of it.
    pub took: Duration,
}

/// How the body of a response ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivered {
    /// How it ended.
    pub end: End,
    /// Who served it, where that is known.
    pub target: Option<Target>,
    /// What the answer says the call took; `None` where it does not say so, is encoded, or broke off
    /// before. Read with the feature `limit` only.
    pub usage: Option<Usage>,
    /// From the call to the end of the body.
    pub took: Duration,
}

/// What became of a whole call, or of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// A response was handed up; its class says how good it is.
    Answered(Class),
    /// A layer refused it.
    Rejected(Reason),
    /// It failed without a response: [`Class::Timeout`], [`Class::Transport`], or
    /// [`Class::InvalidRequest`] where no request could be written for any target.
    Failed(Class),
    /// The caller dropped it before it ended, or a service below panicked.
    Cancelled,
}

/// How the body of a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// The last byte was handed over.
    Complete,
    /// It ended in an error.
    Broken,
    /// The provider reported an error in it, as an event of a stream that had begun well. Seen where a
    /// classifier reads the stream.
    Failed(Class),
    /// The caller dropped it before its end; or a deadline that covers the body passed.
    Dropped,
}

impl Outcome {
    /// Its name in logs and metrics: a class, a reason or `cancelled`, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered(class) | Self::Failed(class) => class.as_str(),
            Self::Rejected(reason) => reason.as_str(),
            Self::Cancelled => "cancelled",
        }
    }

    /// The provider served it.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        matches!(self, Self::Answered(Class::Ok))
    }
}

impl End {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Broken => "broken",
            Self::Failed(_) => "failed",
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Failed(class) => write!(f, " ({class})"),
            _ => Ok(()),
        }
    }
}

/// `groq (m): ok after 1.2s`
impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        whose(f, self.target.as_ref())?;
        write!(f, "{} after {:.1?}", self.outcome, self.took)
    }
}

/// `groq (m): attempt 1 was ok after 1.2s`
impl fmt::Display for Attempted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        whose(f, self.target.as_ref())?;
        let (number, outcome) = (self.attempt.saturating_add(1), self.outcome);
        write!(f, "attempt {number} was {outcome} after {:.1?}", self.took)
    }
}

/// `groq (m): body complete after 3.4s, 12 tokens in, 48 out`
impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        whose(f, self.target.as_ref())?;
        write!(f, "body {} after {:.1?}", self.end, self.took)?;
        match self.usage {
            Some(used) => write!(f, ", {} tokens in, {} out", used.input(), used.output()),
            None => Ok(()),
        }
    }
}

fn whose(f: &mut fmt::Formatter<'_>, target: Option<&Target>) -> fmt::Result {
    target.map_or(Ok(()), |target| write!(f, "{target}: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_as_lines() {
        let target = Some(Target::new("groq", "m"));
        let took = Duration::from_millis(1_240);
        let mut attempted = Attempted {
            outcome: Outcome::Answered(Class::RateLimited),
            target: target.clone(),
            attempt: 1,
            status: None,
            quota: Quota::new(),
            took,
        };
        let line = "groq (m): attempt 2 was rate_limited after 1.2s";
        assert_eq!(attempted.to_string(), line);
        attempted.target = None;
        assert!(attempted.to_string().starts_with("attempt 2 was"));
        let delivered = Delivered {
            end: End::Complete,
            target,
            usage: Some(Usage::new(12, 48)),
            took,
        };
        let line = "groq (m): body complete after 1.2s, 12 tokens in, 48 out";
        assert_eq!(delivered.to_string(), line);
        let failed = Delivered {
            end: End::Failed(Class::Overloaded),
            usage: None,
            ..delivered
        };
        let line = "groq (m): body failed (overloaded) after 1.2s";
        assert_eq!(failed.to_string(), line);
    }
}
