//! The one error with which a layer refuses a call.

use std::{error::Error, fmt, time::Duration};

use crate::{Target, class::deeper};

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
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::QueueFull => "too many calls are waiting",
            Self::WaitTooLong => "the wait would be too long",
            Self::CircuitOpen => "the circuit is open",
            Self::NoTarget => "no target is left",
            Self::DeadlineExceeded => "the deadline would be missed",
            Self::TooLarge => "the call is larger than the limit",
            Self::BodyTooLarge => "the request body is too large to be kept",
            Self::StoreUnavailable => "the shared store is unavailable",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A layer refused the call: the provider was not asked.
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
}

impl Rejected {
    /// A refusal for this reason.
    #[must_use]
    pub const fn new(reason: Reason) -> Self {
        Self {
            reason,
            target: None,
            retry_after: None,
        }
    }

    /// Names the target that was not asked.
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

    /// The target that was not asked.
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
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(rejected) = error.downcast_ref() {
                return Some(rejected);
            }
            next = deeper(error);
        }
        None
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.sentence())?;
        if let Some(target) = &self.target {
            write!(f, " for {target}")?;
        }
        match self.retry_after {
            Some(wait) => write!(f, ", try again in {wait:?}"),
            None => Ok(()),
        }
    }
}

impl Error for Rejected {}
