//! Connections that break, as a real client sees them. Nothing here sleeps: faults strike at once, and
//! the layers' waits are set to a millisecond.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tollgate::{BoxClient, Stack, stack::Handle};
use tollgate_classify::ClassifyLayer;
use tollgate_core::{BoxError, Class, ReplayBody, ReplayLayer, StaleConnection};
use tollgate_retry::{Backoff, Event, RetryLayer, Why};
use tollgate_test::{Asked, Dialect, Fault, Provider, Recorder, Server};
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

/// Once a byte of a success was handed on nothing is sent again: the caller sees the break. Of JSON the
/// first 512 bytes are read before.
#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_for_the_caller() {
    for (http2, cut, calls) in [
        (false, 1_000, 1),
        (true, 1_000, 1),
        (false, 5, 2),
        (true, 5, 2),
    ] {
        let cut = Fault::cut(cut).call(1);
        let provider = Provider::builder(Dialect::OpenAi)
            .text("x".repeat(2_000))
            .fault(cut)
            .build();
        let server = provider.serve().await.expect("a port");
        let seen = Recorder::new();
        let response = client(http2, &seen)
            .oneshot(ask(&server, 10))
            .await
            .expect("a head");
        assert_eq!(response.status(), 200);
        let whole = response.into_body().collect().await.is_ok();
        assert_eq!(whole, calls == 2);
        assert_eq!(provider.stats().calls, calls);
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

/// Whole stacks whose waits are a millisecond; the client keeps its connections.
fn patient<B>() -> (BoxClient<B>, Handle)
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Sync + Unpin + 'static,
{
    let soon = Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    let layer = Stack::new()
        .keep_bodies(4 << 10)
        .retry(|it| it.transient(soon).throttle(soon).attempts(20))
        .build()
        .expect("good settings");
    let handle = layer.handle();
    let http = Client::builder(TokioExecutor::new()).build_http();
    (layer.boxed(http), handle)
}

fn breakers(handle: &Handle) -> Vec<(&'static str, u32)> {
    let all = handle.breaker().expect("a breaker").list();
    all.iter()
        .map(|one| (one.state().as_str(), one.failures()))
        .collect()
}

/// Fault B3: 16 connections that somebody in between had closed opened the circuit for everybody.
#[tokio::test]
async fn connections_that_close_together_cost_nobody_an_answer() {
    let reset = Fault::reset_before_headers().calls(17..=32);
    let provider = Provider::builder(Dialect::OpenAi).fault(reset).build();
    let server = provider.serve().await.expect("a port");
    let (client, handle) = patient::<Full<Bytes>>();
    for round in 0..2 {
        let calls: Vec<_> = (0..16)
            .map(|_| tokio::spawn(client.clone().oneshot(ask(&server, 10))))
            .collect();
        for call in calls {
            let answer = call.await.expect("no panic").expect("answered");
            assert_eq!(answer.status(), 200, "round {round}");
            answer.into_body().collect().await.expect("whole");
        }
    }
    assert_eq!(provider.stats().calls, 48);
    let [(state, failures)] = breakers(&handle)[..] else {
        panic!("one host");
    };
    assert_eq!(state, "closed");
    assert!(failures <= 4, "{failures}");
}

/// A client that knows which connections were used before: such a call is sent again at once, and the
/// breaker counts nothing.
#[tokio::test]
async fn calls_on_stale_connections_are_sent_again_at_once() {
    // Every call but the first one meets a connection that its server has given up.
    let stale = |asked: &Asked| {
        asked.headers().contains_key("x-later")
            && !asked.headers().contains_key("x-stainless-retry-count")
    };
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(Fault::reset_before_headers().when(stale))
        .build();
    let server = provider.serve().await.expect("a port");
    let waits = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&waits);
    let layer = Stack::new()
        .retry(tollgate_retry::Builder::count_header)
        .observer(move |event: &tollgate::Event<'_>| {
            if let tollgate::Event::Retry(Event::Retrying { wait, attempts, .. }) = event {
                log.lock().expect("nobody panics").push((*wait, *attempts));
            }
        })
        .build()
        .expect("good settings");
    let handle = layer.handle();
    let client = layer.boxed(tollgate::Client::new());
    for call in 0..17 {
        let mut request = ask(&server, 10);
        if call > 0 {
            let later = http::HeaderValue::from_static("1");
            request.headers_mut().insert("x-later", later);
        }
        let answer = client.clone().oneshot(request).await.expect("answered");
        assert_eq!(answer.status(), 200);
        answer.into_body().collect().await.expect("whole");
    }
    assert_eq!(provider.stats().calls, 33);
    let waits = waits.lock().expect("nobody panics");
    assert_eq!(waits[..], [(Duration::ZERO, 1); 16]);
    assert_eq!(breakers(&handle), [("closed", 0)]);
}

/// The first call on a connection is no such call: it may be the provider's fault.
#[tokio::test]
async fn a_new_connection_that_breaks_is_a_failure() {
    let reset = Fault::reset_before_headers();
    let provider = Provider::builder(Dialect::OpenAi).fault(reset).build();
    let server = provider.serve().await.expect("a port");
    let layer = Stack::new().retry(|it| it.attempts(1)).build();
    let layer = layer.expect("good settings");
    let handle = layer.handle();
    let client = layer.boxed(tollgate::Client::new());
    let error = client.oneshot(ask(&server, 10)).await;
    let error = error.map(drop).expect_err("it breaks");
    assert!(StaleConnection::find(&error).is_none());
    assert_eq!(Class::of_error(&error), Some(Class::Transport));
    assert_eq!(breakers(&handle), [("closed", 1)]);
}

/// Fault B2: five callers that broke their uploads off shut the provider for everybody.
#[tokio::test]
async fn uploads_that_their_callers_break_off_are_nobodys_fault() {
    let provider = Provider::builder(Dialect::OpenAi).build();
    let server = provider.serve().await.expect("a port");
    let (client, handle) = patient::<BoxBody<Bytes, BoxError>>();
    let uri = format!("{}/v1/chat/completions", server.uri());
    for _ in 0..10 {
        let piece = |nth| (nth < 4).then(|| Bytes::from(vec![b'x'; 4 << 10]));
        let pieces = (0..5).map(move |nth| match piece(nth) {
            Some(data) => Ok(http_body::Frame::data(data)),
            None => Err(BoxError::from("the caller gave up")),
        });
        let body = StreamBody::new(futures_util::stream::iter(pieces)).boxed();
        let request = Request::post(&uri).body(BoxBody::new(body));
        let error = client.clone().oneshot(request.expect("a request")).await;
        let error = error.map(drop).expect_err("it broke off");
        assert_eq!(Class::of_error(error.as_ref()), Some(Class::InvalidRequest));
    }
    assert!(breakers(&handle).iter().all(|one| *one == ("closed", 0)));
    let whole = ask(&server, 10).map(|body| body.map_err(BoxError::from).boxed());
    let answer = client.oneshot(whole).await.expect("answered");
    assert_eq!(answer.status(), 200);
}
