//! What goes out together, and in which order.

use std::task::Waker;

use futures_util::stream;
use http::HeaderMap;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::mpsc;

use super::*;

/// A body whose pieces a task of its own hands over, one at a time.
fn body() -> (mpsc::Sender<Piece>, Together) {
    let (send, receive) = mpsc::channel(1);
    let pieces = stream::unfold(receive, async |mut receive| {
        Some((receive.recv().await?, receive))
    });
    let body = StreamBody::new(Box::pin(pieces));
    (send, Together::new(BodyExt::boxed_unsync(body)))
}

fn data(text: &'static str) -> Piece {
    Ok(Frame::data(Bytes::from(text)))
}

/// What a server finds without waiting.
fn found(body: &mut Together) -> Vec<String> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut all = Vec::new();
    while let Poll::Ready(piece) = Pin::new(&mut *body).poll_frame(&mut cx) {
        all.push(match piece.map(|piece| piece.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => String::from_utf8(data.to_vec()).expect("text"),
            Some(Ok(Err(_))) => "trailers".to_owned(),
            Some(Err(error)) => error.to_string(),
            None => return all,
        });
    }
    all.push("…".to_owned());
    all
}

/// What a server finds when a turn of the other task is all that is missing.
async fn found_in_time(body: &mut Together) -> Vec<String> {
    let frame = body.frame().await.expect("a frame").expect("no error");
    let frame = frame.into_data().expect("data");
    let first = String::from_utf8(frame.to_vec()).expect("text");
    [vec![first], found(body)].concat()
}

#[tokio::test]
async fn the_first_goes_on_at_once_and_the_others_together() {
    let (send, mut body) = body();
    tokio::spawn(async move {
        for text in ["a", "b", "c", "d", "e"] {
            send.send(data(text)).await.expect("somebody reads");
        }
        let trailers = Frame::trailers(HeaderMap::new());
        send.send(Ok(trailers)).await.expect("somebody reads");
    });
    assert_eq!(found_in_time(&mut body).await, ["a", "…"]);
    assert!(!body.is_end_stream());
    let rest = found_in_time(&mut body).await;
    assert_eq!(rest, ["b", "c", "d", "e", "trailers"]);
    assert!(body.is_end_stream());
}

#[tokio::test]
async fn nothing_waits_for_what_is_not_there() {
    let (send, mut body) = body();
    assert_eq!(found(&mut body), ["…"]);
    for text in ["a", "b", "c"] {
        send.send(data(text)).await.expect("somebody reads");
        assert_eq!(found_in_time(&mut body).await, [text, "…"]);
    }
    let broken = std::io::Error::other("it broke");
    send.send(data("d")).await.expect("somebody reads");
    let task = tokio::spawn(async move { send.send(Err(CallError::new(broken))).await });
    assert_eq!(found_in_time(&mut body).await, ["d", "it broke"]);
    task.await.expect("it ends").expect("somebody read");
}

#[tokio::test]
async fn a_stream_that_never_pauses_is_handed_on_in_parts() {
    let pieces = stream::iter((0..MOST + 1).map(|_| data("x")));
    let mut body = Together::new(BodyExt::boxed_unsync(StreamBody::new(pieces)));
    assert_eq!(found_in_time(&mut body).await.len(), MOST + 1);
    assert!(body.is_end_stream());
}
