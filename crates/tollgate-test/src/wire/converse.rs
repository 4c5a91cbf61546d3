//! Bedrock converse: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>.
//!
//! The stream has Bedrock's events, but as server-sent events, not in the binary frames of AWS.

use serde_json::{Value, json};

use super::{Success, event};

pub(super) fn whole(it: &Success) -> Value {
    json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": it.text }] } },
        "stopReason": "end_turn",
        "usage": usage(it),
        "metrics": { "latencyMs": 1 },
    })
}

pub(super) fn events(it: &Success) -> Vec<String> {
    let mut events = vec![event("messageStart", &json!({ "role": "assistant" }))];
    events.extend(it.pieces().map(|text| {
        let value = json!({ "contentBlockIndex": 0, "delta": { "text": text } });
        event("contentBlockDelta", &value)
    }));
    events.push(event(
        "contentBlockStop",
        &json!({ "contentBlockIndex": 0 }),
    ));
    events.push(event("messageStop", &json!({ "stopReason": "end_turn" })));
    let end = json!({ "usage": usage(it), "metrics": { "latencyMs": 1 } });
    events.push(event("metadata", &end));
    events
}

fn usage(it: &Success) -> Value {
    json!({
        "inputTokens": it.usage.input(),
        "outputTokens": it.usage.output(),
        "totalTokens": it.usage.input() + it.usage.output(),
    })
}
