//! Requests that are too large.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use super::{
    answer::read,
    refusals::{CHAT, is_error, start},
};
use crate::body;

const TOO_LARGE: &str = "body_too_large";

#[tokio::test]
async fn what_is_too_large_is_refused_after_it_was_sent() {
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
async fn who_asks_before_sending_is_told_at_once() {
    let (gateway, _provider, _server) = start().await;
    let request = Request::post(CHAT)
        .header("host", "gateway")
        .header("expect", "100-continue")
        .header("content-length", (body::MOST + 1).to_string())
        // It says that it has more than it has: nothing of it is to be sent.
        .body(Full::default())
        .expect("a request");
    is_error(
        &read(gateway.send(request).await).await,
        413,
        "body_too_large",
    );
}
