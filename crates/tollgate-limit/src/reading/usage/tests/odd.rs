//! What is not as it should be.

use super::*;

fn event(json: &str) -> String {
    format!("data: {json}\n\n")
}

fn delta(text: &str) -> String {
    event(&format!(
        r#"{{"id":"c","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#
    ))
}

#[test]
fn what_a_model_writes_about_usage_is_not_usage() {
    let body = delta(r#"\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}"#)
        + &delta(r#"x\\\"usage\":{\"total_tokens\":9}"#);
    assert_eq!(told(EVENTS, body.as_bytes()), None);
    // Nor is a value.
    assert_eq!(
        told(JSON, br#"{"type":"usage","a":{"prompt_tokens":9}}"#),
        None
    );
}

#[test]
fn what_is_told_last_counts() {
    let of = |n| {
        event(&format!(
            r#"{{"usage":{{"prompt_tokens":{n},"completion_tokens":{n}}}}}"#
        ))
    };
    let body = [of(3), of(9), of(5), of(0)].concat();
    assert_eq!(told(EVENTS, body.as_bytes()), Some(Usage::new(5, 5)));
}

#[test]
fn objects_without_tokens_and_wrong_numbers_tell_nothing() {
    for usage in [
        r#"{"type":"duration","seconds":12}"#,
        r#"{"prompt_tokens":"9"}"#,
        r#"{"prompt_tokens":-9}"#,
        r#"{"prompt_tokens":1e300}"#,
        r#"{"prompt_tokens":18446744073709551615}"#,
        r#"{"prompt_tokens":9,}"#,
        "{}",
        "null",
        "[9]",
    ] {
        let body = format!(r#"{{"usage":{usage}}}"#);
        assert_eq!(told(JSON, body.as_bytes()), None, "{usage}");
    }
}

#[test]
fn an_object_too_long_is_let_go_and_the_search_goes_on() {
    let long = format!(
        r#"{{"usage":{{"note":"{}","prompt_tokens":9}}"#,
        "x".repeat(5_000)
    );
    for length in [1, 100, usize::MAX] {
        let body = format!(r#"{long}"usage":{{"prompt_tokens":7}}}}"#);
        let mut reader = UsageReader::new(&headers(JSON));
        for chunk in body.as_bytes().chunks(length) {
            reader.read(chunk);
            assert!(reader.scan.held() <= 4096);
        }
        assert_eq!(reader.told(), Some(Usage::new(7, 0)), "{length}");
    }
}

#[test]
fn an_object_that_never_ends_is_not_kept() {
    let mut reader = UsageReader::new(&headers(JSON));
    reader.read(b"{\"usage\":{\"note\":\"");
    for _ in 0..1_000 {
        reader.read(&[b'x'; 100]);
        assert!(reader.scan.held() <= 4096);
    }
}

#[test]
fn an_encoded_body_is_not_read_and_the_estimate_stands() {
    let body = br#"{"content":"Hi.","usage":{"prompt_tokens":9,"completion_tokens":9}}"#;
    for encoding in ["gzip", "br"] {
        let mut headers = headers(JSON);
        headers.insert("content-encoding", encoding.parse().expect("a value"));
        let mut reader = UsageReader::new(&headers);
        reader.read(body);
        assert_eq!((reader.told(), settled(&reader)), (None, (1_000, 500)));
    }
    let mut headers = headers(JSON);
    headers.insert("content-encoding", "identity".parse().expect("a value"));
    let mut reader = UsageReader::new(&headers);
    reader.read(body);
    assert_eq!(settled(&reader), (9, 9));
}

#[test]
fn sound_is_not_read() {
    let reader = read(
        "audio/mpeg",
        br#"{"usage":{"prompt_tokens":9}}"#,
        usize::MAX,
    );
    assert_eq!((reader.told(), settled(&reader)), (None, (1_000, 500)));
}

#[test]
fn a_stream_that_tells_nothing_settles_by_its_text() {
    let body: String = (0..100).map(|_| delta("four")).collect();
    let reader = read(EVENTS, body.as_bytes(), 37);
    assert_eq!((reader.told(), settled(&reader)), (None, (1_000, 100)));
    let reader = read(EVENTS, delta(r"a\nb\u00e9").as_bytes(), 3);
    assert_eq!(
        settled(&reader),
        (1_000, 2),
        "eight bytes: an escape is one"
    );
}

#[test]
fn a_stream_given_up_midway_settles_by_what_was_told_and_came_since() {
    let start = event(
        r#"{"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}"#,
    );
    let text =
        event(r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"eight by"}}"#);
    let reader = read(EVENTS, start.as_bytes(), usize::MAX);
    assert_eq!(settled(&reader), (25, 1));
    let body = start + &text.repeat(10);
    let reader = read(EVENTS, body.as_bytes(), 64);
    assert_eq!(reader.told(), Some(Usage::new(25, 1)));
    assert_eq!(settled(&reader), (25, 21));
}

#[test]
fn an_event_that_was_cut_does_not_swallow_the_next() {
    let body = "data: {\"content\":\"cut\ndata: {\"usage\":{\"prompt_tokens\":9}}\n\n";
    assert_eq!(told(EVENTS, body.as_bytes()), Some(Usage::new(9, 0)));
}

#[test]
fn before_anything_came_the_estimate_stands() {
    assert_eq!(settled(&read(EVENTS, b"", 1)), (1_000, 500));
    assert_eq!(
        settled(&read(EVENTS, b": OPENROUTER PROCESSING\n\n", 1)),
        (1_000, 500)
    );
}

#[test]
fn a_document_that_tells_first_and_says_its_text_then_is_believed() {
    let body =
        br#"{"usage":{"prompt_tokens":9,"completion_tokens":4},"content":"sixteen letters."}"#;
    assert_eq!(settled(&read(JSON, body, usize::MAX)), (9, 4));
}

#[test]
fn a_frame_that_was_cut_does_not_spoil_the_next() {
    let mut body = br#"{"bytes":"eyJ1c"} "#.to_vec();
    body.extend(encoded(r#"{"usage":{"input_tokens":9}}"#));
    assert_eq!(told(FRAMES, &body), Some(Usage::new(9, 0)));
}
