//! Finds an error inside a success. The model's own text is never looked at.

use serde_json::Value;

use crate::{codes, text::same};

/// The value that holds the error, where the body says that it is one.
pub(super) fn error_in<'v>(root: &'v Value, event: Option<&str>) -> Option<&'v Value> {
    match root {
        Value::Array(items) => items.first().and_then(|first| error_in(first, event)),
        // An answer of JSON-RPC reports what its caller did wrong.
        Value::Object(fields) if fields.contains_key("jsonrpc") => None,
        Value::Object(_) => is_error(root, event)
            .then_some(root)
            .or_else(|| of_choice(root))
            .or_else(|| of_end(root)),
        _ => None,
    }
}

fn is_error(root: &Value, event: Option<&str>) -> bool {
    let text = |key: &str| root.get(key).and_then(Value::as_str);
    let named = event.is_some_and(|event| same(event, "error"));
    named
        || text("type") == Some("error")
        || text("object") == Some("error")
        || root.get("error").is_some_and(is_something)
        || text("type") == Some("response.failed")
        || root.pointer("/response/error").is_some_and(is_something)
        || root.pointer("/Response/Error").is_some_and(is_something)
        || base_resp(root)
        || exception(root)
        || numbered(root)
        || bare(root)
}

/// `"error": null`, `{}`, `""`, `0` and `false` are no errors, nor is what holds only such.
fn is_something(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(is_something),
        Value::Array(list) => list.iter().any(is_something),
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(yes) => *yes,
        Value::Null => false,
    }
}

/// MiniMax: `base_resp.status_code` other than 0.
fn base_resp(root: &Value) -> bool {
    let code = root.pointer("/base_resp/status_code");
    code.is_some_and(|code| code.as_i64() != Some(0) && code.as_str() != Some("0"))
}

/// Baidu's Qianfan: `{"error_code":18,"error_msg":"..."}`
/// (<https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh>, 2025).
fn numbered(root: &Value) -> bool {
    let code = root.get("error_code").and_then(Value::as_i64);
    code.is_some_and(|code| code != 0) && root.get("error_msg").is_some()
}

/// Bedrock: `{"throttlingException":{...}}`, the JSON form of an exception event.
fn exception(root: &Value) -> bool {
    let keys = root.as_object();
    keys.is_some_and(|map| map.iter().any(|(key, value)| is_exception(key, value)))
}

pub(super) fn is_exception(key: &str, value: &Value) -> bool {
    key.ends_with("Exception") && key.len() <= 64 && value.is_object()
}

/// An error without an envelope: a message beside a known code, and nothing of an answer.
fn bare(root: &Value) -> bool {
    let text = |key: &str| root.get(key).and_then(Value::as_str);
    let message = ["message", "msg", "detail"]
        .iter()
        .any(|key| text(key).is_some());
    let answer = ["choices", "content", "candidates", "output", "data", "id"];
    if !message || answer.iter().any(|key| root.get(key).is_some()) {
        return false;
    }
    let failed = root.get("success") == Some(&Value::Bool(false))
        || ["error", "failure", "failed"]
            .iter()
            .any(|word| text("status") == Some(word));
    let number = ["code", "status", "statusCode"].iter().any(|key| {
        let code = root.get(key).and_then(Value::as_u64);
        code.is_some_and(|code| (400..600).contains(&code))
    });
    let known = ["code", "type"]
        .iter()
        .any(|key| text(key).and_then(codes::common).is_some());
    failed || number || known
}

/// OpenRouter puts the error of an upstream into the choice:
/// <https://openrouter.ai/docs/api-reference/errors> (2026-09).
fn of_choice(root: &Value) -> Option<&Value> {
    let choice = root.pointer("/choices/0")?;
    choice
        .get("error")
        .is_some_and(is_something)
        .then_some(choice)
}

/// Cohere puts the error of a stream into the event that ends it (tryAGI/Cohere#178, 2025).
fn of_end(root: &Value) -> Option<&Value> {
    let delta = root.get("delta")?;
    let failed = delta.get("finish_reason").and_then(Value::as_str) == Some("ERROR");
    (failed && delta.get("error").is_some_and(is_something)).then_some(delta)
}
