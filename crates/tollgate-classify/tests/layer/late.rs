//! Events that come after a stream was handed on: read while they pass, never changed.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tollgate_classify::{Builtin, Classified, ClassifyLayer, PeekBody};
use tollgate_core::{Class, Classification, Note, Observe, StreamReport};
use tower::{Layer, ServiceExt};

use crate::support::*;

const HI: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const OVERLOADED: &str = "event: error\ndata: {\"type\":\"error\",\"error\":\
                          {\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";

fn report<R>(answer: &Response<R>) -> StreamReport {
    let report = Note::of(answer).and_then(Note::stream);
    report.expect("it is a stream").clone()
}

async fn built_in(head: Head<'_>, body: Script) -> Response<PeekBody<Script>> {
    through_layer(&ClassifyLayer::new(), head, body).await
}

/// What the report says after the body was read, in pieces of this size.
async fn after(head: Head<'_>, stream: &[u8], size: usize) -> (u64, Option<Class>) {
    let chunks = stream.chunks(size).map(Bytes::copy_from_slice);
    let chunks: Vec<_> = chunks.collect();
    let (body, _) = Script::new(chunks.iter().cloned().map(Step::Data));
    let answer = built_in(head, body).await;
    let report = report(&answer);
    assert_eq!(report.events(), 0, "nothing was handed on yet");
    let expected: Vec<_> = chunks.into_iter().map(Piece::Data).collect();
    assert_eq!(drain(answer.into_body()).await, expected, "as it came");
    (report.events(), report.error().map(Classification::class))
}

#[tokio::test]
async fn an_error_behind_the_first_event_is_reported_in_every_framing() {
    let failed = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n\
                  event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":\
                  {\"error\":{\"code\":\"server_error\",\"message\":\"no\"}}}\n\n";
    let broken = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n: x\n\n\
                  data: {\"id\":\"1\",\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"},\
                  \"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n\
                  data: [DONE]\n\n";
    for (stream, events, class) in [
        (format!("{HI}{OVERLOADED}"), 2, Class::Overloaded),
        (
            format!("{HI}{}", OVERLOADED.trim_end()),
            2,
            Class::Overloaded,
        ),
        (failed.to_owned(), 2, Class::ServerError),
        (broken.to_owned(), 3, Class::RateLimited),
        (broken.replace('\n', "\r\n"), 3, Class::RateLimited),
    ] {
        for size in [1, 2, 3, 7, 50, 10_000] {
            let seen = after(SSE, stream.as_bytes(), size).await;
            assert_eq!(seen, (events, Some(class)), "{stream} by {size}");
        }
    }
}

#[tokio::test]
async fn good_streams_are_good_to_their_end() {
    let words = r#"data: {"choices":[{"delta":{"content":"an \"error\": {\"error\": 1}"}}]}"#;
    let call = "event: response.mcp_call.failed\ndata: {\"type\":\"response.mcp_call.failed\"}";
    let done = "data: {\"type\":\"response.completed\",\"response\":{\"error\":null}}";
    let stream = [
        HI.trim(),
        ": a comment",
        "event: ping\ndata: {}",
        words,
        call,
        done,
    ]
    .map(|event| format!("{event}\n\n"))
    .concat();
    for size in [1, 5, 10_000] {
        assert_eq!(after(SSE, stream.as_bytes(), size).await, (4, None));
    }
}

#[tokio::test]
async fn lines_and_frames_are_streams_too() {
    let lines = "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"error\":\"overloaded\"}\n";
    let head = [("content-type", "application/x-ndjson")];
    let (events, class) = after((200, &head), lines.as_bytes(), 9).await;
    assert_eq!(events, 2);
    assert!(class.is_some());
    let mut frames = frame(":event-type", "chunk", "{\"bytes\":\"e30=\"}");
    frames.extend(frame(
        ":exception-type",
        "throttlingException",
        "{\"message\":\"Too many tokens, please wait before trying again.\"}",
    ));
    let head = [("content-type", "application/vnd.amazon.eventstream")];
    for size in [1, 10, 1_000] {
        let seen = after((200, &head), &frames, size).await;
        assert_eq!(seen, (2, Some(Class::RateLimited)), "by {size}");
    }
}

