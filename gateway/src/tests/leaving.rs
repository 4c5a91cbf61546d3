//! Clients that leave.

use http::Request;
use http_body_util::Full;
use tokio::select;

use super::{
    answer::within,
    hand::Hand,
    kit::{Running, chat},
    streams::{FIRST, begin, token},
};

fn in_flight(gateway: &Running) -> u32 {
    let limits = gateway.gateway.handle.limit().expect("a limiter");
    limits.states().iter().map(|key| key.in_flight).sum()
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_ends_the_call_at_the_provider() {
    let (gateway, asked, mut response) = begin().await;
    assert_eq!(token(&mut response).await, FIRST);
    assert_eq!(in_flight(&gateway), 1);
    drop(response);
    within(asked.tokens.closed()).await;
    assert_eq!(in_flight(&gateway), 0);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_does_so_too() {
    let mut hand = Hand::start().await;
    let gateway = Running::start(chat(&[hand.base.clone()])).await;
    let request = Request::post("/v1/chat/completions").header("host", "gateway");
    let request = request.body(Full::from(r#"{"model":"chat","stream":true}"#));
    let asked = select! {
        _ = gateway.send(request.expect("a request")) => panic!("nobody answered"),
        asked = hand.asked() => asked,
    };
    // The request is dropped, and its connection with it.
    within(asked.tokens.closed()).await;
    assert_eq!(in_flight(&gateway), 0);
}
