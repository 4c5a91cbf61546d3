//! Requests that are too large.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    answer::{read, within},
    refusals::{CHAT, is_error, start},
};
use crate::body;

const TOO_LARGE: &str = "body_too_large";

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let (gateway, provider, _server) = start().await;
    let large = Bytes::from(vec![b' '; body::MOST + 1]);
    is_error(&gateway.post(CHAT, large.clone()).await, 413, TOO_LARGE);
    let request = Request::post(CHAT).header("host", "gateway");
    let request = request.header("transfer-encoding", "chunked");
    let request = request.body(Full::new(large)).expect("a request");
    is_error(&read(gateway.send(request).await).await, 413, TOO_LARGE);
    assert_eq!(provider.stats().calls, 0);
}

#[tokio::test]
async fn who_sends_everything_first_still_gets_the_answer() {
    let (gateway, _provider, _server) = start().await;
    let length = body::MOST + 4_000_000;
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {length}\r\n\r\n");
    let mut tcp = TcpStream::connect(gateway.address)
        .await
        .expect("it listens");
    tcp.write_all(head.as_bytes()).await.expect("it reads");
    let sent = within(tcp.write_all(&vec![b' '; length])).await;
    sent.expect("it reads to the end");
    let mut answer = [0; 12];
    within(tcp.read_exact(&mut answer))
        .await
        .expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn who_asks_before_sending_is_told_at_once() {
    let (gateway, _provider, _server) = start().await;
    let request = Request::post(CHAT)
        .header("host", "gateway")
        .header("expect", "100-continue")
        .header("content-length", (body::MOST + 1).to_string())
        // It says that it has more than it has: nothing of it is to be sent.
        .body(Full::default())
        .expect("a request");
    // Long before the gateway's patience is over.
    let answer = timeout(Duration::from_secs(3), gateway.send(request));
    is_error(&read(answer.await.expect("soon")).await, 413, TOO_LARGE);
}
