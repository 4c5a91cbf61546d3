//! The error of a connection that was used before and broke.

use std::{error::Error, fmt};

use crate::{BoxError, find_error};

/// A connection that had been used before broke before the head of the answer came.
///
/// Servers close HTTP/1.1 connections that nobody uses for a while, and a call may be sent just then. That says
/// nothing about the provider's health: a breaker does not count it, and retry sends the call again at
/// once, on another connection. A client that knows whether a connection was used before wraps its error
/// in this one; `tollgate::Client` does.
///
/// Its [class](crate::Class::of_error) is [`Transport`](crate::Class::Transport), unless the error inside
/// says otherwise.
///
/// # Examples
///
/// ```
/// use std::io;
/// use tollgate_core::{Class, StaleConnection};
///
/// let reset = io::Error::from(io::ErrorKind::ConnectionReset);
/// let error = StaleConnection::new(reset);
/// assert_eq!(Class::of_error(&error), Some(Class::Transport));
/// assert!(StaleConnection::find(&error).is_some());
/// ```
#[derive(Debug)]
pub struct StaleConnection(BoxError);

impl StaleConnection {
    /// Wraps the error of the client.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// The first of its kind in a chain of errors.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        find_error(error)
    }
}

impl fmt::Display for StaleConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reused connection broke before the answer came")
    }
}

impl Error for StaleConnection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}
