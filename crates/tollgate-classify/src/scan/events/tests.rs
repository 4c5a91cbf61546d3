//! The same stream in every framing and with every line end.

use super::*;

/// The first event, found in one piece, byte by byte, and in threes.
fn first(text: &[u8]) -> Option<String> {
    let found = [text.len().max(1), 1, 3].map(|size| {
        let mut events = Events::default();
        let event = |mut chunk: &[u8]| {
            let mut found = std::iter::from_fn(|| events.next(&mut chunk));
            found.find(|found| found.kind == Kind::Event)
        };
        let found = text.chunks(size).find_map(event);
        found.map(|found| found.range)
    });
    assert_eq!(found[0], found[1], "{:?}", text.escape_ascii().to_string());
    assert_eq!(found[0], found[2], "{:?}", text.escape_ascii().to_string());
    let range = found.into_iter().next().flatten()?;
    Some(String::from_utf8(text[range].to_vec()).expect("text"))
}

#[test]
fn every_line_end() {
    for eol in ["\n", "\r", "\r\n"] {
        let stream = ["data: a", "", "data: b", "", ""].join(eol);
        let event = first(stream.as_bytes()).expect("an event");
        assert_eq!(event.trim_end(), "data: a");
        let commented = [": PROCESSING", "", ":", "", "event: x", "data:a", "", ""].join(eol);
        let event = first(commented.as_bytes()).expect("an event");
        assert_eq!(event.trim_end(), format!("event: x{eol}data:a"));
    }
}

#[test]
fn what_is_no_event() {
    for quiet in [
        ": OPENROUTER PROCESSING\n\n",
        "\n\n\n",
        "\r\n\r\n",
        "id: 7\nretry: 3000\n\n",
        "event: message\n\n",
        "data:\n\n",
        "data: \n\n",
        "data\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event:heartbeat\r\ndata: 1\r\n\r\n",
        "event: message_start\ndata: {}\n\n",
        "data: not yet\n",
        "data: not yet",
    ] {
        assert_eq!(first(quiet.as_bytes()), None, "{quiet:?}");
    }
}

/// OpenAI's Responses API takes a call on before it knows whether it can serve it.
#[test]
fn what_comes_before_the_first_event_of_a_response() {
    let preamble = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n\
                    event: response.in_progress\ndata: {}\n\n";
    assert_eq!(first(preamble.as_bytes()), None);
    let failed = "event: response.failed\ndata: {}\n\n";
    let stream = format!("{preamble}{failed}");
    assert_eq!(first(stream.as_bytes()).as_deref(), Some(failed));
}

#[test]
fn what_is_an_event() {
    for event in [
        "data: x\n\n",
        "data:x\n\n",
        "data: [DONE]\n\n",
        "event: error\ndata: {}\n\n",
        ": note\nevent: error\ndata: {}\n\n",
        "{\"error\":{\"code\":429}}\n\n",
        "data:                                                         far away\n\n",
    ] {
        assert_eq!(first(event.as_bytes()).as_deref(), Some(event), "{event:?}");
        let later = format!("event: ping\ndata: 1\n\n{event}data: more\n\n");
        assert_eq!(first(later.as_bytes()).as_deref(), Some(event), "{event:?}");
    }
}

#[test]
fn a_byte_order_mark_belongs_to_no_line() {
    let event = first(b"\xEF\xBB\xBFdata: x\n\n").expect("an event");
    assert_eq!(event, "\u{feff}data: x\n\n");
    assert_eq!(first(b"\xEF\xBB\xBF: comment\n\n"), None);
    assert_eq!(first(b"\xEF\xBB\xBF\n\n"), None);
}

#[test]
fn the_unfinished_block_begins_after_the_finished_ones() {
    for (stream, rest) in [
        (": a\n\nda", "da"),
        (": a\r\n\r\nda", "da"),
        (": a\r\rda", "da"),
        ("event: ping\ndata: 1\n\n", ""),
        ("{\"error\":1}", "{\"error\":1}"),
    ] {
        for size in [1, 2, 100] {
            let mut events = Events::default();
            for mut chunk in stream.as_bytes().chunks(size) {
                while let Some(found) = events.next(&mut chunk) {
                    assert_ne!(found.kind, Kind::Event);
                }
            }
            assert_eq!(&stream[events.unfinished()..], rest, "{stream:?}");
        }
    }
}

#[test]
fn all_events_of_a_stream() {
    let stream = "event: message_start\r\ndata: {}\r\n\r\n: x\r\n\r\ndata: a\r\n\r\n\
                  event: error\r\ndata: {}\r\n\r\ndata: the rest";
    for size in [1, 2, 3, 7, 1_000] {
        let mut events = Events::default();
        let mut found = Vec::new();
        for mut chunk in stream.as_bytes().chunks(size) {
            while let Some(event) = events.next(&mut chunk) {
                found.push((stream[event.range].trim(), event.kind, event.fails));
            }
        }
        let rest = events.rest().expect("it says something");
        found.push((stream[rest.range].trim(), rest.kind, rest.fails));
        let expected = [
            ("event: message_start\r\ndata: {}", Kind::Opening, false),
            ("data: a", Kind::Event, false),
            ("event: error\r\ndata: {}", Kind::Event, true),
            ("data: the rest", Kind::Event, false),
        ];
        assert_eq!(found, expected, "{size}");
        assert_eq!(events.rest(), None);
    }
}

#[test]
fn names_of_errors() {
    for (name, fails) in [
        ("error", true),
        ("stream_error", true),
        ("Error", true),
        ("response.failed", true),
        ("throttlingException", true),
        ("message_delta", false),
        ("errors", false),
        ("response.output_text.delta", false),
    ] {
        let stream = format!("event: {name}\ndata: x\n\n");
        let found = Events::default().next(&mut stream.as_bytes());
        assert_eq!(found.map(|event| event.fails), Some(fails), "{name}");
    }
}
