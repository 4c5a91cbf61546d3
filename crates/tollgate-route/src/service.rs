//! The service.

use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use tollgate_core::{BoxError, Observe, Replay};
use tower_service::Service;

use crate::{
    Event,
    future::ResponseFuture,
    run::{Run, Step},
    state::Shared,
};

/// A service that sends each call to the best of several targets; made by
/// [`RouteLayer`](crate::RouteLayer).
///
/// # Readiness
///
/// Ready at once: what the inner service is not ready for yet, the future waits for. Errors of its
/// readiness pass. An instance that was made ready serves the first attempt.
///
/// # Errors
///
/// * What the inner service fails with, unchanged, where it has but one target to ask.
/// * [`Exhausted`](crate::Exhausted) when no target is left. It carries the last response.
/// * [`BadRequest`](crate::BadRequest) when the request cannot be written for any target.
/// * [`Rejected`](tollgate_core::Rejected) when its deadline has passed before anybody was asked.
/// * [`NoRoute`](crate::NoRoute) when it chooses a route that does not exist.
///
/// What no other target would answer better (a wrong request, a refused key without another one) is
/// handed over as the response it is.
///
/// # Cancel safety
///
/// As documented at [`ResponseFuture`]: dropping the future leaves nothing behind.
pub struct Router<S, O = ()> {
    inner: S,
    ready: bool,
    shared: Arc<Shared<O>>,
}

impl<S, O> Router<S, O> {
    pub(crate) const fn new(inner: S, shared: Arc<Shared<O>>) -> Self {
        Self {
            inner,
            ready: false,
            shared,
        }
    }
}

impl<S, B, R, O> Service<Request<B>> for Router<S, O>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    B: Replay + From<Bytes>,
    R: Send + 'static,
    O: Observe<Event>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ResponseFuture<S, B, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if !self.ready {
            match self.inner.poll_ready(cx) {
                Poll::Ready(Ok(())) => self.ready = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending => {}
            }
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The future gets the instance that was made ready, or that waits in a queue below. The clone
        // that stays here has no readiness and no place in that queue, so a caller that keeps it
        // blocks nobody.
        let fresh = self.inner.clone();
        let mut service = mem::replace(&mut self.inner, fresh);
        let ready = mem::take(&mut self.ready);
        let mut run = match Run::new(self.shared.clone(), request) {
            Ok(run) => run,
            Err(error) => {
                let (route, reason) = (None, None);
                self.shared
                    .observer
                    .observe(&Event::Refused { route, reason });
                return ResponseFuture::failed(error);
            }
        };
        if !ready {
            return ResponseFuture::readying(service, run);
        }
        match run.step() {
            Step::Ask(pick) => {
                let request = match run.send(pick) {
                    Ok(request) => request,
                    Err(error) => return ResponseFuture::failed(error),
                };
                let future = service.call(request);
                ResponseFuture::calling(future, service, run)
            }
            // Not called now: its readiness goes.
            Step::Wait(time) => ResponseFuture::waiting(time, self.inner.clone(), run),
            Step::Over => {
                let error = run.exhausted::<R>(None);
                ResponseFuture::failed(error)
            }
        }
    }
}

impl<S: Clone, O> Clone for Router<S, O> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.shared.clone())
    }
}

impl<S: fmt::Debug, O> fmt::Debug for Router<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
