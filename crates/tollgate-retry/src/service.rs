//! The service.

use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tollgate_core::{Observe, Replay};
use tower_service::Service;

use crate::{Event, future::ResponseFuture, layer::Shared, run::Run};

/// A service that sends a request again when it was throttled or failed for a while; made by
/// [`RetryLayer`](crate::RetryLayer).
///
/// # Readiness
///
/// `poll_ready` is the inner service's: Pending stays Pending, and errors pass unchanged. The
/// instance that was made ready serves the first attempt. Calling without readiness is an error of
/// the caller, with whatever consequence the inner service gives it.
///
/// # Errors
///
/// Those of the inner service, unchanged. The layer has none of its own: what it does not retry, it
/// hands over.
///
/// # Cancel safety
///
/// As documented at [`ResponseFuture`]: dropping the future leaves nothing behind.
pub struct Retry<S, O = ()> {
    inner: S,
    shared: Arc<Shared<O>>,
}

impl<S, O> Retry<S, O> {
    pub(crate) const fn new(inner: S, shared: Arc<Shared<O>>) -> Self {
        Self { inner, shared }
    }
}

impl<S, B, R, O> Service<Request<B>> for Retry<S, O>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: 'static,
    B: Replay,
    O: Observe<Event>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let run = Run::new(self.shared.clone(), &request);
        // The future gets the instance that was made ready. The clone that stays here has no
        // readiness and no place in a queue below, so a caller that keeps it blocks nobody.
        let service = run.can_resend().then(|| {
            let clone = self.inner.clone();
            mem::replace(&mut self.inner, clone)
        });
        match service {
            Some(mut service) => {
                let future = service.call(request);
                ResponseFuture::new(future, Some(service), run)
            }
            None => ResponseFuture::new(self.inner.call(request), None, run),
        }
    }
}

impl<S: Clone, O> Clone for Retry<S, O> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            shared: self.shared.clone(),
        }
    }
}

impl<S: fmt::Debug, O> fmt::Debug for Retry<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("inner", &self.inner)
            .field("policy", &self.shared.live.rules().policy)
            .finish_non_exhaustive()
    }
}
