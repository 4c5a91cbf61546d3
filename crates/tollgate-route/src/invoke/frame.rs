//! A frame of an AWS event stream, as the event in it.
//!
//! A frame is its length, the length of its headers, a checksum, the headers, the payload and a
//! checksum: <https://smithy.io/2.0/aws/amazon-eventstream.html>. The checksums
//! are not compared: TLS has its own.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Buf, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::json;

/// What stands around headers and payload.
const AROUND: usize = 12 + 4;
/// The largest frame that the format allows.
const LARGEST: usize = 16 * 1024 * 1024;

/// What is at the start of what was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// An event, as Anthropic sends it.
    Event(Bytes),
    /// A frame without one.
    Nothing,
    /// The frame is not all there yet.
    Partial,
    /// No frame.
    Broken,
}

/// Takes the first frame out of what was read.
pub(super) fn take(read: &mut BytesMut) -> Next {
    let Some(length) = number(read, 0) else {
        return Next::Partial;
    };
    if !(AROUND..=LARGEST).contains(&length) {
        return Next::Broken;
    }
    if read.len() < length {
        return Next::Partial;
    }
    let frame = read.split_to(length);
    let head = number(&frame, 4).and_then(|head| 12_usize.checked_add(head));
    let parts = head.and_then(|head| {
        let payload = frame.get(head..length - 4)?;
        Some((Headers::of(frame.get(12..head)?)?, payload))
    });
    match parts {
        Some((headers, payload)) => headers.event(payload),
        None => Next::Broken,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// The headers that say what is in a frame.
#[derive(Debug, Default)]
struct Headers<'a> {
    kind: &'a str,
    event: &'a str,
    /// The name of an exception or an error.
    failure: &'a str,
    message: &'a str,
}

impl<'a> Headers<'a> {
    fn of(mut bytes: &'a [u8]) -> Option<Self> {
        let mut headers = Self::default();
        while bytes.has_remaining() {
            let name = text(&mut bytes, 1)?;
            let value = match take_number(&mut bytes, 1)? {
                7 => text(&mut bytes, 2)?,
                other => {
                    skip(&mut bytes, other)?;
                    continue;
                }
            };
            match name {
                ":message-type" => headers.kind = value,
                ":event-type" => headers.event = value,
                ":exception-type" | ":error-code" => headers.failure = value,
                ":error-message" => headers.message = value,
                _ => {}
            }
        }
        Some(headers)
    }

    fn event(&self, payload: &[u8]) -> Next {
        match (self.kind, self.event) {
            ("event", "chunk") => chunk(payload).map_or(Next::Broken, Next::Event),
            ("event", _) => Next::Nothing,
            ("exception" | "error", _) => Next::Event(self.failed(payload)),
            _ => Next::Broken,
        }
    }

    fn failed(&self, payload: &[u8]) -> Bytes {
        #[derive(Deserialize)]
        struct Message {
            message: String,
        }
        let said = serde_json::from_slice(payload).map(|it: Message| it.message);
        let said = said.unwrap_or_else(|_| self.message.to_owned());
        let is = |name: &str| self.failure.eq_ignore_ascii_case(name);
        let kind = match () {
            () if is("throttlingException") => "rate_limit_error",
            () if is("serviceUnavailableException") => "overloaded_error",
            () if is("modelTimeoutException") => "timeout_error",
            () if is("validationException") => "invalid_request_error",
            () if is("accessDeniedException") => "permission_error",
            () => "api_error",
        };
        match said.is_empty() {
            true => error(kind, self.failure),
            false => error(kind, &said),
        }
    }
}

/// An event `error`, as <https://docs.claude.com/en/api/errors> has it.
pub(super) fn error(kind: &str, message: &str) -> Bytes {
    let error = json!({ "type": "error", "error": { "type": kind, "message": message } });
    event("error", &error.to_string())
}

fn event(name: &str, data: &str) -> Bytes {
    let mut out = String::with_capacity(name.len() + data.len() + 24);
    // A name with a break in it would be another event.
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain {
        let _ = writeln!(out, "event: {name}");
    }
    for line in data.lines() {
        let _ = writeln!(out, "data: {line}");
    }
    out.push('\n');
    out.into()
}

/// `{"bytes":"<an event in base64>"}`.
fn chunk(payload: &[u8]) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Chunk<'a> {
        #[serde(borrow)]
        bytes: std::borrow::Cow<'a, str>,
    }
    #[derive(Deserialize)]
    struct Named {
        r#type: String,
    }
    let chunk: Chunk<'_> = serde_json::from_slice(payload).ok()?;
    let json = String::from_utf8(STANDARD.decode(chunk.bytes.as_bytes()).ok()?).ok()?;
    let named: Named = serde_json::from_str(&json).ok()?;
    Some(event(&named.r#type, &json))
}

fn take_number(bytes: &mut &[u8], width: usize) -> Option<usize> {
    let (now, rest) = bytes.split_at_checked(width)?;
    *bytes = rest;
    Some(now.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))
}

