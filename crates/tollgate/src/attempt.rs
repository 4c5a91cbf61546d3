//! The layer around each attempt: tells how it ended, and opens its span.

pub mod future;
mod layer;
mod watch;

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tollgate_core::Replay;
use tower_service::Service;

pub use layer::AttemptLayer;

use crate::event::Observer;
use future::AttemptFuture;
use watch::Watch;

/// A service whose attempts are told of; made by [`AttemptLayer`].
///
/// # Readiness
///
/// `poll_ready` is the inner service's, and `call` calls the instance that was made ready, at once.
/// Calling without readiness is an error of the caller, with whatever consequence the inner service
/// gives it.
///
/// # Errors
///
/// Those of the inner service, unchanged.
///
/// # Cancel safety
///
/// The future holds the inner future and nothing else. Dropping it before it was ready is told as
/// [`Outcome::Cancelled`](crate::event::Outcome::Cancelled), after the inner future was dropped.
pub struct Attempt<S, O = ()> {
    inner: S,
    observer: Arc<O>,
    spans: bool,
}

impl<S, B, R, O> Service<Request<B>> for Attempt<S, O>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: 'static,
    B: Replay,
    O: Observer,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = AttemptFuture<S::Future, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match Watch::begin(&self.observer, self.spans, &request) {
            None => AttemptFuture::unwatched(self.inner.call(request)),
            Some(watch) => AttemptFuture::watched(watch, || self.inner.call(request)),
        }
    }
}

impl<S: Clone, O> Clone for Attempt<S, O> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            observer: Arc::clone(&self.observer),
            spans: self.spans,
        }
    }
}

impl<S: fmt::Debug, O> fmt::Debug for Attempt<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("inner", &self.inner)
            .field("spans", &self.spans)
            .finish_non_exhaustive()
    }
}
