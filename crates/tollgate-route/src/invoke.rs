//! Streams of Bedrock's `InvokeModel` as the events that Anthropic sends.
//!
//! Bedrock puts each event of Claude into a binary frame of AWS. The layers of tollgate read these
//! frames; a client of Anthropic does not. [`InvokeStreamLayer`] unpacks them, so that a caller sees no
//! difference between Anthropic, Bedrock and Vertex AI.
//!
//! # Examples
//!
//! Claude at Anthropic, then at Bedrock, then at Vertex AI:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tollgate_route::{Auth, Route, RouteLayer, invoke::InvokeStreamLayer, provider::preset};
//! use tower::{Layer, service_fn};
//!
//! let route = Route::new("claude")
//!     .ordered([
//!         preset::anthropic().key("not_a_real_key").model("claude-opus-4-1"),
//!         preset::bedrock_anthropic("us-east-1").key("not_a_real_key").model("us.anthropic.claude-opus-4-1-20250805-v1:0"),
//!         preset::vertex_anthropic("my-project", "global").auth(Auth::External).model("claude-opus-4-1@20250805"),
//!     ]);
//!
//! # let client = service_fn(|_: Request<Full<Bytes>>| async {
//! #     Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::from("hello")))
//! # });
//! let client = InvokeStreamLayer::new().layer(RouteLayer::new(route)?.layer(client));
//! # let _ = client;
//! # Ok::<_, tollgate_route::ConfigError>(())
//! ```
//!
//! # Which answers
//!
//! Answers of type `application/vnd.amazon.eventstream` to calls of `/messages`, Anthropic's path. All
//! others pass unchanged, those to callers of Bedrock itself among them. The answer becomes `text/event-stream`. An exception of Bedrock becomes an event `error` of
//! Anthropic, and so does a stream that breaks off inside a frame.
//!
//! # Order
//!
//! Above the router, which changes the path, and above the classifier, which knows exceptions of Bedrock by
//! their own names. A `Stack` with routes has it there.
//!
//! # Readiness, sharing, cancellation
//!
//! Readiness and errors are those of the inner service. Services share nothing. Dropping a future or a
//! body drops the inner one.

mod body;
mod frame;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

pub use body::InvokeStreamBody;

const FRAMES: &[u8] = b"application/vnd.amazon.eventstream";

/// Unpacks streams of Bedrock's `InvokeModel`: see the [module](self).
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct InvokeStreamLayer;

impl InvokeStreamLayer {
    /// The layer. It has no settings.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for InvokeStreamLayer {
    type Service = InvokeStream<S>;

    fn layer(&self, inner: S) -> InvokeStream<S> {
        InvokeStream { inner }
    }
}

/// A service whose streams of Bedrock's `InvokeModel` are unpacked; made by [`InvokeStreamLayer`].
///
/// # Errors
///
/// Those of the inner service.
///
/// # Cancel safety
///
/// Dropping the future drops that of the inner service.
#[derive(Debug, Clone)]
pub struct InvokeStream<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for InvokeStream<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<InvokeStreamBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let unpacks = asks_claude(request.uri().path());
        let future = self.inner.call(request);
        ResponseFuture { future, unpacks }
    }
}

pin_project! {
    /// The response future of [`InvokeStream`].
    ///
    /// # Panics
    ///
    /// As the inner future does, when polled again after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the inner future.
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        unpacks: bool,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<InvokeStreamBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.future.poll(cx))?;
        let unpacks = *this.unpacks && is_frames(response.headers());
        if unpacks {
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/event-stream; charset=utf-8"),
            );
            headers.remove(header::CONTENT_LENGTH);
        }
        Poll::Ready(Ok(response.map(|body| match unpacks {
            true => InvokeStreamBody::unpacking(body),
            false => InvokeStreamBody::passing(body),
        })))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Whether frames in the answer hold events of Claude: the caller speaks Anthropic's dialect.
fn asks_claude(path: &str) -> bool {
    path.trim_end_matches('/').ends_with("/messages")
}

fn is_frames(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = kind.and_then(|kind| kind.split(|b| *b == b';').next());
    kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(FRAMES))
}
