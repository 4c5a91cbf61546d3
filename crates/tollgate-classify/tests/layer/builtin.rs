//! The built-in classifier through the layer: what only shows where both meet.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_classify::ClassifyLayer;
use tollgate_core::{Class, Classification};

use crate::support::*;

/// The class a body gets from an unknown host, and how long its head was held.
async fn seen(head: Head<'_>, steps: Vec<Step>) -> (Class, Duration) {
    let start = Instant::now();
    let (body, _) = Script::new(steps);
    let answer = through_layer(&ClassifyLayer::new(), head, body).await;
    (Classification::of(&answer).class(), start.elapsed())
}

const OVERLOADED: &str = r#"{"type":"error","error":{"type":"overloaded_error"}}"#;

#[tokio::test(start_paused = true)]
async fn an_error_event_is_found_with_every_line_end() {
    for eol in ["\n", "\r", "\r\n"] {
        let text = ["event: error", &format!("data: {OVERLOADED}"), "", ""].join(eol);
        let (class, held) = seen(SSE, vec![says(&text), Step::Hang]).await;
        assert_eq!(
            (class, held),
            (Class::Overloaded, Duration::ZERO),
            "{eol:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_comment_hides_no_error() {
    let text = format!(
        ": {}\nevent: error\ndata: {OVERLOADED}\n\n",
        "x".repeat(20_000)
    );
    assert_eq!(seen(SSE, vec![says(&text)]).await.0, Class::Overloaded);
}

#[tokio::test]
async fn a_larger_peek_is_read() {
    let debug = "x".repeat(20_000);
    let text = format!(r#"{{"debug":"{debug}","error":{{"type":"insufficient_quota"}}}}"#);
    let layer = ClassifyLayer::builder()
        .max_peek(64 << 10)
        .build()
        .expect("good settings");
    let (body, _) = Script::new([says(&text)]);
    let answer = through_layer(&layer, (429, &[]), body).await;
    assert_eq!(Classification::of(&answer).class(), Class::QuotaExhausted);
}

/// Gemini streams an array: its first object is enough, and a stream is not held for the rest.
#[tokio::test(start_paused = true)]
async fn the_first_object_of_an_array_is_enough() {
    let error = r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}"#;
    let (class, held) = seen((429, &[]), vec![says(error), Step::Hang]).await;
    assert_eq!((class, held), (Class::RateLimited, Duration::ZERO));
}

/// Nothing has reached the caller yet, so the call may still be sent again; the body stays what it is.
#[tokio::test]
async fn a_stream_that_breaks_before_its_first_event_is_a_broken_connection() {
    let steps = [says("data: {\"par"), Step::Error("cable cut")];
    let (body, _) = Script::new(steps);
    let answer = through_layer(&ClassifyLayer::new(), SSE, body).await;
    assert_eq!(answer.status(), 200);
    let known = Classification::of(&answer).into_owned();
    assert_eq!(
        (known.class(), known.retry_same()),
        (Class::Transport, true)
    );
    let pieces = drain(answer.into_body()).await;
    assert_eq!(
        pieces,
        [data("data: {\"par"), Piece::Error("cable cut".into())]
    );
    // Behind its first event it is the caller's.
    let (class, _) = seen(SSE, vec![says("data: {}\n\n"), Step::Error("cable cut")]).await;
    assert_eq!(class, Class::Ok);
}

/// Fields that are there and say nothing make no error of a success; those that say something do.
#[tokio::test]
async fn an_empty_error_is_none() {
    for text in [
        r#"{"error":{"message":null,"code":null},"choices":[]}"#,
        r#"{"error":{"code":0,"message":""},"choices":[]}"#,
        r#"{"error":"  ","choices":[]}"#,
        r#"{"error":false,"choices":[]}"#,
        r#"{"error":[],"choices":[]}"#,
    ] {
        assert_eq!(seen_of_nobody(text).await, Class::Ok, "{text}");
    }
    for text in [r#"{"error":429}"#, r#"{"error":[{"code":429}]}"#] {
        assert_ne!(seen_of_nobody(text).await, Class::Ok, "{text}");
    }
}

/// The class of a JSON success of which nobody knows who sent it.
async fn seen_of_nobody(text: &str) -> Class {
    let mut response = Some(response(JSON, Script::new([says(text)]).0));
    let inner = tower::service_fn(|_: http::Request<()>| {
        std::future::ready(Ok::<_, std::io::Error>(response.take().expect("once")))
    });
    let service = tower::Layer::layer(&ClassifyLayer::new(), inner);
    let answer = tower::ServiceExt::oneshot(service, http::Request::new(())).await;
    Classification::of(&answer.expect("ok")).class()
}
