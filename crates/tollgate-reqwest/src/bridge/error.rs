//! The error of a `Bridge`.

use std::{error::Error, fmt};

use tollgate_core::{BoxError, Class, Reason, Rejected};

use crate::reqwest_error;

/// A call through a [`Bridge`](super::Bridge) that got no answer.
///
/// It reads as what the stack said, and has that as its source: a client that shows only the
/// outermost text shows the reason, and [`Rejected::find`] finds a refusal also where a client (such as
/// async-openai) hides the error it wraps.
#[derive(Debug)]
pub struct BridgeError {
    inner: BoxError,
}

impl BridgeError {
    pub(super) fn new(error: impl Into<BoxError>) -> Self {
        Self {
            inner: error.into(),
        }
    }

    /// The refusal of a layer, where it was one: no provider was asked then.
    #[must_use]
    pub fn rejected(&self) -> Option<&Rejected> {
        Rejected::find(&*self.inner)
    }

    /// What reqwest said, where it was asked.
    #[must_use]
    pub fn reqwest(&self) -> Option<&reqwest::Error> {
        reqwest_error(&*self.inner)
    }

    /// No answer came in time, or none would have come before the deadline.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self.rejected() {
            Some(refusal) => refusal.reason() == Reason::DeadlineExceeded,
            None => Class::of_error(&*self.inner) == Some(Class::Timeout),
        }
    }

    /// What the stack said.
    #[must_use]
    pub fn into_inner(self) -> BoxError {
        self.inner
    }
}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Error for BridgeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.inner)
    }
}
