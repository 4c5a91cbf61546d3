//! Tests of reqwest below the layers.

use std::{
    error::Error,
    io,
    net::{Ipv4Addr, TcpListener},
    pin::Pin,
    time::Duration,
};

use http::StatusCode;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use tokio::time::{self, timeout};
use tollgate_core::{Class, ReplayBody};
use tollgate_test::{Answer, Dialect, Fault, KitBody, Provider, Server};
use tower::ServiceExt;

use super::*;
use crate::reqwest_error;

const SOON: Duration = Duration::from_secs(10);

fn transport() -> Transport {
    Transport::build(reqwest::Client::builder()).expect("a client")
}

fn ask(uri: &str) -> Request<Full<Bytes>> {
    Request::post(uri)
        .body(Full::from(r#"{"model":"m","stream":true,"messages":[]}"#))
        .expect("a request")
}

async fn serve(provider: &Provider) -> (Server, String) {
    let server = provider.serve().await.expect("a port");
    let uri = format!("{}/v1/chat/completions", server.uri());
    (server, uri)
}

fn with(fault: Fault) -> Provider {
    Provider::builder(Dialect::OpenAi).fault(fault).build()
}

type Step = Result<Frame<Bytes>, io::Error>;

/// Yields its steps, of which it knows how many bytes they hold; a failure counts for one.
struct Steps(Vec<Step>);

impl Body for Steps {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Step>> {
        Poll::Ready((!self.0.is_empty()).then(|| self.0.remove(0)))
    }

    fn size_hint(&self) -> SizeHint {
        let length = |step: &Step| match step {
            Ok(frame) => frame.data_ref().map_or(0, Bytes::len),
            Err(_) => 1,
        };
        SizeHint::with_exact(self.0.iter().map(length).sum::<usize>() as u64)
    }
}

#[test]
fn a_body_that_is_all_there_reaches_reqwest_as_bytes() {
    let whole = |body: reqwest::Body| body.as_bytes().map(<[u8]>::to_vec);
    let full = sent::body(Full::from("hello")).expect("good");
    assert_eq!(whole(full).as_deref(), Some(&b"hello"[..]));
    let kept = ReplayBody::<Full<Bytes>>::whole("hello");
    let kept = sent::body(kept).expect("good");
    assert_eq!(whole(kept).as_deref(), Some(&b"hello"[..]));
    let own = sent::body(reqwest::Body::from("hello")).expect("good");
    assert_eq!(whole(own).as_deref(), Some(&b"hello"[..]));
    let empty = sent::body(Empty::new()).expect("good");
    assert_eq!(whole(empty).as_deref(), Some(&b""[..]));
}

#[tokio::test]
async fn a_body_that_is_partly_there_loses_nothing() {
    let data = |text: &'static str| Ok(Frame::data(Bytes::from(text)));
    let body = sent::body(Steps(vec![data("he"), data("llo")])).expect("good");
    assert!(body.as_bytes().is_none());
    assert_eq!(body.size_hint().exact(), Some(5));
    let all = body.collect().await.expect("whole").to_bytes();
    assert_eq!(all, "hello");
}

#[tokio::test]
async fn a_body_that_can_not_be_read_is_not_sent() {
    let broken = Steps(vec![Err(io::Error::other("cable cut"))]);
    let provider = Provider::new(Dialect::OpenAi);
    let (_server, uri) = serve(&provider).await;
    let request = Request::post(uri).body(broken).expect("a request");
    let error = transport().oneshot(request).await.expect_err("broken");
    assert_eq!(error.to_string(), "cable cut");
    assert_eq!(provider.stats().calls, 0);
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_a_timeout() {
    let (_server, uri) = serve(&with(Fault::hang())).await;
    let settings = reqwest::Client::builder().timeout(Duration::from_secs(5));
    let client = Transport::build(settings).expect("a client");
    let error = client.oneshot(ask(&uri)).await.expect_err("late");
    assert_eq!(Class::of_any(&error), Some(Class::Timeout));
    assert!(reqwest_error(&*error).expect("found").is_timeout());
    // Also for people who walk the sources themselves.
    let mut next: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(error) = next.filter(|error| !error.is::<reqwest::Error>()) {
        next = error.source();
    }
    assert!(next.is_some());
}

#[tokio::test]
async fn a_body_that_stalls_is_a_timeout() {
    let (_server, uri) = serve(&with(Fault::stall(10))).await;
    let settings = reqwest::Client::builder().read_timeout(Duration::from_secs(5));
    let client = Transport::build(settings).expect("a client");
    let mut body = client.oneshot(ask(&uri)).await.expect("a head").into_body();
    let first = timeout(SOON, body.frame()).await.expect("in time");
    assert_eq!(
        first
            .expect("a frame")
            .expect("good")
            .into_data()
            .expect("data")
            .len(),
        10
    );
    time::pause();
    let error = body.frame().await.expect("a frame").expect_err("late");
    assert_eq!(Class::of_any(&error), Some(Class::Timeout));
}

#[tokio::test]
async fn a_refused_connection_is_no_timeout_and_shows_no_key() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let uri = format!("http://{address}/v1/models?key=canary");
    let error = transport()
        .oneshot(ask(&uri))
        .await
        .expect_err("nobody there");
    assert_eq!(Class::of_any(&error), Some(Class::Transport));
    assert!(reqwest_error(&*error).expect("found").is_connect());
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("/v1/models") && !text.contains("canary"),
        "{text}"
    );
}

#[test]
fn a_client_shows_no_key() {
    let key = http::HeaderValue::from_static("canary");
    let headers = [(http::header::AUTHORIZATION, key)].into_iter().collect();
    let settings = reqwest::Client::builder().default_headers(headers);
    let client = Transport::build(settings).expect("a client");
    assert!(!format!("{client:?}").contains("canary"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let away = Answer::text(StatusCode::TEMPORARY_REDIRECT, "");
    let away = away.header("location", "http://127.0.0.1:9/elsewhere");
    let (_server, uri) = serve(&with(Fault::answer(away))).await;
    let response = transport().oneshot(ask(&uri)).await.expect("answered");
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_at_the_deadline() {
    let (_server, uri) = serve(&with(Fault::hang())).await;
    let request = reqwest::Client::new()
        .post(&uri)
        .timeout(Duration::from_secs(60));
    let request = request.build().expect("a request");
    let mut request = Request::<reqwest::Body>::try_from(request).expect("a request");
    let call = Call::new().with_deadline_in(Duration::from_secs(7));
    request.extensions_mut().insert(call);
    let start = Instant::now();
    let error = transport().oneshot(request).await.expect_err("late");
    assert_eq!(Class::of_any(&error), Some(Class::Timeout));
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[tokio::test]
async fn a_request_of_any_body_has_its_length() {
    let provider = Provider::new(Dialect::OpenAi);
    let (_server, uri) = serve(&provider).await;
    let body = KitBody::new(r#"{"model":"m","messages":[]}"#);
    let request = Request::post(&uri).body(body).expect("a request");
    let response = transport().oneshot(request).await.expect("answered");
    assert_eq!(response.status(), 200);
    let log = provider.log();
    assert_eq!(log[0].asked().headers()["content-length"], "27");
}

#[tokio::test]
async fn a_body_that_can_not_be_shared_is_sent_too() {
    let provider = Provider::new(Dialect::OpenAi);
    let (_server, uri) = serve(&provider).await;
    let parts = Steps(vec![
        Ok(Frame::data(Bytes::from(r#"{"model":"#))),
        Ok(Frame::data(Bytes::from(r#""m","messages":[]}"#))),
    ]);
    let request = Request::post(&uri).body(parts.boxed_unsync());
    let response = transport().oneshot(request.expect("a request")).await;
    assert_eq!(response.expect("answered").status(), 200);
    let log = provider.log();
    assert_eq!(log[0].model(), "m");
    assert_eq!(log[0].asked().headers()["content-length"], "27");
}