/// A frame of an AWS event stream, with sums that nobody checks here.
fn frame(name: &str, value: &str, payload: &str) -> Vec<u8> {
    let mut head = vec![u8::try_from(name.len()).expect("short")];
    head.extend(name.as_bytes());
    head.push(7);
    head.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
    head.extend(value.as_bytes());
    let length = |bytes: usize| u32::try_from(bytes).expect("short").to_be_bytes();
    let mut frame = length(head.len() + payload.len() + 16).to_vec();
    frame.extend(length(head.len()));
    frame.extend([0; 4]);
    frame.extend(head);
    frame.extend(payload.as_bytes());
    frame.extend([0; 4]);
    frame
}

/// Too long to be kept; what comes behind it is seen.
#[tokio::test]
async fn an_event_may_be_as_long_as_it_likes() {
    let long = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "x".repeat(200_000)
    );
    let stream = format!("{HI}{long}{OVERLOADED}");
    for size in [1_000, 70_000, 1_000_000] {
        let seen = after(SSE, stream.as_bytes(), size).await;
        assert_eq!(seen, (3, Some(Class::Overloaded)), "by {size}");
    }
}

#[tokio::test]
async fn a_stream_that_is_not_held_back_is_read_as_well() {
    let layer = ClassifyLayer::builder().hold(None).build();
    let (body, _) = Script::new([says(OVERLOADED)]);
    let answer = through_layer(&layer.expect("good settings"), SSE, body).await;
    let report = report(&answer);
    drain(answer.into_body()).await;
    let class = report.error().map(Classification::class);
    assert_eq!(class, Some(Class::Overloaded));
}

#[tokio::test]
async fn what_is_no_stream_has_no_report() {
    for (head, text) in [
        (LIMITED, "slow down"),
        (JSON, "{\"id\":1}"),
        (SSE, OVERLOADED),
        ((200, &[("content-type", "audio/mpeg")]), "x"),
        (
            (
                200,
                &[
                    ("content-type", "text/event-stream"),
                    ("content-encoding", "br"),
                ],
            ),
            "x",
        ),
    ] {
        let (body, _) = Script::new([says(text)]);
        let answer = built_in(head, body).await;
        assert!(Note::of(&answer).and_then(Note::stream).is_none(), "{text}");
    }
}

#[tokio::test]
async fn two_layers_read_the_events_once() {
    let inner = tower::service_fn(|_: Request<()>| async {
        let text = format!("{HI}{OVERLOADED}");
        Ok::<_, std::io::Error>(response(SSE, Full::new(Bytes::from(text))))
    });
    let twice = ClassifyLayer::new().layer(ClassifyLayer::new().layer(inner));
    let answer = twice.oneshot(Request::new(())).await.expect("ok");
    let report = report(&answer);
    drain(answer.into_body()).await;
    assert_eq!(report.events(), 2);
}

#[derive(Default)]
struct Heard(Mutex<Vec<Classified>>);

impl Observe<Classified> for &Heard {
    fn observe(&self, event: &Classified) {
        self.0.lock().expect("nobody panicked").push(event.clone());
    }
}

#[tokio::test]
async fn the_observer_receives_a_late_error_once() {
    let heard = Heard::default();
    let layer: ClassifyLayer<Builtin, _> = ClassifyLayer::builder()
        .observer(&heard)
        .build()
        .expect("good settings");
    let text = format!("{HI}{OVERLOADED}{OVERLOADED}");
    let answer = through_layer(&layer, SSE, Full::new(Bytes::from(text))).await;
    assert!(heard.0.lock().unwrap().is_empty());
    drain(answer.into_body()).await;
    let heard = heard.0.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].is_late());
    assert_eq!(heard[0].status(), 200);
    assert_eq!(heard[0].origin(), Some("hides"));
    assert_eq!(heard[0].classification().class(), Class::Overloaded);
    let line = heard[0].to_string();
    assert!(line.ends_with(", later in its stream"), "{line}");
}
