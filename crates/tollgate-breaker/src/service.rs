//! The service.

use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use tollgate_core::{BoxError, Observe};
use tower_service::Service;

use crate::{Event, GuardBody, cell::Cell, future::ResponseFuture, shared::Shared, sync};

/// A service that refuses calls while their provider is ill; made by
/// [`BreakerLayer`](crate::BreakerLayer).
///
/// # Readiness
///
/// `poll_ready` asks the inner service and is always ready, unless that fails: an open breaker must
/// be able to refuse at once, however busy the service below is. A call that is let in goes to the
/// inner instance that was made ready, at once and without a clone. If that was not ready, the
/// future takes it, waits, and comes to the gate when it is. A call that is refused gives back the
/// readiness, and the place in a queue below, for which the inner service is replaced by a clone.
///
/// # Errors
///
/// Those of the inner service, boxed; and [`Rejected`](tollgate_core::Rejected) with
/// [`Reason::CircuitOpen`](tollgate_core::Reason::CircuitOpen), the target, and the time left.
///
/// # Cancel safety
///
/// As documented at [`ResponseFuture`]: dropping the future leaves nothing behind.
pub struct Breaker<S, O = ()> {
    inner: S,
    // The inner service was made ready and not called since.
    ready: bool,
    // The breaker of the last call: most services call one host only.
    last: Option<sync::Arc<Cell>>,
    shared: Arc<Shared<O>>,
}

impl<S, O> Breaker<S, O> {
    pub(crate) const fn new(inner: S, shared: Arc<Shared<O>>) -> Self {
        Self {
            inner,
            ready: false,
            last: None,
            shared,
        }
    }
}

impl<S: Clone, O> Breaker<S, O> {
    /// The inner service as it is, with its readiness or its place in a queue; a clone stays here.
    fn take(&mut self) -> S {
        self.ready = false;
        let clone = self.inner.clone();
        mem::replace(&mut self.inner, clone)
    }
}

impl<S, B, R, O> Service<Request<B>> for Breaker<S, O>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    R: Body,
    O: Observe<Event>,
{
    type Response = Response<GuardBody<R, O>>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let polled = self.inner.poll_ready(cx).map_err(Into::into)?;
        self.ready = polled.is_ready();
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(cell) = self.shared.cell(&request, &mut self.last) else {
            // Unwatched.
            return match mem::take(&mut self.ready) {
                true => ResponseFuture::calling(self.inner.call(request), None),
                false => ResponseFuture::readying(self.take(), request, None),
            };
        };
        let refused = if self.ready {
            match self.shared.admit(cell) {
                Ok(permit) => {
                    self.ready = false;
                    return ResponseFuture::calling(self.inner.call(request), Some(permit));
                }
                Err(refused) => refused,
            }
        } else {
            match self.shared.knock(&cell) {
                Ok(()) => {
                    let gate = (self.shared.clone(), cell);
                    return ResponseFuture::readying(self.take(), request, Some(gate));
                }
                Err(refused) => refused,
            }
        };
        drop(self.take());
        ResponseFuture::refused(refused)
    }
}

impl<S: Clone, O> Clone for Breaker<S, O> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            ready: false,
            last: self.last.clone(),
            shared: self.shared.clone(),
        }
    }
}

impl<S: fmt::Debug, O> fmt::Debug for Breaker<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("inner", &self.inner)
            .field("ready", &self.ready)
            .field("settings", &self.shared.core.settings)
            .finish_non_exhaustive()
    }
}
