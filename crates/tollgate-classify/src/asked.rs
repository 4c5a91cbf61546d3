//! What must be known of a request when its answer is there.

use http::{Method, Request};
use tokio::time::Instant;
use tollgate_core::Call;

use crate::origin::Origin;

/// What is kept of a request until its answer is there.
pub(crate) struct Asked {
    pub(crate) origin: Origin,
    pub(crate) deadline: Option<Instant>,
    /// When the attempt must have its head.
    pub(crate) attempt: Option<Instant>,
    /// It makes something, so a success has something to say, and an error in it is its own. (A GET may ask
    /// for a job that failed, or for a file of errors.)
    pub(crate) makes: bool,
}

impl Asked {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let call = Call::of(request);
        Self {
            origin: Origin::of(request),
            deadline: call.and_then(Call::deadline),
            attempt: call.and_then(Call::attempt_deadline),
            makes: request.method() == Method::POST && !request.uri().path().ends_with("/cancel"),
        }
    }
}
