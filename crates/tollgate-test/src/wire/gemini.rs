//! Gemini `generateContent` and `streamGenerateContent?alt=sse`:
//! <https://ai.google.dev/api/generate-content>.

use serde_json::{Value, json};

use super::{Success, data};

pub(super) fn whole(it: &Success) -> Value {
    let mut value = part(it, &it.text);
    finish(it, &mut value);
    value
}

pub(super) fn events(it: &Success) -> Vec<String> {
    let mut parts: Vec<Value> = it.pieces().map(|text| part(it, text)).collect();
    match parts.last_mut() {
        Some(last) => finish(it, last),
        None => parts.push(whole(it)),
    }
    parts.iter().map(data).collect()
}

fn part(it: &Success, text: &str) -> Value {
    json!({
        "candidates": [{
            "content": { "parts": [{ "text": text }], "role": "model" },
            "index": 0,
        }],
        "modelVersion": it.model,
        "responseId": it.id(""),
    })
}

fn finish(it: &Success, value: &mut Value) {
    value["candidates"][0]["finishReason"] = json!("STOP");
    value["usageMetadata"] = json!({
        "promptTokenCount": it.usage.input(),
        "candidatesTokenCount": it.usage.output(),
        "totalTokenCount": it.usage.input() + it.usage.output(),
        "cachedContentTokenCount": it.usage.cached(),
    });
}
