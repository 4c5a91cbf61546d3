//! Tells what form a body has, whatever its content type says: JSON (whole or cut), an event
//! stream, an AWS exception frame, a page, or plain text.

use std::borrow::Cow;

use serde_json::Value;

use super::{embedded, lenient};
use crate::opening;

/// At most this much of a body is looked at.
const CAP: usize = 64 * 1024;

pub(super) enum Form {
    Empty,
    Text(String),
    Json {
        /// The name of the event it came in.
        event: Option<String>,
        /// A status stated beside the event.
        status: Option<u16>,
        value: Value,
    },
    /// An exception in an AWS event stream.
    Exception {
        name: String,
        payload: Value,
    },
}

pub(super) fn of(body: &[u8]) -> Form {
    let body = &body[..body.len().min(CAP)];
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if let Some(frame) = exception(body) {
        return frame;
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    match text.as_bytes().first() {
        None => Form::Empty,
        Some(b'{' | b'[' | b'"') => json_or_text(text),
        Some(b'<') => Form::Text(page(text)),
        Some(_) => events(text).unwrap_or_else(|| Form::Text(text.to_owned())),
    }
}

/// A body that begins like JSON. It is text where the JSON ends before the body does, and says nothing
/// of an error: "[429] Payload Too Large", `{"x":1} Rate limit reached`.
fn json_or_text(text: &str) -> Form {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => {
            let rest = text[values.byte_offset()..].trim_start();
            (rest.is_empty() || embedded::is_error(&value)).then_some(value)
        }
        // Cut off, or not quite JSON; but the first sign must be one of JSON.
        _ => {
            let inner = text[1..].trim_start();
            let begins = match text.as_bytes()[0] {
                b'{' => inner.is_empty() || inner.starts_with(['"', '\'', '}']),
                b'[' => inner.is_empty() || inner.starts_with(['{', '[', '"', ']']),
                _ => true,
            };
            begins.then(|| lenient::read(text))
        }
    };
    match value {
        Some(value) => Form::Json {
            event: None,
            status: None,
            value,
        },
        None => Form::Text(text.to_owned()),
    }
}

/// The first JSON value of a text; what can be saved of it where it is cut or not quite JSON.
pub(super) fn json(text: &str) -> Value {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => value,
        _ => lenient::read(text),
    }
}

/// The first event that says something. Comments, pings and the events that merely open a response
/// are skipped.
fn events(text: &str) -> Option<Form> {
    const FIELDS: [&str; 5] = ["data:", "event:", "id:", "retry:", ":"];
    if !FIELDS.iter().any(|field| text.starts_with(field)) {
        return None;
    }
    let mut event = None;
    let mut status = None;
    let mut data = String::new();
    // Lines end in LF, CRLF or, in some streams, CR alone.
    let eol = if text.contains('\n') { '\n' } else { '\r' };
    for line in text.split(eol).chain([""]) {
        let line = line.trim_end_matches('\r');
        if let Some(value) = line.strip_prefix("data:") {
            data.push_str(value.strip_prefix(' ').unwrap_or(value));
            data.push('\n');
        } else if let Some(value) = line.strip_prefix("event:") {
            event = Some(value.trim().to_owned());
        } else if let Some(value) = line.strip_prefix(":HTTP_STATUS/") {
            // Seen at DashScope: help.aliyun.com/zh/model-studio (2025-11).
            status = value.trim().parse().ok().filter(|status| *status >= 400);
        } else if line.is_empty() && !data.trim().is_empty() {
            let data = std::mem::take(&mut data);
            let name = event.take();
            if let Some(form) = form_of_event(name, status, data.trim()) {
                return Some(form);
            }
        }
    }
    Some(Form::Empty)
}

fn form_of_event(event: Option<String>, status: Option<u16>, data: &str) -> Option<Form> {
    if data.starts_with(['{', '[']) {
        let value = json(data);
        let named = event.as_ref();
        if named.is_some_and(|name| opening::is_name(name.as_bytes())) || opening::is_data(&value) {
            return None;
        }
        return Some(Form::Json {
            event,
            status,
            value,
        });
    }
    // An error in words: give it the shape of the others.
    let error = event.as_deref() == Some("error");
    error.then(|| Form::Json {
        value: serde_json::json!({ "error": { "message": data } }),
        event,
        status,
    })
}

/// A page without its tags, scripts and styles.
fn page(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        rest = &rest[open..];
        for (tag, end) in [
            ("<script", "</script"),
            ("<style", "</style"),
            ("<!--", "-->"),
        ] {
            let opens = rest.get(..tag.len());
            if opens.is_some_and(|start| start.eq_ignore_ascii_case(tag)) {
                rest = rest.find(end).map_or("", |at| &rest[at..]);
            }
        }
        rest = rest.find('>').map_or("", |at| &rest[at + 1..]);
    }
    text.push_str(rest);
    text
}

/// An exception frame of `application/vnd.amazon.eventstream`: its headers name the exception, its
/// payload is JSON. (docs.aws.amazon.com, "Amazon Transcribe event stream encoding", 2026-09: a
/// header is name length, name, type 7, two bytes of value length, value.)
fn exception(body: &[u8]) -> Option<Form> {
    // A frame starts with its length, so with a zero byte; text never does.
    if body.first() != Some(&0) {
        return None;
    }
    let name = header(body, b":exception-type\x07").or_else(|| header(body, b":error-code\x07"))?;
    let start = body.windows(2).position(|pair| pair == b"{\"");
    let payload = start.map_or(Cow::Borrowed(""), |at| String::from_utf8_lossy(&body[at..]));
    Some(Form::Exception {
        name,
        payload: json(&payload),
    })
}

fn header(body: &[u8], name: &[u8]) -> Option<String> {
    let at = body.windows(name.len()).position(|part| part == name)? + name.len();
    let width = u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]);
    let value = body.get(at + 2..at + 2 + usize::from(width))?;
    String::from_utf8(value.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as it is on the wire, with sums that nobody checks here.
    fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
        let mut head = Vec::new();
        for (name, value) in headers {
            head.push(u8::try_from(name.len()).expect("short"));
            head.extend(name.as_bytes());
            head.push(7);
            head.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
            head.extend(value.as_bytes());
        }
        let total = u32::try_from(head.len() + payload.len() + 16).expect("short");
        let mut frame = total.to_be_bytes().to_vec();
        frame.extend(u32::try_from(head.len()).expect("short").to_be_bytes());
        frame.extend([0xde, 0xad, 0xbe, 0xef]);
        frame.extend(head);
        frame.extend(payload.as_bytes());
        frame.extend([0xff; 4]);
        frame
    }

    #[test]
    fn an_exception_frame() {
        let headers = [
            (":exception-type", "throttlingException"),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ];
        let body = frame(&headers, r#"{"message":"Too many tokens"}"#);
        let Form::Exception { name, payload } = of(&body) else {
            panic!("no exception");
        };
        assert_eq!(name, "throttlingException");
        assert_eq!(payload["message"], "Too many tokens");
        for end in 0..body.len() {
            let _ = of(&body[..end]);
        }
    }

    #[test]
    fn an_ordinary_frame() {
        let headers = [(":event-type", "messageStart"), (":message-type", "event")];
        let body = frame(&headers, r#"{"role":"assistant"}"#);
        assert!(matches!(of(&body), Form::Text(_)));
    }

    #[test]
    fn pages_lose_their_tags() {
        let html = "<html><style>b{c:d}</style><!-- <p>no --><h1>429 Too\nMany</h1></html>";
        let text = page(html);
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["429", "Too", "Many"]
        );
    }
}
