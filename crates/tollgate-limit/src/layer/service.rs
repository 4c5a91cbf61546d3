//! The service.

use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tollgate_core::{BoxError, Call, Observe, Replay};
use tower_service::Service;

use super::{Shared, body::PermitBody, future::ResponseFuture, pass::Pass};
use crate::{Admit, Event, Limiter, Local};

/// A service that sends a call when the provider's limits allow it; made by
/// [`LimitLayer`](crate::LimitLayer).
///
/// # Readiness
///
/// Always ready, unless the inner service fails to become so: where it is not ready yet, the call
/// waits for it inside its future. Waiting for a limit happens there too, and holds no readiness and
/// no place in a queue of the inner service.
///
/// # Errors
///
/// Those of the inner service, boxed, and [`Rejected`](tollgate_core::Rejected).
///
/// # Cancel safety
///
/// As documented at [`ResponseFuture`]: dropping the future leaves nothing behind.
pub struct LimitService<S, O = (), L = Local> {
    inner: S,
    shared: Arc<Shared<O, L>>,
    ready: bool,
}

impl<S, O, L> LimitService<S, O, L> {
    pub(crate) const fn new(inner: S, shared: Arc<Shared<O, L>>) -> Self {
        Self {
            inner,
            shared,
            ready: false,
        }
    }
}

impl<S, B, R, O, L> Service<Request<B>> for LimitService<S, O, L>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    B: Replay,
    R: Body<Data = Bytes>,
    O: Observe<Event>,
    L: Limiter,
{
    type Response = Response<PermitBody<R, L::Permit>>;
    type Error = BoxError;
    type Future = ResponseFuture<S, B, O, L>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.ready = match self.inner.poll_ready(cx) {
            Poll::Ready(Ok(())) => true,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
            Poll::Pending => {
                // Whoever is told to be ready may take its time: a clone has no place in a queue.
                self.inner = self.inner.clone();
                false
            }
        };
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let admit = self.shared.ask(&request);
        let report = Call::of(&request).and_then(Call::usage_report).cloned();
        self.shared.tell(&admit);
        if mem::take(&mut self.ready) && matches!(admit, Admit::Now(_)) {
            let future = self.inner.call(request);
            let Admit::Now(permit) = admit else {
                unreachable!("looked at a moment ago")
            };
            let shared = self.shared.clone();
            return ResponseFuture::calling(future, permit, shared).reporting(report);
        }
        // What is not called at once gives up its readiness below, or its place in a queue there: a
        // clone has neither.
        self.inner = self.inner.clone();
        let shared = self.shared.clone();
        match admit {
            Admit::Now(permit) => {
                let held = (self.inner.clone(), request);
                ResponseFuture::readying(held, Pass::new(permit), shared).reporting(report)
            }
            Admit::Later(acquire) => {
                ResponseFuture::waiting((self.inner.clone(), request), acquire, shared)
                    .reporting(report)
            }
            Admit::Refused(rejected) => ResponseFuture::refused(rejected, shared),
        }
    }
}

impl<S: Clone, O, L> Clone for LimitService<S, O, L> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            shared: self.shared.clone(),
            ready: false,
        }
    }
}

impl<S: fmt::Debug, O, L> fmt::Debug for LimitService<S, O, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitService")
            .field("inner", &self.inner)
            .field("by", &self.shared.by)
            .finish_non_exhaustive()
    }
}
