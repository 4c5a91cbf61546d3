//! OpenAI chat completions: <https://platform.openai.com/docs/api-reference/chat>.

use serde_json::{Value, json};

use super::{Success, Tally, data};
use crate::dialect::groq::add_times;

pub(super) fn whole(it: &Success) -> Value {
    json!({
        "id": it.id("chatcmpl-"),
        "object": "chat.completion",
        "created": it.created,
        "model": it.model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": it.text },
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(it),
    })
}

pub(super) fn events(it: &Success, tally: Tally) -> Vec<String> {
    let mut events = vec![chunk(it, &json!({ "role": "assistant", "content": "" }))];
    events.extend(
        it.pieces()
            .map(|piece| json!({ "content": piece }))
            .map(|delta| chunk(it, &delta)),
    );
    let mut last = frame(
        it,
        &json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]),
    );
    match tally {
        Tally::WithFinish => last["usage"] = usage(it),
        Tally::Groq => {
            let mut usage = usage(it);
            add_times(&mut usage);
            last["x_groq"] = json!({ "id": it.id("req_"), "usage": usage });
            last["usage"] = usage;
        }
        Tally::Last | Tally::Untold => {}
    }
    events.push(data(&last));
    if tally == Tally::Last {
        let mut last = frame(it, &json!([]));
        last["usage"] = usage(it);
        events.push(data(&last));
    }
    events.push("data: [DONE]\n\n".into());
    events
}

fn chunk(it: &Success, delta: &Value) -> String {
    let choice = json!([{ "index": 0, "delta": delta, "finish_reason": null }]);
    data(&frame(it, &choice))
}

fn frame(it: &Success, choices: &Value) -> Value {
    json!({
        "id": it.id("chatcmpl-"),
        "object": "chat.completion.chunk",
        "created": it.created,
        "model": it.model,
        "choices": choices,
    })
}

/// As all calls of OpenAI say it but responses.
pub(super) fn usage(it: &Success) -> Value {
    json!({
        "prompt_tokens": it.usage.input(),
        "completion_tokens": it.usage.output(),
        "total_tokens": it.usage.input() + it.usage.output(),
        "prompt_tokens_details": { "cached_tokens": it.usage.cached() },
    })
}
