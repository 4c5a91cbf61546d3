//! Connections that break, as a real client sees them. Nothing here sleeps: faults strike at once, and
//! the layers' waits are set to a millisecond.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tollgate_classify::ClassifyLayer;
use tollgate_core::{Class, ReplayBody, ReplayLayer};
use tollgate_retry::{Backoff, Event, RetryLayer, Why};
use tollgate_test::{Dialect, Fault, Provider, Recorder, Server};
use tower::{Service, ServiceBuilder, ServiceExt};

type Sent = ReplayBody<Full<Bytes>>;

fn client(
    http2: bool,
    seen: &Recorder<Event>,
) -> impl Service<
    Request<Full<Bytes>>,
    Response = Response<impl http_body::Body<Data = Bytes, Error = hyper::Error> + use<>>,
    Error = tollgate_core::BoxError,
> + use<> {
    let soon = Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    let retry = RetryLayer::builder()
        .throttle(soon)
        .transient(soon)
        .observer(seen.clone());
    let http: Client<HttpConnector, Sent> = Client::builder(TokioExecutor::new())
        .http2_only(http2)
        .build_http();
    ServiceBuilder::new()
        .layer(ReplayLayer::with_cap(4 << 10))
        .layer(retry.build().expect("good settings"))
        .layer(ClassifyLayer::new())
        .service(http)
}

fn ask(server: &Server, prompt: usize) -> Request<Full<Bytes>> {
    let prompt = "x".repeat(prompt);
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{prompt}"}}]}}"#);
    let uri = format!("{}/v1/chat/completions", server.uri());
    Request::post(uri)
        .body(Full::new(Bytes::from(body)))
        .expect("a request")
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_retried() {
    for http2 in [false, true] {
        let fault = Fault::reset_before_headers().call(1);
        let provider = Provider::builder(Dialect::OpenAi).fault(fault).build();
        let server = provider.serve().await.expect("a port");
        let seen = Recorder::new();
        let response = client(http2, &seen)
            .oneshot(ask(&server, 10))
            .await
            .expect("answered");
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.expect("whole");
        assert!(!body.to_bytes().is_empty());
        assert_eq!(provider.stats().calls, 2);
        let first = seen.take().into_iter().next();
        assert!(
            matches!(
                first,
                Some(Event::Retrying {
                    class: Class::Transport,
                    ..
                })
            ),
            "{first:?}"
        );
    }
}

/// Once a byte of a success was handed on nothing is sent again: the caller sees the break.
#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_for_the_caller() {
    for http2 in [false, true] {
        let provider = Provider::builder(Dialect::OpenAi)
            .fault(Fault::cut(5))
            .build();
        let server = provider.serve().await.expect("a port");
        let seen = Recorder::new();
        let response = client(http2, &seen)
            .oneshot(ask(&server, 10))
            .await
            .expect("a head");
        assert_eq!(response.status(), 200);
        response
            .into_body()
            .collect()
            .await
            .map(drop)
            .expect_err("it is cut");
        assert_eq!(provider.stats().calls, 1);
        assert!(seen.take().is_empty());
    }
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_sent_once_and_said_so() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(Fault::status(503))
        .build();
    let server = provider.serve().await.expect("a port");
    let seen = Recorder::new();
    let response = client(false, &seen)
        .oneshot(ask(&server, 10_000))
        .await
        .expect("answered");
    assert_eq!(response.status(), 503);
    assert_eq!(provider.stats().calls, 1);
    let events = seen.take();
    assert!(
        matches!(
            events[..],
            [Event::GaveUp {
                why: Why::NotReplayable,
                ..
            }]
        ),
        "{events:?}"
    );
    // A smaller one is sent as often as may be.
    client(false, &seen)
        .oneshot(ask(&server, 10))
        .await
        .expect("answered");
    assert_eq!(provider.stats().calls, 5);
}

/// Of an error body of 2 MiB a bounded part is read ahead; all of it reaches the caller.
#[tokio::test]
async fn a_giant_error_body_arrives_whole() {
    for http2 in [false, true] {
        let provider = Provider::builder(Dialect::OpenAi)
            .fault(Fault::giant(2 << 20))
            .build();
        let server = provider.serve().await.expect("a port");
        let response = client(http2, &Recorder::new())
            .oneshot(ask(&server, 10))
            .await;
        let response = response.expect("answered");
        assert_eq!(response.status(), 500);
        let body = response.into_body().collect().await.expect("whole");
        assert_eq!(body.to_bytes().len(), 2 << 20);
    }
}
