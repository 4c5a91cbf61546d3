//! Bedrock invoke: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html>.
//!
//! Its streams are the events of the model, each in base64 in a binary frame of AWS. The last one has
//! Bedrock's own count of tokens beside it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    Success,
    converse::{KIND, event},
    messages,
};
use crate::Answer;

pub(super) fn stream(it: &Success) -> Answer {
    let mut values = messages::values(it);
    if let Some(last) = values.last_mut() {
        last["amazon-bedrock-invocationMetrics"] = json!({
            "inputTokenCount": it.usage.input(),
            "outputTokenCount": it.usage.output(),
            "invocationLatency": 1,
            "firstByteLatency": 1,
        });
    }
    let frames = values.iter().map(|value| {
        let bytes = STANDARD.encode(value.to_string());
        // `p` fills frames up, so that their length tells nothing of the text.
        event("chunk", &json!({ "bytes": bytes, "p": "abcdef" }))
    });
    Answer::stream(KIND, frames.collect::<Vec<_>>())
}
