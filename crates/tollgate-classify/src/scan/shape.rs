//! Tells by its first bytes whether a JSON success may be an error.

use super::{ERROR, json::Json};

/// So many bytes show the shape of a body.
const WINDOW: usize = 512;

/// Reads until the shape of a body shows.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    json: Json,
    read: usize,
}

impl Shape {
    /// Reads on; returns how much of the body shows its shape when that is there.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        self.read += bytes.len();
        if self.read >= WINDOW {
            return Some(WINDOW);
        }
        self.json.feed(bytes)
    }
}

/// Whether a JSON body that begins so may be an error, though its status is a success. An error says so
/// in its first key, or has an `error` near its start that is not null.
///
/// Only the start counts, so that a success is not read further for this.
pub(crate) fn may_be_error(body: &[u8]) -> bool {
    let start = &body[..body.len().min(WINDOW)];
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let Some(object) = after(after_list(start), b'{') else {
        return false;
    };
    first_key(object) || error_key(object)
}

/// An error may stand in a list, as Gemini's do.
fn after_list(text: &[u8]) -> &[u8] {
    after(text, b'[').unwrap_or(text)
}

fn after(text: &[u8], byte: u8) -> Option<&[u8]> {
    let (first, rest) = text.trim_ascii_start().split_first()?;
    (*first == byte).then_some(rest)
}

/// The first key is one with which errors begin.
fn first_key(object: &[u8]) -> bool {
    let Some(text) = after(object, b'"') else {
        return false;
    };
    let Some(end) = memchr::memchr(b'"', text) else {
        return false;
    };
    let (key, value) = (&text[..end], value(&text[end + 1..]));
    match key {
        b"error" => !is_nothing(value),
        b"type" | b"object" | b"status" => begins(value, b"err") || begins(value, b"fail"),
        b"success" => value.starts_with(b"false"),
        _ => is_of_errors(key),
    }
}

fn is_of_errors(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 15] = [
        b"errors",
        b"error_code",
        b"error_msg",
        b"error_message",
        b"errcode",
        b"errmsg",
        b"code",
        b"statusCode",
        b"status_code",
        b"msg",
        b"message",
        b"Message",
        b"detail",
        b"base_resp",
        b"Response",
    ];
    KEYS.contains(&key) || key.ends_with(b"Exception")
}

/// Somewhere near the start is an `error` that is not null. In text that a model writes, the quotes have
/// a backslash before them.
fn error_key(object: &[u8]) -> bool {
    let len = ERROR.needle().len();
    ERROR.find_iter(object).any(|at| {
        let rest = object[at + len..].trim_ascii_start();
        // A value that is beyond the window may be anything.
        rest.is_empty()
            || (rest.starts_with(b":") && !is_nothing(value(rest)))
            || rest.starts_with(b",")
            || rest.starts_with(b"}")
    })
}

/// What stands behind a colon.
fn value(text: &[u8]) -> &[u8] {
    after(text, b':').unwrap_or_default().trim_ascii_start()
}

fn is_nothing(value: &[u8]) -> bool {
    value.starts_with(b"null") || value.starts_with(b"\"\"") || value.starts_with(b"false")
}

fn begins(value: &[u8], word: &[u8]) -> bool {
    let text = value.strip_prefix(b"\"").unwrap_or_default();
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_errors() {
        for body in [
            r#"{"error":{"message":"no"}}"#,
            " \r\n{\n  \"error\" : \"no\" }",
            r#"[{"error":{"code":429}}]"#,
            r#"{"type":"error","error":{}}"#,
            r#"{"object":"error","message":"no"}"#,
            r#"{"code":429,"msg":"no"}"#,
            r#"{"message":"Too many requests"}"#,
            r#"{"success":false,"data":null}"#,
            r#"{"base_resp":{"status_code":1002}}"#,
            r#"{"error_code":18,"error_msg":"no"}"#,
            r#"{"throttlingException":{"message":"no"}}"#,
            r#"{"id":"resp_1","object":"response","status":"failed","error":{"code":"x"}}"#,
            r#"{"user_id":"u","error":{"code":502}}"#,
            r#"{"id":"gen","error""#,
            r#"{"status":"error","data":1}"#,
            r#"{"choices":[{"finish_reason":"error"}]}"#,
        ] {
            assert!(may_be_error(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn shapes_of_successes() {
        for body in [
            r#"{"id":"chatcmpl-1","choices":[{"message":{"content":"an \"error\": it"}}]}"#,
            r#"{"id":"resp_1","object":"response","status":"completed","error":null}"#,
            r#"{"error": null, "id": 1}"#,
            r#"{"type":"message","content":[]}"#,
            r#"{"status":"completed"}"#,
            r#"{"success":true}"#,
            r#"{"object":"list","data":[]}"#,
            r#"{"candidates":[]}"#,
            "[1,2]",
            "[]",
            "",
            "  ",
            "error",
            "{}",
            "\"error\"",
        ] {
            assert!(!may_be_error(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn the_end_of_the_window_is_no_end_of_the_search() {
        let far = format!("{{\"id\":\"{}\",\"error\":{{}}}}", "x".repeat(WINDOW));
        assert!(!may_be_error(far.as_bytes()));
        for size in [1, 7, 600] {
            let mut shape = Shape::default();
            let found = far
                .as_bytes()
                .chunks(size)
                .find_map(|part| shape.feed(part));
            assert_eq!(found, Some(WINDOW), "{size}");
            let mut shape = Shape::default();
            let small = br#"{"id":1,"choices":[]}"#;
            let found = small.chunks(size).find_map(|part| shape.feed(part));
            assert_eq!(found, Some(small.len()), "{size}");
        }
    }
}
