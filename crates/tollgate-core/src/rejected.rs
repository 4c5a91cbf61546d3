//! The one error with which a layer refuses a call.

use std::{error::Error, fmt, time::Duration};

use crate::{Target, find_error};

/// Why a layer refused a call without asking the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The limiter's queue is full.
    QueueFull,
    /// The limiter could not serve the call within the longest wait allowed.
    WaitTooLong,
    /// The breaker of the target is open.
    CircuitOpen,
    /// The router has no target left.
    NoTarget,
    /// The deadline of the call has passed, or would pass before it could be served.
    DeadlineExceeded,
    /// The call costs more than the limit itself: it can never be served.
    TooLarge,
    /// The request body is larger than can be kept for a second sending.
    BodyTooLarge,
    /// The shared store could not be asked.
    StoreUnavailable,
    /// The stack is closed, because its program ends.
    Closed,
}

impl Reason {
    /// The reason in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::WaitTooLong => "wait_too_long",
            Self::CircuitOpen => "circuit_open",
            Self::NoTarget => "no_target",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::TooLarge => "too_large",
            Self::BodyTooLarge => "body_too_large",
            Self::StoreUnavailable => "store_unavailable",
            Self::Closed => "closed",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::QueueFull => "too many calls are waiting",
            Self::WaitTooLong => "the wait would be too long",
            Self::CircuitOpen => "the circuit is open",
            Self::NoTarget => "no target is left",
            Self::DeadlineExceeded => "not possible before the deadline",
            Self::TooLarge => "the call is larger than the limit",
            Self::BodyTooLarge => "the request body is too large to be kept",
            Self::StoreUnavailable => "the shared store is unavailable",
            Self::Closed => "this program is shutting down",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A layer refused the call, or ended it at its deadline: the provider was not asked, or had not answered.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::{BoxError, Reason, Rejected};
///
/// let error: BoxError = Rejected::new(Reason::CircuitOpen)
///     .with_retry_after(Duration::from_secs(5))
///     .into();
/// let found = Rejected::find(error.as_ref()).expect("it is one");
/// assert_eq!(found.reason(), Reason::CircuitOpen);
/// assert_eq!(found.to_string(), "the circuit is open, try again in 5s");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    reason: Reason,
    target: Option<Target>,
    retry_after: Option<Duration>,
    unanswered: Option<Duration>,
}

impl Rejected {
    /// A refusal for this reason.
    #[must_use]
    pub const fn new(reason: Reason) -> Self {
        Self {
            reason,
            target: None,
            retry_after: None,
            unanswered: None,
        }
    }

    /// Names the target that was not asked, or had not answered.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<Option<Target>>) -> Self {
        self.target = target.into();
        self
    }

    /// Says when the call could be served, from now.
    #[must_use]
    pub fn with_retry_after(mut self, wait: impl Into<Option<Duration>>) -> Self {
        self.retry_after = wait.into();
        self
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Says for how long the target had not answered when the call was ended.
    #[must_use]
    pub fn with_unanswered(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.unanswered = time.into();
        self
    }

    /// For how long the target had not answered when the call was ended; `None` where it was not asked.
    #[must_use]
    pub const fn unanswered(&self) -> Option<Duration> {
        self.unanswered
    }

    /// The target that was not asked, or had not answered.
    #[must_use]
    pub const fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// Time from the refusal until the call could be served; `None` if never or not known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The first refusal in a chain of errors.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        find_error(error)
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(time) = self.unanswered {
            f.write_str("the deadline passed: ")?;
            match &self.target {
                Some(target) => write!(f, "{target}")?,
                None => f.write_str("the provider")?,
            }
            return write!(f, " had not answered for {:?}", plain(time));
        }
        f.write_str(self.reason.sentence())?;
        if let Some(target) = &self.target {
            write!(f, " for {target}")?;
        }
        match self.retry_after {
            Some(wait) => write!(f, ", try again in {:?}", plain(wait)),
            None => Ok(()),
        }
    }
}

impl Error for Rejected {}

/// Rounded up, as people say it: to milliseconds below a second, to tenths of a second below a minute,
/// then to seconds.
fn plain(wait: Duration) -> Duration {
    let unit = match wait.as_secs() {
        0 => 1_000_000,
        1..60 => 100_000_000,
        _ => 1_000_000_000,
    };
    let part = wait.subsec_nanos().div_ceil(unit) * unit;
    Duration::from_secs(wait.as_secs()).saturating_add(Duration::from_nanos(part.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up_for_people() {
        for (nanos, text) in [
            (0, "0ns"),
            (1, "1ms"),
            (725_032_725, "726ms"),
            (999_000_001, "1s"),
            (2_035_000_001, "2.1s"),
            (59_900_000_001, "60s"),
            (1_366_848_000_000, "1367s"),
        ] {
            let rejected = Rejected::new(Reason::CircuitOpen);
            let rejected = rejected.with_retry_after(Duration::from_nanos(nanos));
            let told = format!("the circuit is open, try again in {text}");
            assert_eq!(rejected.to_string(), told);
        }
        let late = Rejected::new(Reason::DeadlineExceeded)
            .with_target(Target::new("groq", "m"))
            .with_unanswered(Duration::from_secs(20));
        let told = "the deadline passed: groq (m) had not answered for 20s";
        assert_eq!(late.to_string(), told);
        let never = Rejected::new(Reason::CircuitOpen).with_retry_after(Duration::MAX);
        assert!(!never.to_string().is_empty());
    }
}
