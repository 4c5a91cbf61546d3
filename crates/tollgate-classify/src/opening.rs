//! Decides which events of a stream only open it, or keep it open.
//!
//! An opening shows nothing to the user yet. An error behind it can still be retried or sent to
//! another target, so the layer passes over openings when it looks for the first event, and the reading
//! of an answer does the same. Both ask here.

use memchr::memmem;
use serde_json::Value;

/// Openings and keep-alives by their name: what an `event:` line says, or the `type` of the data.
///
/// * Anthropic: `ping`, `message_start`
///   (<https://docs.claude.com/en/docs/build-with-claude/streaming>, 2026-09).
/// * OpenAI's Responses API: `response.created`, `response.queued`, `response.in_progress`
///   (<https://platform.openai.com/docs/api-reference/responses-streaming>, 2026-09).
/// * Cohere: `message-start`, in version 1 `stream-start`
///   (<https://docs.cohere.com/docs/streaming>, 2026-09).
pub(crate) fn is_name(name: &[u8]) -> bool {
    is_keep_alive(name)
        || matches!(
            name,
            b"message_start"
                | b"message-start"
                | b"stream-start"
                | b"response.created"
                | b"response.queued"
                | b"response.in_progress"
        )
}

/// Events that say nothing but that the connection is open.
pub(crate) fn is_keep_alive(name: &[u8]) -> bool {
    matches!(name, b"ping" | b"heartbeat" | b"keepalive" | b"keep-alive")
}

/// Whether the data of an event only opens a stream.
pub(crate) fn is_data(data: &Value) -> bool {
    let name = |key: &str| data.get(key).and_then(Value::as_str);
    if let Some(name) = name("type").or_else(|| name("event_type")) {
        return is_name(name.as_bytes()) || (name == "content_block_start" && is_blank_block(data));
    }
    is_blank_chunk(data)
}

/// Anthropic opens each block of text before its first words.
fn is_blank_block(data: &Value) -> bool {
    let Some(Value::Object(block)) = data.get("content_block") else {
        return false;
    };
    let kind = block.get("type").and_then(Value::as_str);
    matches!(kind, Some("text" | "thinking"))
        && block
            .iter()
            .all(|(key, value)| key == "type" || is_empty(value))
}

/// A chunk of a chat completion without words: the one that names the role, and that with which Azure
/// reports on its filter of the prompt
/// (<https://learn.microsoft.com/en-us/azure/ai-foundry/openai/concepts/content-streaming>, 2026-09).
fn is_blank_chunk(data: &Value) -> bool {
    let missing = |key: &str| data.get(key).is_none_or(Value::is_null);
    let Some(Value::Array(choices)) = data.get("choices") else {
        return false;
    };
    let filter = ["prompt_filter_results", "prompt_annotations"];
    let reports = || filter.iter().any(|key| !missing(key));
    let blank = match choices.is_empty() {
        true => reports(),
        false => choices.iter().all(is_blank_choice),
    };
    blank && missing("error") && missing("usage")
}

fn is_blank_choice(choice: &Value) -> bool {
    let Value::Object(choice) = choice else {
        return false;
    };
    let has_words = choice.contains_key("delta") || choice.contains_key("text");
    has_words
        && choice.iter().all(|(key, value)| match (&**key, value) {
            ("delta", Value::Object(delta)) => delta
                .iter()
                .all(|(key, value)| key == "role" || is_empty(value)),
            ("index", _) => true,
            // Azure's word on words that are still to come.
            (key, _) if key.starts_with("content_filter") => true,
            _ => is_empty(value),
        })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The longest event that may be an opening by its data, in bytes. (The Responses API repeats the whole
/// request in its openings; those are known by their `type`, which comes first.)
const LONGEST: usize = 8 << 10;

/// Whether an event, as it is on the wire, only opens a stream. An event whose name says so never gets
/// here.
pub(crate) fn is_event(event: &[u8]) -> bool {
    let Some(data) = data_of(event) else {
        return false;
    };
    if let Some(rest) = data.strip_prefix(b"{\"type\":\"") {
        let end = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        let name = &rest[..end];
        if name != b"content_block_start" {
            return is_name(name);
        }
    }
    if data.len() > LONGEST || has_words(data) {
        return false;
    }
    serde_json::from_slice(data).is_ok_and(|data| is_data(&data))
}

/// Whether an event, as it is on the wire, only keeps the connection open.
pub(crate) fn is_ping(event: &[u8]) -> bool {
    const LONGEST: usize = 64;
    event.len() <= LONGEST
        && [&b"\"type\":\"ping\""[..], b"\"type\": \"ping\""]
            .iter()
            .any(|words| memmem::find(event, words).is_some())
}

/// The data of an event that has it on one line, as all of them do.
fn data_of(event: &[u8]) -> Option<&[u8]> {
    let mut data = None;
    for line in event.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if let Some(value) = line.strip_prefix(b"data:") {
            if data.replace(value.trim_ascii()).is_some() {
                return None;
            }
        }
    }
    data
}

/// The content has words: the usual event of a chat, told without reading all of it.
fn has_words(data: &[u8]) -> bool {
    const CONTENT: &[u8] = b"\"content\":\"";
    let at = memmem::find(data, CONTENT);
    at.and_then(|at| data.get(at + CONTENT.len()))
        .is_some_and(|next| *next != b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data: &str) -> bool {
        let whole = is_event(format!("data: {data}\n\n").as_bytes());
        let named = is_event(format!("id: 7\r\nevent: x\r\ndata:{data}\r\n\r\n").as_bytes());
        assert_eq!(whole, named, "{data}");
        whole
    }

    #[test]
    fn openings() {
        for data in [
            r#"{"type":"message_start","message":{"id":"msg_1","content":[],"usage":{"input_tokens":9}}}"#,
            r#"{"type": "ping"}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            r#"{"type":"response.created","response":{"id":"resp_1","error":null}}"#,
            r#"{"type":"response.in_progress","response":{}}"#,
            r#"{"type":"message-start","id":"x","delta":{"message":{"role":"assistant"}}}"#,
            r#"{"is_finished":false,"event_type":"stream-start","generation_id":"x"}"#,
            r#"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}"#,
            r#"{"choices":[{"index":0,"delta":{"role":"assistant"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[]},"finish_reason":null}]}"#,
            r#"{"choices":[{"index":0,"text":"","finish_reason":null}]}"#,
            r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#,
        ] {
            assert!(event(data), "{data}");
        }
        let long = "x".repeat(20_000);
        assert!(event(&format!(
            r#"{{"type":"response.created","response":{{"instructions":"{long}"}}}}"#
        )));
    }

    #[test]
    fn events_that_show_something() {
        for data in [
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}}"#,
            r#"{"type":"message_stop"}"#,
            r#"{"type":"error","error":{"type":"overloaded_error"}}"#,
            r#"{"type":"response.failed","response":{}}"#,
            r#"{"type":"response.output_text.delta","delta":"Hi"}"#,
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":" "}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"","tool_calls":[{"id":"t"}]}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"","reasoning_content":"Hm"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":""},"error":{"code":502}}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":9}}"#,
            r#"{"error":{"message":"no"},"choices":[]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}"#,
            "[DONE]",
            "{}",
            "{\"choices\":",
        ] {
            assert!(!event(data), "{data}");
        }
    }
}
