//! It stops when it is told to, and loses no call.

use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::net::TcpStream;

use super::{
    answer::within,
    hand::Hand,
    kit::{Running, chat},
};

#[tokio::test]
async fn calls_under_way_end_and_no_new_ones_begin() {
    let mut hand = Hand::start().await;
    let gateway = Running::start(chat(&[hand.base.clone()])).await;
    let address = gateway.address;
    let request = Request::post("/v1/chat/completions").header("host", "gateway");
    let request = request.body(Full::from(r#"{"model":"chat","stream":true}"#));
    let provider = async {
        let asked = hand.asked().await;
        asked.send("data: 1\n\n").await;
        asked
    };
    let call = gateway.send(request.expect("a request"));
    let (response, asked) = tokio::join!(call, provider);
    let mut stopped = gateway.stop();
    // It no longer listens when a connection is refused.
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    assert!(!stopped.is_finished(), "a call is under way");
    asked.send("data: 2\n\n").await;
    drop(asked);
    let body = within(response.into_body().collect()).await;
    let body = body.expect("a whole answer").to_bytes();
    assert_eq!(body, "data: 1\n\ndata: 2\n\n");
    let ended = within(&mut stopped).await.expect("no panic");
    ended.expect("no error");
}

#[tokio::test]
async fn connections_that_ask_nothing_hold_nobody_up() {
    let hand = Hand::start().await;
    let gateway = Running::start(chat(&[hand.base])).await;
    let idle = TcpStream::connect(gateway.address)
        .await
        .expect("it listens");
    // One that has asked something before.
    let used = gateway.get("/healthz").await;
    assert_eq!(used.2, "ok");
    let stopped = within(gateway.stop()).await.expect("no panic");
    stopped.expect("no error");
    drop(idle);
}
