//! The layer that reads a request body before the stack below sees it.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::Request;
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{ReplayBody, ReplayFuture, read::Reading};
use crate::BoxError;

/// Reads each request body, up to a cap, and hands it down as a [`ReplayBody`] that can be sent
/// twice. Belongs outermost.
///
/// Takes any body of [`Bytes`]: hyper's `Incoming`, axum's and reqwest's `Body`, boxed ones. A body
/// above the cap is sent once, as it comes: it is not retried, and not routed where the body would
/// have to be edited. Callers who send `Full<Bytes>` need no such layer.
///
/// # Errors
///
/// An error while reading the body ends the call with that error, boxed. A body that is not read by
/// the deadline of its [`Call`](crate::Call) ends it with
/// [`Reason::DeadlineExceeded`](crate::Reason::DeadlineExceeded). In both cases the service below was
/// not called. Without a deadline a body is waited for as long as it takes; a caller that sends the
/// rest of its body only after it has seen the answer never gets one.
///
/// # Examples
///
/// ```
/// use tollgate_core::ReplayLayer;
///
/// let layer = ReplayLayer::new(); // up to 1 MiB
/// let larger = ReplayLayer::with_cap(8 << 20);
/// # let _ = (layer, larger);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ReplayLayer {
    cap: usize,
}

impl ReplayLayer {
    /// The cap unless set: 1 MiB.
    pub const DEFAULT_CAP: usize = 1 << 20;

    /// Keeps bodies up to [`DEFAULT_CAP`](Self::DEFAULT_CAP).
    #[must_use]
    pub const fn new() -> Self {
        Self::with_cap(Self::DEFAULT_CAP)
    }

    /// Keeps bodies up to `bytes`. With 0 only an empty body can be sent twice.
    #[must_use]
    pub const fn with_cap(bytes: usize) -> Self {
        Self { cap: bytes }
    }
}

impl Default for ReplayLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ReplayLayer {
    type Service = Buffered<S>;

    fn layer(&self, inner: S) -> Buffered<S> {
        Buffered {
            inner,
            cap: self.cap,
        }
    }
}

/// A service whose request bodies are read before it is called; made by [`ReplayLayer`].
///
/// # Readiness
///
/// `poll_ready` is the inner service's. A body that is all there is passed on at once, to the
/// instance that was made ready. While a body must be awaited no readiness is held: the future gets
/// a ready instance of its own when the body has been read. Calling without readiness is an error of
/// the caller, with whatever consequence the inner service gives it.
///
/// # Cancel safety
///
/// Dropping the future before the body was read calls nothing.
#[derive(Debug, Clone)]
pub struct Buffered<S> {
    inner: S,
    cap: usize,
}

impl<S, B> Service<Request<B>> for Buffered<S>
where
    S: Service<Request<ReplayBody<B>>> + Clone,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ReplayFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let mut reading = Reading::new(body, self.cap);
        let read = match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(body)) => {
                let request = Request::from_parts(head, body);
                return ReplayFuture::calling(self.inner.call(request));
            }
            Poll::Ready(Err(error)) => Some(error),
            Poll::Pending => None,
        };
        // Not called now: give the readiness back, with the place it may hold in a queue below.
        self.inner = self.inner.clone();
        match read {
            Some(error) => ReplayFuture::failed(error.into()),
            None => ReplayFuture::reading(head, reading, self.inner.clone()),
        }
    }
}
