//! The service.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tollgate_core::Observe;
use tower_service::Service;

use crate::{
    Builtin, Classified, Classifier, PeekBody, asked::Asked, future::ResponseFuture, shared::Shared,
};

/// A service whose answers are classified; made by [`ClassifyLayer`](crate::ClassifyLayer).
///
/// # Readiness
///
/// `poll_ready` is the inner service's, and `call` calls the instance that was made ready, at once.
/// Calling without readiness is an error of the caller, with whatever consequence the inner service
/// gives it.
///
/// # Errors
///
/// Those of the inner service, unchanged. An error of the response body while its start is read
/// fails nothing: the response comes, and its body ends in that error.
///
/// # Cancel safety
///
/// The future holds the inner future or the response, nothing else: dropping it drops that.
pub struct Classify<S, C = Builtin, O = ()> {
    inner: S,
    shared: Arc<Shared<C, O>>,
}

impl<S, C, O> Classify<S, C, O> {
    pub(crate) const fn new(inner: S, shared: Arc<Shared<C, O>>) -> Self {
        Self { inner, shared }
    }
}

impl<S, B, R, C, O> Service<Request<B>> for Classify<S, C, O>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body<Data = Bytes> + Unpin,
    C: Classifier,
    O: Observe<Classified>,
{
    type Response = Response<PeekBody<R, C, O>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R, C, O>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let asked = Asked::of(&request);
        let future = self.inner.call(request);
        ResponseFuture::new(future, asked, Arc::clone(&self.shared))
    }
}

impl<S: Clone, C, O> Clone for Classify<S, C, O> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), Arc::clone(&self.shared))
    }
}

impl<S: fmt::Debug, C: fmt::Debug, O> fmt::Debug for Classify<S, C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classify")
            .field("inner", &self.inner)
            .field("shared", &self.shared)
            .finish()
    }
}
