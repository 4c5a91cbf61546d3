//! Streams pass token by token, and end where either side ends them.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;

use super::{
    answer::within,
    hand::{Asked, Hand},
    kit::{Running, chat},
};

pub(super) const FIRST: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n";
const SECOND: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"two\"}}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// A stream that has begun: its first token was sent.
pub(super) async fn begin() -> (Running, Asked, Response<Incoming>) {
    let mut hand = Hand::start().await;
    let gateway = Running::start(chat(&[hand.base.clone()])).await;
    let request = Request::post("/v1/chat/completions")
        .header("host", "gateway")
        .header("authorization", "Bearer sk-of-the-client")
        .header("openai-organization", "org-of-the-client")
        .header("cookie", "a=b")
        .header("accept-encoding", "gzip")
        .body(Full::from(r#"{"model":"chat","stream":true}"#))
        .expect("a request");
    let provider = async {
        let asked = hand.asked().await;
        asked.send(FIRST).await;
        asked
    };
    let (response, asked) = tokio::join!(gateway.send(request), provider);
    (gateway, asked, response)
}

pub(super) async fn token(response: &mut Response<Incoming>) -> Bytes {
    let frame = within(response.frame()).await.expect("goes on");
    frame.expect("no error").into_data().expect("data")
}

#[tokio::test]
async fn each_token_arrives_before_the_next_is_sent() {
    let (_gateway, asked, mut response) = begin().await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-tollgate-target"], "groq/meta/llama");
    assert_eq!(token(&mut response).await, FIRST);
    for event in [SECOND, SECOND, DONE] {
        asked.send(event).await;
        assert_eq!(token(&mut response).await, event);
    }
    drop(asked);
    assert!(within(response.frame()).await.is_none(), "it ends");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_not_taken_for_a_whole_one() {
    let (_gateway, asked, mut response) = begin().await;
    assert_eq!(token(&mut response).await, FIRST);
    asked.breaks_off().await;
    let rest = within(response.into_body().collect()).await;
    assert!(rest.is_err(), "the client sees an error, not an end");
}

#[tokio::test]
async fn nothing_of_the_client_but_its_question_leaves_for_the_provider() {
    let (_gateway, asked, _response) = begin().await;
    let headers = &asked.parts.headers;
    assert_eq!(asked.parts.uri.path(), "/v1/chat/completions");
    assert_eq!(headers["authorization"], "Bearer sk-of-the-provider");
    for name in ["openai-organization", "cookie", "accept-encoding"] {
        assert!(!headers.contains_key(name), "{name}");
    }
    let body: Value = serde_json::from_slice(&asked.body).expect("JSON");
    assert_eq!(body["model"], "meta/llama");
    assert_eq!(body["stream"], true);
}
