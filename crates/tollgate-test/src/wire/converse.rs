//! Bedrock converse: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>.
//!
//! Its streams are events in the binary frames of AWS.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Success, aws::frame};
use crate::Answer;

pub(super) const KIND: &str = "application/vnd.amazon.eventstream";

pub(super) fn whole(it: &Success) -> Value {
    json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": it.text }] } },
        "stopReason": "end_turn",
        "usage": usage(it),
        "metrics": { "latencyMs": 1 },
    })
}

pub(super) fn stream(it: &Success) -> Answer {
    let mut events = vec![event("messageStart", &json!({ "role": "assistant" }))];
    events.extend(it.pieces().map(|text| {
        let value = json!({ "contentBlockIndex": 0, "delta": { "text": text } });
        event("contentBlockDelta", &value)
    }));
    let end = json!({ "usage": usage(it), "metrics": { "latencyMs": 1 } });
    events.extend([
        event("contentBlockStop", &json!({ "contentBlockIndex": 0 })),
        event("messageStop", &json!({ "stopReason": "end_turn" })),
        event("metadata", &end),
    ]);
    Answer::stream(KIND, events)
}

/// A stream that is nothing but an exception of this type.
pub(crate) fn exception(name: &str, value: &Value) -> Answer {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    Answer::stream(KIND, vec![frame(&headers, value.to_string().as_bytes())])
}

pub(super) fn event(name: &str, value: &Value) -> Bytes {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, value.to_string().as_bytes())
}

fn usage(it: &Success) -> Value {
    json!({
        "inputTokens": it.usage.input(),
        "outputTokens": it.usage.output(),
        "totalTokens": it.usage.input() + it.usage.output(),
    })
}