/// A text behind its length in so many bytes.
fn text<'a>(bytes: &mut &'a [u8], width: usize) -> Option<&'a str> {
    let length = take_number(bytes, width)?;
    let (now, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(now).ok()
}

/// Goes on behind the value of a header that is no text, by its type.
fn skip(bytes: &mut &[u8], kind: usize) -> Option<()> {
    let length = match kind {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8,
        6 => take_number(bytes, 2)?,
        9 => 16,
        _ => return None,
    };
    *bytes = bytes.get(length..)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(headers: &[u8], payload: &[u8]) -> BytesMut {
        let length = |n: usize| u32::try_from(n).expect("short").to_be_bytes();
        let mut frame = BytesMut::new();
        frame.extend(length(AROUND + headers.len() + payload.len()));
        frame.extend(length(headers.len()));
        frame.extend([0; 4]);
        frame.extend(headers);
        frame.extend(payload);
        frame.extend([0; 4]);
        frame
    }

    fn texts(all: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in all {
            out.push(u8::try_from(name.len()).expect("short"));
            out.extend(name.as_bytes());
            out.push(7);
            out.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
            out.extend(value.as_bytes());
        }
        out
    }

    fn said(headers: &[(&str, &str)], payload: &str) -> String {
        match take(&mut framed(&texts(headers), payload.as_bytes())) {
            Next::Event(event) => String::from_utf8(event.to_vec()).expect("text"),
            other => format!("{other:?}"),
        }
    }

    const CHUNK: [(&str, &str); 2] = [(":event-type", "chunk"), (":message-type", "event")];

    #[test]
    fn a_chunk_is_the_event_in_it() {
        for (json, event) in [
            (
                r#"{"type":"ping"}"#,
                "event: ping\ndata: {\"type\":\"ping\"}\n\n",
            ),
            (
                "{\n\"type\":\"a\\nb\"}",
                "data: {\ndata: \"type\":\"a\\nb\"}\n\n",
            ),
        ] {
            let payload = json!({ "bytes": STANDARD.encode(json), "p": "abc" });
            assert_eq!(said(&CHUNK, &payload.to_string()), event);
        }
        for broken in ["", "{}", r#"{"bytes":"!"}"#, r#"{"bytes":"e30="}"#] {
            assert_eq!(said(&CHUNK, broken), "Broken", "{broken}");
        }
    }

    #[test]
    fn an_exception_is_an_error_of_anthropic() {
        for (name, kind) in [
            ("throttlingException", "rate_limit_error"),
            ("ServiceUnavailableException", "overloaded_error"),
            ("modelStreamErrorException", "api_error"),
        ] {
            let headers = [(":exception-type", name), (":message-type", "exception")];
            let event = said(&headers, r#"{"message":"No \"room\"."}"#);
            let data = event.strip_prefix("event: error\ndata: ").expect(&event);
            // The order of the keys is another with some features of serde_json.
            let data: serde_json::Value = serde_json::from_str(data).expect(&event);
            let error = json!({ "type": kind, "message": "No \"room\"." });
            assert_eq!(data, json!({ "type": "error", "error": error }));
            assert!(said(&headers, "").contains(name));
        }
        let headers = [
            (":message-type", "error"),
            (":error-code", "InternalError"),
            (":error-message", "It broke."),
        ];
        assert!(said(&headers, "").contains("It broke."));
    }

    #[test]
    fn headers_of_other_types_are_passed_over() {
        let mut headers = Vec::new();
        for (kind, value) in [
            (0_u8, &b""[..]),
            (2, b"1"),
            (4, b"1234"),
            (6, b"\x00\x02ab"),
            (8, b"12345678"),
            (9, b"1234567890123456"),
        ] {
            headers.extend([1, b'x', kind]);
            headers.extend(value);
        }
        headers.extend(texts(&[
            (":event-type", "initial-response"),
            (":message-type", "event"),
        ]));
        assert_eq!(take(&mut framed(&headers, b"")), Next::Nothing);
        headers.extend([1, b'x', 77]);
        assert_eq!(take(&mut framed(&headers, b"")), Next::Broken);
    }

    #[test]
    fn what_is_no_frame_is_told_from_a_part_of_one() {
        let whole = framed(&texts(&CHUNK), b"{}");
        for cut in 0..whole.len() {
            assert_eq!(take(&mut whole[..cut].into()), Next::Partial, "{cut}");
        }
        for text in ["{\"message\":\"oops\"}", "\0\0\0\x0fxxxxxxxxxxxx"] {
            assert_eq!(take(&mut text.as_bytes().into()), Next::Broken, "{text}");
        }
        // Headers that are longer than their frame.
        let mut wrong = whole;
        wrong[7] = 255;
        assert_eq!(take(&mut wrong), Next::Broken);
    }
}
