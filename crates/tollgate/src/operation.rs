//! The layer around a whole call: tells how it ended, and opens its span.

mod asked;
mod body;
pub mod future;
mod layer;
mod outcome;
mod reader;
mod watch;

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tollgate_core::Replay;
use tower_service::Service;

pub use body::OperationBody;
pub use layer::OperationLayer;

pub(crate) use asked::Asked;
pub(crate) use outcome::Ended;

use crate::event::Observer;
use future::OperationFuture;
use layer::Settings;
use watch::Watch;

/// A service whose calls are told of; made by [`OperationLayer`].
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
/// [`Outcome::Cancelled`](crate::event::Outcome::Cancelled), after the inner future was dropped; at or
/// after the deadline of its [`Call`](crate::core::Call), as
/// [`Reason::DeadlineExceeded`](crate::core::Reason::DeadlineExceeded).
pub struct Operation<S, O = ()> {
    inner: S,
    observer: Arc<O>,
    settings: Settings,
}

impl<S, B, R, O> Service<Request<B>> for Operation<S, O>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: 'static,
    B: Replay,
    R: Body<Data = Bytes>,
    O: Observer,
{
    type Response = Response<OperationBody<R, O>>;
    type Error = S::Error;
    type Future = OperationFuture<S::Future, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match Watch::begin(&self.observer, self.settings, &mut request) {
            None => OperationFuture::unwatched(self.inner.call(request)),
            Some(watch) => OperationFuture::watched(watch, || self.inner.call(request)),
        }
    }
}

impl<S: Clone, O> Clone for Operation<S, O> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            observer: Arc::clone(&self.observer),
            settings: self.settings,
        }
    }
}

impl<S: fmt::Debug, O> fmt::Debug for Operation<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("inner", &self.inner)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
