//! Cohere v2 chat: <https://docs.cohere.com/reference/chat>.

use serde_json::{Value, json};

use super::{Success, event};

pub(super) fn whole(it: &Success) -> Value {
    json!({
        "id": it.id(""),
        "message": { "role": "assistant", "content": [{ "type": "text", "text": it.text }] },
        "finish_reason": "COMPLETE",
        "usage": usage(it),
    })
}

pub(super) fn events(it: &Success) -> Vec<String> {
    let start = json!({
        "type": "message-start",
        "id": it.id(""),
        "delta": { "message": { "role": "assistant", "content": [] } },
    });
    let mut events = vec![event("message-start", &start)];
    events.extend(it.pieces().map(|text| {
        let delta = json!({ "message": { "content": { "text": text } } });
        let value = json!({ "type": "content-delta", "index": 0, "delta": delta });
        event("content-delta", &value)
    }));
    let end = json!({
        "type": "message-end",
        "delta": { "finish_reason": "COMPLETE", "usage": usage(it) },
    });
    events.push(event("message-end", &end));
    events
}

fn usage(it: &Success) -> Value {
    let tokens = json!({
        "input_tokens": it.usage.input(),
        "output_tokens": it.usage.output(),
    });
    json!({ "billed_units": tokens, "tokens": tokens })
}
