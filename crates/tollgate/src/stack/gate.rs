//! Lets no attempt out of a stack that is closed.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::Request;
use pin_project_lite::pin_project;
use tollgate_core::{BoxError, Rejected};
use tower_service::Service;

use crate::closing::Closing;

/// A service that sends nothing once its stack is closed. Stands between retry and what tells of an attempt.
///
/// # Readiness
///
/// The inner service's.
///
/// # Errors
///
/// Those of the inner service; and [`Rejected`] with
/// [`Reason::Closed`](tollgate_core::Reason::Closed) for attempts that would begin after the end, and for
/// those that waited below then.
#[derive(Debug, Clone)]
pub struct Gate<S> {
    inner: S,
    closing: Closing,
}

impl<S> Gate<S> {
    pub(super) const fn new(inner: S, closing: Closing) -> Self {
        Self { inner, closing }
    }
}

impl<S, B> Service<Request<B>> for Gate<S>
where
    S: Service<Request<B>>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = GateFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let closed = self.closing.is_closed();
        GateFuture {
            future: (!closed).then(|| self.inner.call(request)),
            closing: self.closing.clone(),
        }
    }
}

pin_project! {
    /// The response future of [`Gate`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the attempt.
    #[derive(Debug)]
    pub struct GateFuture<F> {
        // None where nothing is sent.
        #[pin]
        future: Option<F>,
        closing: Closing,
    }
}

impl<F, R, E> Future for GateFuture<F>
where
    F: Future<Output = Result<R, E>>,
    E: Into<BoxError>,
{
    type Output = Result<R, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let closed = || this.closing.sleepers().closed();
        let Some(future) = this.future.as_pin_mut() else {
            let rejected = closed().map(BoxError::from);
            return Poll::Ready(Err(rejected.expect("nothing was sent because of that")));
        };
        future.poll(cx).map_err(|error| {
            let error = error.into();
            // A layer below rejected it: at the end of the stack, because of that.
            let rejected = Rejected::find(error.as_ref()).and_then(|_| closed());
            rejected.map_or(error, Into::into)
        })
    }
}
