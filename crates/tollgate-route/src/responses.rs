//! Responses that a provider keeps: a call that continues one goes to whoever made it.
//!
//! In OpenAI's dialect a call may name an earlier response (`previous_response_id`, or a path such as
//! `/responses/{id}`) instead of sending its conversation again. Only the account that made that
//! response knows it. [`StoredResponsesLayer`] remembers who made which, and keeps the router from
//! asking anybody else.
//!
//! # Examples
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tollgate_route::{Route, RouteLayer, provider::preset, responses::StoredResponsesLayer};
//! use tower::{Layer, service_fn};
//!
//! let route = Route::new("chat").ordered([
//!     preset::openai().key("not_a_real_key").model("gpt-5"),
//!     preset::azure("my-resource").key("not_a_real_key").model("my-gpt-5"),
//! ]);
//! # let client = service_fn(|_: Request<Full<Bytes>>| async {
//! #     Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::from("{}")))
//! # });
//! let client = StoredResponsesLayer::new().layer(RouteLayer::new(route)?.layer(client));
//! # let _ = client;
//! # Ok::<_, tollgate_route::ConfigError>(())
//! ```
//!
//! # The rules
//!
//! * The layer reads the identifier at the start of each success of `/responses`, JSON or a stream,
//!   unless it is compressed, and remembers the [target](crate::Served::target) that made it. Not a byte
//!   changes.
//! * A call that names a remembered response goes to targets of the same provider and account only,
//!   and first to the same one. It falls back to no other. Where none of them is in its route, no target
//!   is allowed for it.
//! * A call that names an unknown response is routed like any other.
//! * It remembers 10,000 responses, or [as many as you say](StoredResponsesLayer::remember). A
//!   restart forgets them.
//!
//! # Order
//!
//! Above the router. A `Stack` with routes has it there. The bytes of the request body must be at hand ([`Replay`]), as those of
//! `Full<Bytes>` are; others need a [`ReplayLayer`](tollgate_core::ReplayLayer) outside of it.
//!
//! # Sharing
//!
//! Clones of a layer and all services made by it share what they remember.
//!
//! # Readiness, cancellation
//!
//! Readiness and errors are those of the inner service. Dropping a future or a body drops the inner
//! one.

mod body;
mod made;

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, Request, Response, header};
use pin_project_lite::pin_project;
use tollgate_core::{JsonField, Replay};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Served, Wire, preference::Stay, wire::Kind};

pub use body::StoredBody;
use made::Made;

/// Keeps calls that continue a response at the target that made it: see the [module](self).
#[derive(Debug, Clone)]
pub struct StoredResponsesLayer {
    made: Arc<Made>,
}

impl StoredResponsesLayer {
    /// Remembers 10,000 responses.
    #[must_use]
    pub fn new() -> Self {
        Self::remember(10_000)
    }

    /// Remembers so many responses, and forgets the oldest first.
    #[must_use]
    pub fn remember(responses: usize) -> Self {
        Self {
            made: Arc::new(Made::new(responses)),
        }
    }
}

impl Default for StoredResponsesLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for StoredResponsesLayer {
    type Service = StoredResponses<S>;

    fn layer(&self, inner: S) -> StoredResponses<S> {
        StoredResponses {
            inner,
            made: self.made.clone(),
        }
    }
}

/// A service that keeps calls at the target that made the response they continue; made by
/// [`StoredResponsesLayer`].
///
/// # Errors
///
/// Those of the inner service.
///
/// # Cancel safety
///
/// Dropping the future drops that of the inner service.
#[derive(Debug, Clone)]
pub struct StoredResponses<S> {
    inner: S,
    made: Arc<Made>,
}

impl<S, B, R> Service<Request<B>> for StoredResponses<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: Replay,
{
    type Response = Response<StoredBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        let makes = operation(path).is_some_and(|(_, known)| known == "/responses");
        let named = match makes {
            true => in_body(request.body()),
            false => in_path(path).map(str::to_owned),
        };
        if let Some(target) = named.and_then(|id| self.made.by(&id)) {
            request.extensions_mut().insert(Stay(target));
        }
        let made = makes.then(|| self.made.clone());
        let future = self.inner.call(request);
        ResponseFuture { future, made }
    }
}

pin_project! {
    /// The response future of [`StoredResponses`].
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
        // Where the answer is a new response.
        made: Option<Arc<Made>>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<StoredBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.future.poll(cx))?;
        let served = Served::of(&response).map(|served| served.target().clone());
        let readable = response.status().is_success() && !is_compressed(response.headers());
        let made = this.made.take().filter(|_| readable).zip(served);
        Poll::Ready(Ok(response.map(|body| StoredBody::new(body, made))))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The operation of a path, in OpenAI's dialect, with what names a response in it.
fn operation(path: &str) -> Option<(&str, &'static str)> {
    let found = Wire::OpenAi.operation(path, &[])?;
    match found.kind {
        Kind::Known(known) => Some((found.path, known)),
        Kind::Added | Kind::Unknown => None,
    }
}

/// The response that a path names: `/responses/{id}`, and what may follow it.
fn in_path(path: &str) -> Option<&str> {
    let (path, known) = operation(path)?;
    known.starts_with("/responses/{}").then_some(())?;
    path.split('/').nth(2)
}

/// The response that a body continues.
fn in_body<B: Replay>(body: &B) -> Option<String> {
    let json = body.json()?;
    json.text(JsonField::PreviousResponseId)
        .map(Cow::into_owned)
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let coding = headers.get(header::CONTENT_ENCODING);
    coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_response() {
        for (path, id) in [
            ("/v1/responses/resp_1", Some("resp_1")),
            ("/openai/v1/responses/resp_1/cancel", Some("resp_1")),
            ("/responses/resp_1/input_items/", Some("resp_1")),
            ("/v1/responses/compact", None),
            ("/v1/responses", None),
            ("/v1/files/resp_1", None),
        ] {
            assert_eq!(in_path(path), id, "{path}");
        }
        for (body, id) in [
            (r#"{"previous_response_id":"resp_1"}"#, Some("resp_1")),
            (r#"{"previous_response_id":null}"#, None),
            (r#"{"input":{"previous_response_id":"no"}}"#, None),
            ("", None),
        ] {
            assert_eq!(in_body(&body.to_owned()).as_deref(), id, "{body}");
        }
    }
}
