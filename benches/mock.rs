//! The request and the client that every row shares.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use tower_service::Service;

/// A chat call as people send it: 6 headers and 1 KiB of JSON.
///
/// # Panics
///
/// Never: its parts are constants.
#[must_use]
pub fn request() -> Request<Full<Bytes>> {
    let prompt = "x".repeat(1024 - 74);
    let body = format!(
        r#"{{"model":"llama-3.1-8b-instant","messages":[{{"role":"user","content":"{prompt}"}}]}}"#
    );
    Request::post("https://api.groq.com/openai/v1/chat/completions")
        .header("authorization", "Bearer not-a-key")
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .header("accept", "application/json")
        .header("user-agent", "bench/1")
        .header("host", "api.groq.com")
        .body(Full::new(Bytes::from(body)))
        .expect("the parts are constants")
}

/// A client that is always ready and answers at once.
#[derive(Debug, Clone)]
pub struct Mock {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Mock {
    /// A 200 without headers, whose body is an empty JSON object.
    #[must_use]
    pub fn bare() -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"{}"),
        }
    }

    /// Answers with this head and body.
    #[must_use]
    pub fn answering(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }
}

impl<B> Service<Request<B>> for Mock {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        drop(request);
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.status_mut() = self.status;
        response.headers_mut().clone_from(&self.headers);
        ready(Ok(response))
    }
}
