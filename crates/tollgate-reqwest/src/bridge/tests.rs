//! Tests of reqwest above the layers, and on both sides of them.

use std::{convert::Infallible, time::Duration};

use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::timeout;
use tollgate::{
    BoxClient, Route, Served, Stack,
    provider::preset,
    retry::{self, Backoff},
};
use tollgate_core::{Reason, Rejected};
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider, Server};
use tower::service_fn;

use super::*;
use crate::Transport;

const SOON: Duration = Duration::from_secs(10);
const BODY: &str = r#"{"model":"gpt-4o","stream":true,"messages":[]}"#;

fn transport() -> Transport {
    Transport::build(reqwest::Client::builder()).expect("a client")
}

/// Waits a millisecond where it is told nothing.
fn soon(retry: retry::Builder) -> retry::Builder {
    let soon = Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    retry.throttle(soon).transient(soon)
}

async fn send(request: reqwest::RequestBuilder) -> Result<reqwest::Response, BridgeError> {
    let stack = Stack::new().retry(soon).around(transport());
    let stack = Bridge::new(stack.expect("a stack"));
    stack.execute(request.build().expect("a request")).await
}

fn ask(server: &Server) -> reqwest::RequestBuilder {
    let url = format!("{}/v1/chat/completions", server.uri());
    reqwest::Client::new().post(url).header("x-mine", "1")
}

fn limited(wait: Duration) -> Fault {
    let limited = Limited::new(Kind::Requests).retry_after(wait);
    Fault::answer(Dialect::OpenAi.rate_limited(&limited))
}

#[tokio::test]
async fn a_call_that_is_limited_once_is_answered() {
    let pieces = BODY.as_bytes().chunks(7).map(Bytes::copy_from_slice);
    let pieces = pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
    let streamed = StreamBody::new(stream::iter(pieces.collect::<Vec<_>>()));
    for body in [reqwest::Body::from(BODY), reqwest::Body::wrap(streamed)] {
        let provider = Provider::builder(Dialect::OpenAi)
            .fault(limited(Duration::from_millis(30)).call(1))
            .build();
        let server = provider.serve().await.expect("a port");
        let answer = send(ask(&server).body(body)).await.expect("answered");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.url().path(), "/v1/chat/completions");
        assert!(answer.text().await.expect("whole").contains("[DONE]"));
        let log = provider.log();
        assert_eq!(log.len(), 2);
        for entry in log {
            assert_eq!(entry.asked().body(), BODY);
            assert_eq!(entry.asked().headers()["x-mine"], "1");
        }
    }
}

#[tokio::test]
async fn an_answer_passes_piece_by_piece() {
    let provider = Provider::builder(Dialect::OpenAi)
        .text("one two three four five")
        .fault(Fault::stall(700))
        .build();
    let server = provider.serve().await.expect("a port");
    let answer = timeout(SOON, send(ask(&server).body(BODY))).await;
    let mut answer = answer.expect("in time").expect("answered");
    // The rest never comes; what is there does.
    let first = timeout(SOON, answer.chunk()).await.expect("in time");
    assert!(first.expect("good").expect("a piece").starts_with(b"data:"));
    assert_eq!(provider.stats().in_flight, 1);
}

#[tokio::test]
async fn a_limited_model_is_replaced() {
    let groq = Provider::builder(Dialect::Groq)
        .fault(limited(Duration::from_secs(600)))
        .build();
    let openai = Provider::builder(Dialect::OpenAi).key("k").build();
    let (a, b) = (
        groq.serve().await.expect("a port"),
        openai.serve().await.expect("a port"),
    );
    let here = |preset: tollgate::route::Provider, server: &Server| {
        preset.base(format!("{}/v1", server.uri())).key("k")
    };
    let route = Route::new("chat").ordered([
        here(preset::groq(), &a).model("llama-3.1-8b-instant"),
        here(preset::openai(), &b).model("gpt-4o-mini"),
    ]);
    let stack = Stack::new().route(route).around(transport());
    let stack = Bridge::new(stack.expect("a stack"));
    let request = ask(&a).body(BODY).build().expect("a request");
    let answer = stack.execute(request).await.expect("answered");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.url().port(), Some(b.addr().port()));
    let served = answer.extensions().get::<Served>().expect("told");
    assert_eq!(served.target().provider(), "openai");
    assert_eq!(openai.log()[0].model(), "gpt-4o-mini");
}

/// Neither of its bodies is `Sync`.
#[tokio::test]
async fn a_stack_in_a_box_has_a_short_type() {
    let provider = Provider::new(Dialect::OpenAi);
    let server = provider.serve().await.expect("a port");
    let boxed = Stack::new().boxed(transport()).expect("a stack");
    let stack: Bridge<BoxClient<reqwest::Body>> = Bridge::new(boxed);
    let request = ask(&server)
        .body(r#"{"model":"m"}"#)
        .build()
        .expect("a request");
    let answer = stack.execute(request).await.expect("answered");
    let length = answer.content_length().expect("known");
    let text = answer.text().await.expect("whole");
    assert_eq!(text.len() as u64, length);
}

#[tokio::test]
async fn the_timeout_of_a_request_is_its_deadline() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(limited(Duration::from_secs(60)))
        .build();
    let server = provider.serve().await.expect("a port");
    let request = ask(&server).timeout(Duration::from_secs(30)).body(BODY);
    let answer = timeout(SOON, send(request)).await.expect("at once");
    assert_eq!(answer.expect("the answer itself").status(), 429);
    assert_eq!(provider.stats().calls, 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_gets_no_answer_ends_at_its_timeout() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(Fault::hang())
        .build();
    let server = provider.serve().await.expect("a port");
    let start = Instant::now();
    let request = ask(&server).timeout(Duration::from_secs(30)).body(BODY);
    let answer = timeout(SOON * 60, send(request)).await.expect("bounded");
    assert!(answer.expect_err("late").is_timeout());
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn a_refusal_is_found() {
    let stack = service_fn(|_: http::Request<reqwest::Body>| async {
        let refusal = Rejected::new(Reason::CircuitOpen);
        Err::<http::Response<reqwest::Body>, _>(refusal.with_retry_after(SOON))
    });
    let request = reqwest::Client::new().get("http://any.example");
    let answer = Bridge::new(stack)
        .execute(request.build().expect("a request"))
        .await;
    let error = answer.expect_err("refused");
    assert_eq!(error.to_string(), "the circuit is open, try again in 10s");
    let found = error.rejected().expect("found");
    assert_eq!(found.reason(), Reason::CircuitOpen);
    assert!(!error.is_timeout() && error.reqwest().is_none());
    assert_eq!(Rejected::find(&error), Some(found));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_with_its_cause() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(Fault::cut(300))
        .build();
    let server = provider.serve().await.expect("a port");
    let answer = send(ask(&server).body(BODY)).await.expect("answered");
    let error = answer.text().await.expect_err("broken");
    let inner = std::error::Error::source(&error).expect("a cause");
    assert!(crate::reqwest_error(inner).is_some());
}
