//! Event streams are held back until their first event.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use tokio::time::Instant;
use tollgate_classify::{Builtin, ClassifyLayer};
use tollgate_core::{Class, Classification, Note};

use crate::support::*;

const ERROR: &str = "event: error\ndata: {\"type\":\"error\"}\n\n";

#[tokio::test]
async fn an_error_event_is_noted_and_the_status_stays() {
    let text = format!("{ERROR}data: more\n\n");
    let answer = through(SSE, Full::new(Bytes::from(text.clone()))).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        shown(&answer),
        Some(ERROR),
        "the first event and nothing else"
    );
    let seen = Note::of(&answer).and_then(Note::classification);
    assert_eq!(seen.map(Classification::class), Some(Class::RateLimited));
    assert_eq!(drain(answer.into_body()).await, [data(&text)]);
}

#[tokio::test]
async fn a_good_event_leaves_no_classification() {
    let (body, fate) = Script::new([says("data: hi\n\n"), says("data: error\n\n")]);
    let answer = through(SSE, body).await;
    assert_eq!(shown(&answer), None);
    assert_eq!(fate.polled(), 10, "nothing is read beyond the first event");
    assert_eq!(
        drain(answer.into_body()).await,
        [data("data: hi\n\n"), data("data: error\n\n")]
    );
}

