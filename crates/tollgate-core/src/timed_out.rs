//! The error when time is up.

use std::{error::Error, fmt, io, time::Duration};

use crate::{BoxError, Target, find_error};

/// Which time limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeLimit {
    /// To the head of the answer.
    Attempt,
    /// To the first event of a stream.
    FirstEvent,
    /// Between two pieces of a body.
    Idle,
    /// The part of a call's time that one target gets while another healthy one is left:
    /// [`Call::attempt_deadline`](crate::Call::attempt_deadline).
    Share,
    /// The deadline of the call.
    Deadline,
}

impl TimeLimit {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::FirstEvent => "first_event",
            Self::Idle => "idle",
            Self::Share => "share",
            Self::Deadline => "deadline",
        }
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An attempt took too long. Arrives inside an [`io::Error`] of kind `TimedOut`, which everybody
/// knows as a time-out.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::{Class, Target, TimeLimit, TimedOut};
///
/// let late = TimedOut::new(TimeLimit::Attempt, Duration::from_secs(20));
/// let error = late.with_target(Target::new("groq", "m")).into_error();
/// assert_eq!(Class::of_error(error.as_ref()), Some(Class::Timeout));
/// let found = TimedOut::find(error.as_ref()).expect("it is one");
/// assert_eq!(found.to_string(), "groq (m): no answer within 20s");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedOut {
    limit: TimeLimit,
    after: Duration,
    target: Option<Target>,
}

impl TimedOut {
    /// This limit was met, after this time.
    #[must_use]
    pub const fn new(limit: TimeLimit, after: Duration) -> Self {
        Self {
            limit,
            after,
            target: None,
        }
    }

    /// Names who had not answered.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<Option<Target>>) -> Self {
        self.target = target.into();
        self
    }

    /// The same as an I/O error, boxed.
    #[must_use]
    pub fn into_error(self) -> BoxError {
        io::Error::new(io::ErrorKind::TimedOut, self).into()
    }

    /// The first of its kind in a chain of errors.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        find_error(error)
    }

    /// Which time limit was met.
    #[must_use]
    pub const fn limit(&self) -> TimeLimit {
        self.limit
    }

    /// How long was waited.
    #[must_use]
    pub const fn after(&self) -> Duration {
        self.after
    }

    /// Who had not answered; `None` where the call named no target.
    #[must_use]
    pub const fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = &self.target {
            write!(f, "{target}: ")?;
        }
        let what = match self.limit {
            TimeLimit::FirstEvent => "no first event",
            TimeLimit::Idle => "no further piece of the body",
            TimeLimit::Attempt | TimeLimit::Share | TimeLimit::Deadline => "no answer",
        };
        write!(f, "{what} within {:?}", self.after)
    }
}

impl Error for TimedOut {}
