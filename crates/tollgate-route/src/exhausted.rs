//! The error when no target is left.

use std::{
    any::Any,
    error::Error,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{Response, StatusCode};
use tollgate_core::{BoxError, Class, Reason, Rejected};

use crate::{Attempt, text::time};

/// No target is left: the error that carries the last response, what became of the call at each
/// target, and when the first of them returns.
///
/// Its `Display` is a sentence for people: "Rate limit reached for groq (llama-3.3-70b-versatile).
/// All alternatives are rate limited. Try again in 22m47s." In its chain of sources is a
/// [`Rejected`] with [`Reason::NoTarget`], which other layers understand; where the deadline passed while
/// a target had not answered, with [`Reason::DeadlineExceeded`], and the sentence says who, and for how
/// long. Until it is dropped or the
/// response is taken out, it holds what the response holds: its connection, and permits in its body.
///
/// # Examples
///
/// ```
/// use tollgate_core::{BoxError, find_error};
/// use tollgate_route::Exhausted;
///
/// fn tell(error: &BoxError) {
///     // It may be inside another error: of a boxed client, of an I/O error.
///     if let Some(exhausted) = find_error::<Exhausted>(error.as_ref()) {
///         eprintln!("{exhausted}");
///         for attempt in exhausted.attempts() {
///             eprintln!("  {attempt}");
///         }
///     }
/// }
/// ```
pub struct Exhausted {
    attempts: Vec<Attempt>,
    /// Whose failure the sentence begins with.
    first: usize,
    /// Others were healthy, but there was no time or no attempt left for them.
    cut: bool,
    rejected: Rejected,
    status: Option<StatusCode>,
    // A mutex only because errors must be `Sync`, and bodies need not be.
    response: Mutex<Option<Box<dyn Any + Send>>>,
    error: Option<BoxError>,
}

impl Exhausted {
    pub(crate) fn new(attempts: Vec<Attempt>, first: usize, retry_after: Option<Duration>) -> Self {
        let target = attempts.get(first).map(|attempt| attempt.target().clone());
        Self {
            attempts,
            first,
            cut: false,
            rejected: Rejected::new(Reason::NoTarget)
                .with_target(target)
                .with_retry_after(retry_after),
            status: None,
            response: Mutex::new(None),
            error: None,
        }
    }

    pub(crate) fn cut(self, cut: bool) -> Self {
        Self { cut, ..self }
    }

    /// The call had no time left while it waited for an answer.
    pub(crate) fn late(mut self, late: bool) -> Self {
        let asked = self.attempts.iter().rev();
        let last = asked.clone().find(|one| one.took().is_some());
        let last = last.filter(|one| late && one.class() == Some(Class::Timeout));
        if let Some(last) = last {
            self.rejected = Rejected::new(Reason::DeadlineExceeded)
                .with_target(last.target().clone())
                .with_unanswered(last.took());
        }
        self
    }

    fn is_late(&self) -> bool {
        self.rejected.reason() == Reason::DeadlineExceeded
    }

    /// Who had not answered at the deadline, and for how long.
    fn deadline(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The deadline passed.")?;
        for attempt in &self.attempts {
            let target = attempt.target();
            match (attempt.class(), attempt.took()) {
                (Some(Class::Timeout), Some(took)) => {
                    write!(f, " {target} had not answered for {}.", time(took))?;
                }
                _ => write!(f, " {target} was {}.", attempt.words())?,
            }
        }
        match self.cut {
            true => f.write_str(" Nobody else was asked."),
            false => Ok(()),
        }
    }

    pub(crate) fn with<R: Send + 'static>(self, last: Result<Response<R>, BoxError>) -> Self {
        match last {
            Ok(response) => Self {
                status: Some(response.status()),
                response: Mutex::new(Some(Box::new(response))),
                ..self
            },
            Err(error) => Self {
                error: Some(error),
                ..self
            },
        }
    }

    /// What became of the call at each target: those that were asked, in their order, then those
    /// that were known not to answer.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Time from the failure until the first target returns, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.rejected.retry_after()
    }

    /// The status of the last response, where the last thing that came back was one.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Takes out the last response as it came, with its body unread. `None` where the last thing that
    /// came back was an error, where it was taken before, and where it has another type of body:
    /// `R` is the one of the service below the router.
    pub fn take_response<R: 'static>(&self) -> Option<Response<R>> {
        let mut held = self.response.lock().unwrap_or_else(PoisonError::into_inner);
        match held.take()?.downcast() {
            Ok(response) => Some(*response),
            Err(other) => {
                *held = Some(other);
                None
            }
        }
    }

    /// The last error, where the last thing that came back was one.
    #[must_use]
    pub const fn last_error(&self) -> Option<&BoxError> {
        self.error.as_ref()
    }

    /// A target with several tries is told of once.
    fn is_last(&self, at: usize, attempt: &Attempt) -> bool {
        let mut later = self.attempts[at + 1..].iter();
        later.all(|other| other.target() != attempt.target())
    }

    fn opening(f: &mut fmt::Formatter<'_>, first: &Attempt) -> fmt::Result {
        let target = first.target();
        match first.class() {
            Some(Class::RateLimited) => write!(f, "Rate limit reached for {target}."),
            Some(Class::QuotaExhausted) => write!(f, "Quota used up for {target}."),
            _ => {
                let words = first.words();
                write!(f, "The provider {target} is {words}.")
            }
        }
    }

    fn others(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = || {
            self.attempts
                .iter()
                .enumerate()
                .filter(|(at, one)| *at != self.first && self.is_last(*at, one))
        };
        let words = || others().map(|(_, attempt)| attempt.words());
        let Some(word) = words().next() else {
            return f.write_str(match self.cut {
                true => " Nobody else was asked.",
                false => " There is no alternative.",
            });
        };
        if words().all(|other| other == word) {
            return write!(f, " All alternatives are {word}.");
        }
        f.write_str(" The alternatives failed for several reasons:")?;
        let mut told: Vec<&str> = Vec::new();
        for word in words() {
            if !told.contains(&word) {
                let comma = if told.is_empty() { "" } else { "," };
                let n = words().filter(|other| *other == word).count();
                write!(f, "{comma} {n} {word}")?;
                told.push(word);
            }
        }
        f.write_str(".")
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.attempts.get(self.first) else {
            return f.write_str("No target is allowed for this call.");
        };
        if self.is_late() {
            return self.deadline(f);
        }
        Self::opening(f, first)?;
        self.others(f)?;
        match self.retry_after() {
            Some(wait) => write!(f, " Try again in {}.", time(wait)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exhausted")
            .field("attempts", &self.attempts)
            .field("retry_after", &self.retry_after())
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Error for Exhausted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.rejected)
    }
}

#[cfg(test)]
mod tests;