#[tokio::test]
async fn an_event_in_pieces_behind_comments() {
    let stream = format!(": OPENROUTER PROCESSING\r\n\r\n: x\n\nevent: ping\ndata: 1\n\n{ERROR}");
    for size in [1, 2, 3, 7, 1_000] {
        let chunks: Vec<_> = stream
            .as_bytes()
            .chunks(size)
            .map(Bytes::copy_from_slice)
            .collect();
        let (body, _) = Script::new(chunks.iter().cloned().map(Step::Data));
        let answer = through(SSE, body).await;
        assert_eq!(shown(&answer), Some(ERROR), "in chunks of {size}");
        let expected: Vec<_> = chunks.into_iter().map(Piece::Data).collect();
        assert_eq!(drain(answer.into_body()).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_event_ends_the_hold() {
    let (body, _) = Script::new([
        says(": hold on\n\n"),
        Step::Wait(Duration::from_millis(9_999)),
        says(ERROR),
    ]);
    let start = Instant::now();
    let answer = through(SSE, body).await;
    assert_eq!(start.elapsed(), Duration::from_millis(9_999));
    assert_eq!(shown(&answer), Some(ERROR));
}

#[tokio::test(start_paused = true)]
async fn the_hold_ends_by_itself() {
    let wait = Step::Wait(Duration::from_secs(3));
    let quiet = (0..20).flat_map(|_| [wait.clone(), says(": hold on\n\n")]);
    let (body, _) = Script::new(quiet.chain([says(ERROR)]));
    let start = Instant::now();
    let answer = through(SSE, body).await;
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(shown(&answer), None);
    let pieces = drain(answer.into_body()).await;
    assert_eq!(pieces.len(), 21);
    assert_eq!(pieces.last(), Some(&data(ERROR)));
}

#[tokio::test(start_paused = true)]
async fn an_unfinished_event_is_judged_when_the_hold_ends() {
    let (body, _) = Script::new([says(": x\n\n"), says("data: error"), Step::Hang]);
    let answer = through(SSE, body).await;
    assert_eq!(shown(&answer), Some("data: error"));
}

#[tokio::test]
async fn a_stream_that_ends_or_breaks_before_its_first_event() {
    let (body, _) = Script::new([says("data: error")]);
    assert_eq!(shown(&through(SSE, body).await), Some("data: error"));
    let (body, _) = Script::new([says("data: error"), Step::Error("reset")]);
    let answer = through(SSE, body).await;
    assert_eq!(shown(&answer), Some("data: error"));
    let expected = [data("data: error"), Piece::Error("reset".to_owned())];
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn a_bare_error_in_a_stream() {
    let (body, _) = Script::new([says("{\"error\":429}")]);
    assert_eq!(shown(&through(SSE, body).await), Some("{\"error\":429}"));
}

#[tokio::test]
async fn a_first_event_beyond_the_cap_is_handed_on() {
    let frame = "x".repeat(1_024);
    let steps = std::iter::repeat_n(says(&frame), 100);
    let (body, fate) = Script::new([says("data: ")].into_iter().chain(steps));
    let answer = through(SSE, body).await;
    assert_eq!(shown(&answer), None);
    assert_eq!(fate.polled(), 6 + (64 << 10));
    assert_eq!(drain(answer.into_body()).await.len(), 101);
}

#[tokio::test]
async fn an_event_beyond_the_cap_is_not_seen_even_where_it_is_there() {
    let long = format!("{}{ERROR}", ": hold on\n\n".repeat(6_000));
    let answer = through(SSE, Full::new(Bytes::from(long.clone()))).await;
    assert_eq!(shown(&answer), None);
    assert_eq!(drain(answer.into_body()).await, [data(&long)]);
}

#[tokio::test]
async fn streams_need_not_be_held_back() {
    let layer = ClassifyLayer::builder()
        .classifier(Shown)
        .hold(None)
        .build();
    let (body, fate) = Script::new([says(ERROR)]);
    let answer = through_layer(&layer.expect("good settings"), SSE, body).await;
    assert_eq!(shown(&answer), None);
    assert_eq!(fate.polled(), 0);
}

#[tokio::test]
async fn the_built_in_classifier_lets_good_streams_pass() {
    for event in [
        "data: {\"id\":\"1\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
        "data: [DONE]\n\n",
    ] {
        let layer: ClassifyLayer<Builtin> = ClassifyLayer::new();
        let answer = through_layer(&layer, SSE, Full::new(Bytes::from(event))).await;
        assert_eq!(shown(&answer), None, "{event}");
    }
}

#[tokio::test]
async fn the_built_in_classifier_knows_error_events() {
    let overloaded = "event: error\r\ndata: {\"type\":\"error\",\"error\":\
        {\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\r\n\r\n";
    let limited = ": OPENROUTER PROCESSING\n\ndata: {\"error\":{\"code\":429,\
        \"message\":\"Rate limit exceeded\"},\"choices\":[]}\n\n";
    for (text, class) in [
        (overloaded, Class::Overloaded),
        (limited, Class::RateLimited),
    ] {
        let layer: ClassifyLayer<Builtin> = ClassifyLayer::new();
        let answer = through_layer(&layer, SSE, Full::new(Bytes::from(text))).await;
        let seen = Note::of(&answer).and_then(Note::classification);
        assert_eq!(seen.map(Classification::class), Some(class), "{text}");
    }
}

const ROLE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\
                    \"content\":\"\"},\"finish_reason\":null}]}\n\n";

/// Nothing was shown to the user yet, so the call can still be retried.
#[tokio::test]
async fn an_error_behind_openings_is_noted() {
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n";
    let block = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\
                 \"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let created = "data: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\n\
                   data: {\"type\":\"response.in_progress\",\"response\":{}}\n\n";
    let azure = "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n";
    let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":\
                      {\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    for opening in [
        start.to_owned(),
        [start, block, ping].concat(),
        ROLE.to_owned(),
        created.to_owned(),
        [azure, ROLE].concat(),
        [": x\n\n", ping, azure, ": y\n\n"].concat(),
    ] {
        let stream = format!("{opening}{overloaded}");
        for size in [1, 11, 10_000] {
            let chunks: Vec<_> = stream
                .as_bytes()
                .chunks(size)
                .map(Bytes::copy_from_slice)
                .collect();
            let (body, _) = Script::new(chunks.iter().cloned().map(Step::Data));
            let layer: ClassifyLayer<Builtin> = ClassifyLayer::new();
            let answer = through_layer(&layer, SSE, body).await;
            let seen = Note::of(&answer).and_then(Note::classification);
            let class = seen.map(Classification::class);
            assert_eq!(class, Some(Class::Overloaded), "{stream} by {size}");
            let expected: Vec<_> = chunks.into_iter().map(Piece::Data).collect();
            assert_eq!(drain(answer.into_body()).await, expected, "replayed once");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_opening_is_held_for_no_longer_than_anything_else() {
    let (body, _) = Script::new([says(ROLE), Step::Wait(Duration::from_secs(30)), says(ERROR)]);
    let start = Instant::now();
    let answer = through(SSE, body).await;
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(shown(&answer), None);
    assert_eq!(drain(answer.into_body()).await.len(), 2);
}

#[tokio::test]
async fn openings_without_an_end_are_handed_on() {
    let (body, fate) = Script::new(std::iter::repeat_n(says(ROLE), 100));
    let answer = through(SSE, body).await;
    assert_eq!(shown(&answer), None);
    assert_eq!(fate.polled(), 33 * ROLE.len());
    assert_eq!(drain(answer.into_body()).await.len(), 100);
}
