//! What kind of answer came back.

use std::{
    any::Any,
    error::Error,
    fmt,
    io::{self, ErrorKind},
};

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::{BoxError, CallError, Rejected, replay::UploadError};

/// What kind of answer a call got: the coarse word every layer decides by.
///
/// Use [`Classification`](crate::Classification) for the details (how long, which limit, which
/// window).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Class {
    /// The provider served the call.
    Ok,
    /// Too much in too little time: the same call can succeed later without a human.
    RateLimited,
    /// Credits, a plan or a spending limit are used up: waiting seconds does not help.
    QuotaExhausted,
    /// The provider has no capacity right now, whoever asks.
    Overloaded,
    /// The provider failed.
    ServerError,
    /// No answer in time.
    Timeout,
    /// The key is missing, wrong or not allowed to do this.
    Auth,
    /// The call itself is wrong and stays wrong.
    InvalidRequest,
    /// The connection failed before an answer came.
    Transport,
}

impl Class {
    /// Every class, in the order of their declaration.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::RateLimited,
        Self::QuotaExhausted,
        Self::Overloaded,
        Self::ServerError,
        Self::Timeout,
        Self::Auth,
        Self::InvalidRequest,
        Self::Transport,
    ];

    /// The class a bare status code suggests, when nothing better is known.
    ///
    /// 1xx to 3xx are `Ok`: a redirect is the client's business, not a failure of the provider.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::StatusCode;
    /// use tollgate_core::Class;
    ///
    /// assert_eq!(Class::of_status(StatusCode::TOO_MANY_REQUESTS), Class::RateLimited);
    /// assert_eq!(Class::of_status(StatusCode::SERVICE_UNAVAILABLE), Class::Overloaded);
    /// ```
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            0..=399 => Self::Ok,
            429 => Self::RateLimited,
            // 498: flex capacity at Groq. 529: overloaded at Anthropic.
            498 | 503 | 529 => Self::Overloaded,
            402 => Self::QuotaExhausted,
            401 | 403 | 407 => Self::Auth,
            // 522 and 524 are a proxy that gave up on the origin, 598 and 599 a client that did.
            408 | 504 | 522 | 524 | 598 | 599 => Self::Timeout,
            400..=499 => Self::InvalidRequest,
            _ => Self::ServerError,
        }
    }

    /// The class of an error, or `None` when a layer of tollgate itself refused the call.
    ///
    /// A [`Rejected`] anywhere in the chain says nothing about the provider, so it has no class: a
    /// breaker does not count it, retry does not retry it, a router goes on to the next target.
    /// An error of the caller's own request body ([`UploadError`]) is [`Class::InvalidRequest`].
    /// Known timeouts (tokio's, `io::ErrorKind::TimedOut`, and tower's with the feature `tower`) are
    /// [`Class::Timeout`]; all else is [`Class::Transport`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    /// use tollgate_core::{Class, Reason, Rejected};
    ///
    /// let slow = io::Error::from(io::ErrorKind::TimedOut);
    /// assert_eq!(Class::of_error(&slow), Some(Class::Timeout));
    /// assert_eq!(Class::of_error(&Rejected::new(Reason::QueueFull)), None);
    /// ```
    #[must_use]
    pub fn of_error(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut class = Self::Transport;
        let mut next = Some(error);
        while let Some(error) = next {
            if error.is::<Rejected>() {
                return None;
            }
            if error.is::<UploadError>() {
                return Some(Self::InvalidRequest);
            }
            if is_timeout(error) {
                class = Self::Timeout;
            }
            next = deeper(error);
        }
        Some(class)
    }

    /// [`of_error`](Self::of_error) for an error of any type, boxed or not.
    ///
    /// Generic services have an error type about which nothing is known. This looks into the boxed
    /// errors that tower services use (`Box<dyn Error>` with or without `Send` and `Sync`) and into
    /// the plain errors named at `of_error`; an error of a type of its own is
    /// [`Class::Transport`], because its sources can not be reached without a bound.
    #[must_use]
    pub fn of_any<E: 'static>(error: &E) -> Option<Self> {
        as_error(error).map_or(Some(Self::Transport), Self::of_error)
    }

    /// The provider pushed back, and pushing less helps: `RateLimited` or `Overloaded`.
    #[must_use]
    pub const fn is_throttle(self) -> bool {
        matches!(self, Self::RateLimited | Self::Overloaded)
    }

    /// Something broke that may work the next time: `ServerError`, `Timeout` or `Transport`.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::ServerError | Self::Timeout | Self::Transport)
    }

    /// The name in snake case, as it appears in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RateLimited => "rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Auth => "auth",
            Self::InvalidRequest => "invalid_request",
            Self::Transport => "transport",
        }
    }
}

/// The error behind a type of which nothing is known: boxed, with or without `Send` and `Sync`, or one of
/// those that [`Class::of_error`] names. `None` where it is of a type of its own, whose sources can not
/// be reached without a bound.
#[must_use]
pub fn as_error<E: 'static>(error: &E) -> Option<&(dyn Error + 'static)> {
    let error: &dyn Any = error;
    if let Some(error) = error.downcast_ref::<BoxError>() {
        return Some(error.as_ref());
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send>>() {
        return Some(error.as_ref());
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error>>() {
        return Some(error.as_ref());
    }
    if let Some(error) = error.downcast_ref::<CallError>() {
        return Some(error);
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Some(error);
    }
    if let Some(error) = error.downcast_ref::<tokio::time::error::Elapsed>() {
        return Some(error);
    }
    let own = error.downcast_ref::<Rejected>();
    own.map(|error| error as &(dyn Error + 'static))
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    #[cfg(feature = "tower")]
    if error.is::<tower::timeout::error::Elapsed>() {
        return true;
    }
    error.is::<tokio::time::error::Elapsed>()
        || error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::TimedOut)
}

/// The next link of the chain. The sources of an `io::Error` and of a `CallError` skip the error inside,
/// so that one comes first.
pub(crate) fn deeper<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<CallError>() {
        return Some(error.get_ref());
    }
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn a_rejection_inside_an_io_error_is_found() {
        let error = io::Error::other(Rejected::new(Reason::CircuitOpen));
        assert_eq!(Class::of_error(&error), None);
        assert_eq!(Class::of_any(&error), None);
    }

    #[test]
    fn a_boxed_rejection_is_found_whatever_the_box() {
        let boxed: BoxError = Rejected::new(Reason::QueueFull).into();
        assert_eq!(Class::of_any(&boxed), None);
        let boxed: Box<dyn Error> = Rejected::new(Reason::QueueFull).into();
        assert_eq!(Class::of_any(&boxed), None);
        assert_eq!(Class::of_any(&Rejected::new(Reason::QueueFull)), None);
    }

    #[test]
    fn a_timeout_deep_in_the_chain_is_a_timeout() {
        let inner = io::Error::from(ErrorKind::TimedOut);
        let error: BoxError = io::Error::other(inner).into();
        assert_eq!(Class::of_any(&error), Some(Class::Timeout));
        assert_eq!(Class::of_any(&fmt::Error), Some(Class::Transport));
    }

    #[test]
    fn every_status_has_a_class() {
        for code in 100..1000 {
            let status = StatusCode::from_u16(code).expect("three digits");
            let ok = Class::of_status(status) == Class::Ok;
            assert_eq!(ok, code < 400, "{code}");
        }
    }
}
