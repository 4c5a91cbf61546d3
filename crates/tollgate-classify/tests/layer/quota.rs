//! What the headers say about limits is noted on every response.

use bytes::Bytes;
use http_body_util::Full;
use tollgate_core::{LimitKind, Note};

use crate::support::*;

fn left<R>(answer: &http::Response<R>) -> Option<u64> {
    let note = Note::of(answer)?;
    note.quota().get(LimitKind::Requests, None)?.remaining
}

#[tokio::test]
async fn on_successes_and_errors() {
    for (status, kind, text) in [
        (200, "audio/mpeg", ""),
        (200, "application/json", "{}"),
        (200, "text/event-stream", "data: x\n\n"),
        (302, "text/html", ""),
    ] {
        let head = [("content-type", kind), ("x-left", "3")];
        let answer = through((status, &head), Full::new(Bytes::from(text))).await;
        assert_eq!(left(&answer), Some(3), "{status} {kind}");
        assert_eq!(shown(&answer), None);
    }
    let head = [("x-left", "0")];
    let answer = through((429, &head), Full::new(Bytes::from("a"))).await;
    assert_eq!((left(&answer), shown(&answer)), (Some(0), Some("a")));
    let head = [("x-left", "0"), ("content-encoding", "br")];
    let answer = through((429, &head), Full::new(Bytes::from("a"))).await;
    assert_eq!((left(&answer), shown(&answer)), (Some(0), Some("")));
}

#[tokio::test]
async fn an_error_event_keeps_it() {
    let head = [("content-type", "text/event-stream"), ("x-left", "9")];
    let answer = through((200, &head), Full::new(Bytes::from("data: error\n\n"))).await;
    assert_eq!(left(&answer), Some(9));
    assert_eq!(shown(&answer), Some("data: error\n\n"));
}

#[tokio::test]
async fn a_quota_that_says_nothing_is_not_noted() {
    let head = [("x-left", "nobody knows")];
    let answer = through((200, &head), Full::new(Bytes::new())).await;
    assert!(answer.extensions().is_empty());
}
