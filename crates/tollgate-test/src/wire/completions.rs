//! OpenAI's older completions: <https://platform.openai.com/docs/api-reference/completions>.

use serde_json::{Value, json};

use super::{Success, Tally, chat::usage, data};

pub(super) fn whole(it: &Success) -> Value {
    let mut whole = part(it, &it.text, &json!("stop"));
    whole["usage"] = usage(it);
    whole
}

pub(super) fn events(it: &Success, tally: Tally) -> Vec<String> {
    let pieces = it.pieces().map(|text| data(&part(it, text, &Value::Null)));
    let mut events: Vec<_> = pieces.collect();
    let mut last = part(it, "", &json!("stop"));
    if matches!(tally, Tally::WithFinish | Tally::Groq) {
        last["usage"] = usage(it);
    }
    events.push(data(&last));
    if tally == Tally::Last {
        last["choices"] = json!([]);
        last["usage"] = usage(it);
        events.push(data(&last));
    }
    events.push("data: [DONE]\n\n".into());
    events
}

fn part(it: &Success, text: &str, finish: &Value) -> Value {
    json!({
        "id": it.id("cmpl-"),
        "object": "text_completion",
        "created": it.created,
        "model": it.model,
        "choices": [{ "text": text, "index": 0, "logprobs": null, "finish_reason": finish }],
    })
}
