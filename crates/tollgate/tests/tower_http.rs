//! Layers of `tower-http` around and inside of a stack: each in its place, and working.

use std::{
    convert::Infallible,
    io::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderName, Request, Response, header};
use http_body_util::{BodyExt, Full};
use tollgate::{
    OperationLayer,
    classify::ClassifyLayer,
    core::{Class, Classification, LimitKind},
    retry::RetryLayer,
};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::{
    classify::{ClassifiedResponse, ClassifyResponse, NeverClassifyEos, SharedClassifier},
    decompression::DecompressionLayer,
    sensitive_headers::SetSensitiveHeadersLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

type Body = Full<Bytes>;

/// Credits are used up: only the body says so, and it is compressed.
const USED_UP: &str = r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#;

fn gzip(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("into memory");
    encoder.finish().expect("into memory").into()
}

fn asking() -> Request<Body> {
    Request::post("https://api.openai.com/v1/chat/completions")
        .header(header::AUTHORIZATION, "Bearer sk-canary")
        .body(Full::from(r#"{"model":"gpt-4o"}"#))
        .expect("a request")
}

async fn used_up(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let response = Response::builder()
        .status(429)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip");
    Ok(response.body(Full::new(gzip(USED_UP))).expect("a response"))
}

/// Below the classifier: it reads the plain text, and so does the caller.
#[tokio::test(start_paused = true)]
async fn decompression_belongs_below_the_classifier() {
    let client = ServiceBuilder::new()
        .layer(ClassifyLayer::new())
        .layer(DecompressionLayer::new())
        .service_fn(used_up);
    let response = client.oneshot(asking()).await.expect("an answer");
    let class = Classification::of(&response).class();
    assert_eq!(class, Class::QuotaExhausted);
    let body = response.into_body().collect().await.expect("plain text");
    assert_eq!(body.to_bytes(), USED_UP);
}

/// Above it the classifier sees what it can not read, and judges by the status: the wrong way round,
/// and this is what it costs.
#[tokio::test(start_paused = true)]
async fn above_the_classifier_an_empty_account_is_known_too() {
    let client = ServiceBuilder::new()
        .layer(DecompressionLayer::new())
        .layer(ClassifyLayer::new())
        .service_fn(used_up);
    let response = client.oneshot(asking()).await.expect("an answer");
    let class = Classification::of(&response).class();
    assert_eq!(class, Class::QuotaExhausted);
}

async fn limited(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let text = r#"{"error":{"message":"Rate limit reached on requests per min (RPM): Limit 3. Please try again in 20s.","type":"requests","code":"rate_limit_exceeded"}}"#;
    let response = Response::builder()
        .status(429)
        .header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(Full::from(text)).expect("a response"))
}

/// A hook of `TraceLayer` reads what the classifier found.
#[tokio::test(start_paused = true)]
async fn a_trace_layer_reads_the_classification() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = seen.clone();
    let trace = TraceLayer::new_for_http().on_response(
        move |response: &Response<_>, _: Duration, _: &tracing::Span| {
            let seen = Classification::of(response);
            let line = (seen.class(), seen.limit(), seen.wait());
            lines.lock().expect("no panic").push(line);
        },
    );
    let client = ServiceBuilder::new()
        .layer(trace)
        .layer(OperationLayer::new())
        .layer(ClassifyLayer::new())
        .service_fn(limited);
    client.oneshot(asking()).await.expect("an answer");
    let told = (
        Class::RateLimited,
        Some(LimitKind::Requests),
        Some(Duration::from_secs(20)),
    );
    assert_eq!(*seen.lock().expect("no panic"), [told]);
}

/// What `TraceLayer` calls a failure is what tollgate does.
#[derive(Debug, Clone, Copy)]
struct ByClass;

impl ClassifyResponse for ByClass {
    type FailureClass = Class;
    type ClassifyEos = NeverClassifyEos<Class>;

    fn classify_response<B>(
        self,
        response: &Response<B>,
    ) -> ClassifiedResponse<Class, Self::ClassifyEos> {
        ClassifiedResponse::Ready(match Classification::of(response).class() {
            Class::Ok => Ok(()),
            class => Err(class),
        })
    }

    fn classify_error<E: std::fmt::Display + 'static>(self, error: &E) -> Class {
        Class::of_any(error).unwrap_or(Class::Transport)
    }
}

#[tokio::test(start_paused = true)]
async fn a_trace_layer_can_take_its_failures_from_the_classification() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let failures = seen.clone();
    let trace = TraceLayer::new(SharedClassifier::new(ByClass)).on_failure(
        move |class: Class, _: Duration, _: &tracing::Span| {
            failures.lock().expect("no panic").push(class);
        },
    );
    let client = ServiceBuilder::new()
        .layer(trace)
        .layer(ClassifyLayer::new())
        .layer(DecompressionLayer::new())
        .service_fn(used_up);
    client.oneshot(asking()).await.expect("an answer");
    assert_eq!(*seen.lock().expect("no panic"), [Class::QuotaExhausted]);
}

/// Marked outermost, a key stays marked on every attempt: whoever prints the request prints
/// `Sensitive`.
#[tokio::test(start_paused = true)]
async fn a_sensitive_header_stays_so_on_every_attempt() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let printed = seen.clone();
    let client = service_fn(move |request: Request<Body>| {
        let mut printed = printed.lock().expect("no panic");
        printed.push(format!("{request:?}"));
        let status = if printed.len() < 3 { 500 } else { 200 };
        async move { Response::builder().status(status).body(Body::default()) }
    });
    let names: [HeaderName; 1] = [header::AUTHORIZATION];
    let client = ServiceBuilder::new()
        .layer(SetSensitiveHeadersLayer::new(names))
        .layer(OperationLayer::new())
        .layer(RetryLayer::new())
        .service(client);
    client.oneshot(asking()).await.expect("served");
    let printed = seen.lock().expect("no panic");
    assert_eq!(printed.len(), 3);
    for request in printed.iter() {
        assert!(
            request.contains("Sensitive") && !request.contains("canary"),
            "{request}"
        );
    }
}

/// A timeout inside of retry ends an attempt, and retry sends another; one outside ends the call.
#[tokio::test(start_paused = true)]
async fn timeouts_have_two_places() {
    let hangs_once = || {
        let calls = Arc::new(Mutex::new(0));
        service_fn(move |_: Request<Body>| {
            let first = {
                let mut calls = calls.lock().expect("no panic");
                *calls += 1;
                *calls == 1
            };
            async move {
                if first {
                    std::future::pending::<()>().await;
                }
                Ok::<_, Infallible>(Response::new(Body::default()))
            }
        })
    };
    let ten =
        TimeoutLayer::with_status_code(http::StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(10));
    let inside = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(ten)
        .service(hangs_once());
    let outside = ServiceBuilder::new()
        .layer(ten)
        .layer(RetryLayer::new())
        .service(hangs_once());
    let hour = Duration::from_secs(3_600);
    let response = tokio::time::timeout(hour, inside.oneshot(asking())).await;
    assert_eq!(response.expect("it ends").expect("an answer").status(), 200);
    let response = tokio::time::timeout(hour, outside.oneshot(asking())).await;
    let response = response.expect("it ends").expect("an answer");
    assert_eq!(response.status(), 504);
    assert_eq!(Classification::of(&response).class(), Class::Timeout);
}
