//! What became of a call at one target, and who served it in the end.

use std::{fmt, time::Duration};

use http::Response;
use tollgate_core::{Class, Reason, Target};

use crate::text::time;

/// What became of a call at one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    target: Target,
    class: Option<Class>,
    reason: Option<Reason>,
    wait: Option<Duration>,
    took: Option<Duration>,
}

impl Attempt {
    /// It was asked, and this came back.
    pub(crate) const fn asked(
        target: Target,
        class: Option<Class>,
        reason: Option<Reason>,
        wait: Option<Duration>,
        took: Duration,
    ) -> Self {
        Self {
            target,
            class,
            reason,
            wait,
            took: Some(took),
        }
    }

    /// It was not asked: it is known not to answer before `wait`.
    pub(crate) const fn skipped(
        target: Target,
        class: Option<Class>,
        wait: Option<Duration>,
    ) -> Self {
        Self {
            target,
            class,
            reason: None,
            wait,
            took: None,
        }
    }

    /// Which target.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The kind of answer: for a target that was not asked, of the answer because of which it was
    /// not. `None` where a layer below refused the call.
    #[must_use]
    pub const fn class(&self) -> Option<Class> {
        self.class
    }

    /// Why a layer below refused the call.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// How long it said, or is known, to need.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        self.wait
    }

    /// How long the attempt took; `None` where the target was not asked.
    #[must_use]
    pub const fn took(&self) -> Option<Duration> {
        self.took
    }

    /// In plain words.
    pub(crate) const fn words(&self) -> &'static str {
        match (self.class, self.reason) {
            (Some(class), _) => match class {
                Class::RateLimited => "rate limited",
                Class::QuotaExhausted => "out of quota",
                Class::Overloaded => "overloaded",
                Class::ServerError => "failing",
                Class::Timeout => "not answering",
                Class::Transport => "unreachable",
                Class::Auth => "refusing the key",
                _ => "unfit for this call",
            },
            (None, Some(Reason::CircuitOpen)) => "shut off after failures",
            (None, Some(Reason::TooLarge)) => "too small for this call",
            (None, Some(_)) => "busy",
            (None, None) => "not available",
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.target, self.words())?;
        if let Some(wait) = self.wait {
            write!(f, ", back in {}", time(wait))?;
        }
        if self.took.is_none() {
            f.write_str(" (not asked)")?;
        }
        Ok(())
    }
}

/// The response extension that says who answered, and who could not.
///
/// # Examples
///
/// ```
/// use http::Response;
/// use tollgate_route::Served;
///
/// fn log(response: &Response<()>) {
///     if let Some(served) = Served::of(response) {
///         println!("{} after {} others", served.target(), served.attempts().len());
///     }
/// }
/// # log(&Response::new(()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    target: Target,
    attempts: Vec<Attempt>,
}

impl Served {
    pub(crate) const fn new(target: Target, attempts: Vec<Attempt>) -> Self {
        Self { target, attempts }
    }

    /// What the router says about a response.
    #[must_use]
    pub fn of<B>(response: &Response<B>) -> Option<&Self> {
        response.extensions().get()
    }

    /// Who answered.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Those who were asked before and could not, and those that were passed over (with no
    /// [`took`](Attempt::took)), in their order; none for an answer of the first target.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }
}
