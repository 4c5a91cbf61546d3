//! Anthropic messages: <https://docs.anthropic.com/en/api/messages-streaming>.

use serde_json::{Value, json};

use super::{Success, event};

pub(super) fn whole(it: &Success) -> Value {
    json!({
        "id": it.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": it.model,
        "content": [{ "type": "text", "text": it.text }],
        "stop_reason": "end_turn",
        "stop_sequence": null,
        "usage": usage(it, it.usage.output()),
    })
}

pub(super) fn events(it: &Success) -> Vec<String> {
    let values = values(it);
    let name = |value: &Value| value["type"].as_str().unwrap_or_default().to_owned();
    values
        .iter()
        .map(|value| event(&name(value), value))
        .collect()
}

/// What the events of a stream say, each with its name as `type`.
pub(super) fn values(it: &Success) -> Vec<Value> {
    let mut message = whole(it);
    message["content"] = json!([]);
    message["stop_reason"] = Value::Null;
    // The first count of output is a placeholder; the last event has the real one.
    message["usage"] = usage(it, 1);
    let start = json!({ "type": "message_start", "message": message });
    let block = json!({
        "type": "content_block_start",
        "index": 0,
        "content_block": { "type": "text", "text": "" },
    });
    let mut values = vec![start, block, json!({ "type": "ping" })];
    values.extend(it.pieces().map(|text| {
        let delta = json!({ "type": "text_delta", "text": text });
        json!({ "type": "content_block_delta", "index": 0, "delta": delta })
    }));
    let end = json!({
        "type": "message_delta",
        "delta": { "stop_reason": "end_turn", "stop_sequence": null },
        "usage": { "output_tokens": it.usage.output() },
    });
    values.extend([
        json!({ "type": "content_block_stop", "index": 0 }),
        end,
        json!({ "type": "message_stop" }),
    ]);
    values
}

/// The tokens of the prompt that came out of a cache are counted apart here.
fn usage(it: &Success, output: u64) -> Value {
    json!({
        "input_tokens": it.usage.input().saturating_sub(it.usage.cached()),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": it.usage.cached(),
        "output_tokens": output,
    })
}
