//! Finds the JSON that a message holds: "...Exception - {'error': {...}}".
//!
//! JSON counts where it is whole and has a key that errors have; all else is prose.

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use super::lenient;

/// So many braces are tried in one message; each may be read to the end of the text.
const TRIES: usize = 3;

/// A tag in braces in front of a message is no longer than this.
const TAG: usize = 64;

/// Keys of an error. One of them must be there, in the object itself.
const KEYS: [&str; 19] = [
    "error",
    "errors",
    "message",
    "msg",
    "detail",
    "code",
    "error_code",
    "errorcode",
    "error_msg",
    "error_message",
    "errormessage",
    "error_description",
    "base_resp",
    "baseresp",
    "fault",
    "retry_after",
    "retryafter",
    "retry-after",
    "retrydelay",
];

/// The JSON of a message, and its prose without that. With `whole`, the JSON must be all there is:
/// what is quoted besides may be what the user wrote.
pub(super) fn take(text: &str, whole: bool) -> (Vec<Value>, Cow<'_, str>) {
    let mut values = Vec::new();
    let mut prose = String::new();
    let mut from = 0;
    for _ in 0..TRIES {
        let Some((range, value)) = find(&text[from..]) else {
            break;
        };
        let range = from + range.start..from + range.end;
        if whole && range != (0..text.len()) {
            return (Vec::new(), Cow::Borrowed(text));
        }
        prose.push_str(&text[from..range.start]);
        prose.push(' ');
        from = range.end;
        values.push(value);
    }
    if values.is_empty() {
        return (values, Cow::Borrowed(text));
    }
    prose.push_str(&text[from..]);
    (values, Cow::Owned(prose))
}

/// The first JSON of an error in a text.
fn find(text: &str) -> Option<(Range<usize>, Value)> {
    let mut at = 0;
    for _ in 0..TRIES {
        at += start(&text[at..])?;
        let Some((value, width)) = read(&text[at..]) else {
            at += 1;
            continue;
        };
        if is_error(&value) {
            return Some((at..at + width, value));
        }
        at += width;
    }
    None
}

/// Where an object starts, or a list of objects.
fn start(text: &str) -> Option<usize> {
    text.match_indices(['{', '['])
        .map(|(at, _)| at)
        .find(|&at| {
            let inner = text[at + 1..].trim_start();
            match text.as_bytes()[at] {
                b'{' => inner.starts_with(['"', '\'']),
                _ => inner.starts_with('{'),
            }
        })
}

/// The JSON a text starts with, where it is whole, and its width.
pub(super) fn read(text: &str) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    if let Some(Ok(value)) = values.next() {
        return Some((value, values.byte_offset()));
    }
    lenient::whole(text)
}

/// The value is an error, or a list of them.
pub(super) fn is_error(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.keys().any(|key| {
            KEYS.iter()
                .any(|known| known.eq_ignore_ascii_case(key.trim()))
        }),
        Value::Array(items) => items.first().is_some_and(is_error),
        _ => false,
    }
}

/// What follows a tag in braces: `{429} ...`, `{"attempt":1} ...`.
pub(super) fn after_tag(text: &str) -> &str {
    let Some(inside) = text.strip_prefix('{') else {
        return text;
    };
    let near = inside.char_indices().take(TAG);
    let mut near = near.take_while(|(_, c)| !matches!(c, '{' | '\n'));
    let Some((end, _)) = near.find(|(_, c)| *c == '}') else {
        return text;
    };
    let (tag, rest) = text.split_at(end + 2);
    // JSON of an error is more than a tag.
    let error = read(tag).is_some_and(|(value, _)| is_error(&value));
    let rest = rest.trim_start();
    if error || rest.is_empty() { text } else { rest }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_that_counts() {
        let error = json!({"error": {"message": "no"}});
        for (text, prose) in [
            (r#"{"error":{"message":"no"}}"#, " "),
            (r#"Exception - {"error":{"message":"no"}}"#, "Exception -  "),
            ("a {'error': {'message': 'no'}} b", "a   b"),
            (r#"{429} {"error":{"message":"no"}}."#, "{429}  ."),
            (r#"{"x":1} {"error":{"message":"no"}}"#, r#"{"x":1}  "#),
            (
                r#"see {this or {"error": {"message":"no"}}"#,
                "see {this or  ",
            ),
        ] {
            let (values, rest) = take(text, false);
            assert_eq!(
                (&values[..], &*rest),
                (&[error.clone()][..], prose),
                "{text}"
            );
        }
        let (values, _) = take(r#"[{"error":{"code":1}}] and {"message":"x"}"#, false);
        assert_eq!(
            values,
            [json!([{"error":{"code":1}}]), json!({"message":"x"})]
        );
    }

    #[test]
    fn json_that_is_prose() {
        for text in [
            "",
            "[429] Rate limit",
            "{429} Rate limit",
            r#"{"x":1} Rate limit"#,
            r#"{"type":"text","text":"hello"}"#,
            r#"cut {"error":{"message":"no""#,
            "cut {'error': {'message': 'no",
            "{ { {",
        ] {
            assert_eq!(take(text, false), (vec![], Cow::Borrowed(text)), "{text}");
        }
        let quoted = r#"got {"error":{"message":"no"}}"#;
        assert_eq!(take(quoted, true), (vec![], Cow::Borrowed(quoted)));
        assert_eq!(take(r#"{"error":1}"#, true).0, [json!({"error":1})]);
    }

    #[test]
    fn tags() {
        for (text, rest) in [
            ("{429} Rate limit", "Rate limit"),
            (r#"{"x":1} Rate limit"#, "Rate limit"),
            (r#"{"error":1} x"#, r#"{"error":1} x"#),
            ("{429}", "{429}"),
            ("{ a {b} c", "{ a {b} c"),
            ("no {tag}", "no {tag}"),
        ] {
            assert_eq!(after_tag(text), rest, "{text}");
        }
    }
}
