//! Answers, read whole.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::timeout;

pub(super) type Answer = (StatusCode, HeaderMap, Bytes);

pub(super) async fn read(response: Response<Incoming>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = within(body.collect()).await.expect("a whole body");
    (parts.status, parts.headers, body.to_bytes())
}

pub(super) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.2).expect("JSON")
}

/// What a test waits for comes soon, or the test fails.
pub(super) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future)
        .await
        .expect("in time")
}
