//! The service.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response, header};
use http_body::Body;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, Replay};
use tower_service::Service;

use super::{
    body::TimedBody,
    future::{ResponseFuture, Watch},
    layer::Limits,
    recent::Key,
};

/// A service whose attempts end when they take too long; made by
/// [`TimeoutLayer`](super::TimeoutLayer).
///
/// # Readiness
///
/// The inner service's: Pending stays Pending, errors pass, and the instance that was made ready is
/// the one that is called.
///
/// # Errors
///
/// Those of the inner service, and [`TimedOut`](super::TimedOut) inside an I/O error; from the body of
/// a response too.
///
/// # Cancel safety
///
/// Dropping the future, or the body, drops the attempt. Dropped before its head came, it is told to the
/// [listeners](super::TimeoutBuilder::listener).
#[derive(Debug, Clone)]
pub struct Timed<S> {
    inner: S,
    limits: Arc<Limits>,
}

impl<S> Timed<S> {
    pub(super) const fn new(inner: S, limits: Arc<Limits>) -> Self {
        Self { inner, limits }
    }
}

impl<S, B, R> Service<Request<B>> for Timed<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    B: Replay,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Response = Response<TimedBody<R>>;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Only for the limit that needs it, because this reads the body.
        let (key, stream) = match self.limits.first {
            Some(_) => (Some(Key::of(&request)), asks_stream(&request)),
            None => (None, false),
        };
        let watch = Watch::new(self.limits.clone(), key, stream, &request);
        if let Some(end) = watch.ends_soon() {
            tell(&mut request, end);
        }
        ResponseFuture::new(self.inner.call(request), watch)
    }
}

/// Lets the classifier below know until when it may hold a stream back.
#[cold]
fn tell<B>(request: &mut Request<B>, end: Instant) {
    let call: &mut Call = request.extensions_mut().get_or_insert_default();
    if call.attempt_deadline().is_none_or(|known| end < known) {
        *call = std::mem::take(call).with_attempt_deadline(end);
    }
}

/// Whether a call asks for a stream: by its path, by what it accepts, or in its JSON body.
fn asks_stream<B: Replay>(request: &Request<B>) -> bool {
    let path = request.uri().path();
    if path.ends_with(":streamGenerateContent") || path.ends_with("-stream") {
        return true;
    }
    let accept = request.headers().get(header::ACCEPT);
    if accept.is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(b"text/event-stream")) {
        return true;
    }
    request.body().json().is_some_and(|json| json.is_stream())
}
