//! OpenAI responses: <https://platform.openai.com/docs/api-reference/responses>.

use serde_json::{Value, json};

use super::{Success, event};

pub(super) fn whole(it: &Success) -> Value {
    let mut whole = begun(it);
    whole["status"] = json!("completed");
    whole["output"] = json!([message(it, "completed", &json!([part(&it.text)]))]);
    whole["usage"] = json!({
        "input_tokens": it.usage.input(),
        "input_tokens_details": { "cached_tokens": it.usage.cached() },
        "output_tokens": it.usage.output(),
        "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": it.usage.input() + it.usage.output(),
    });
    whole
}

pub(super) fn events(it: &Success) -> Vec<String> {
    let item = json!({ "item_id": it.id("msg_"), "output_index": 0, "content_index": 0 });
    let with = |fields: Value| {
        let mut all = item.clone();
        for (name, value) in fields.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        all
    };
    let added = json!({ "output_index": 0, "item": message(it, "in_progress", &json!([])) });
    let done = message(it, "completed", &json!([part(&it.text)]));
    let mut events = vec![
        ("response.created", json!({ "response": begun(it) })),
        ("response.in_progress", json!({ "response": begun(it) })),
        ("response.output_item.added", added),
        (
            "response.content_part.added",
            with(json!({ "part": part("") })),
        ),
    ];
    events.extend(it.pieces().map(|text| {
        let delta = with(json!({ "delta": text, "logprobs": [] }));
        ("response.output_text.delta", delta)
    }));
    let text = with(json!({ "text": it.text, "logprobs": [] }));
    events.extend([
        ("response.output_text.done", text),
        (
            "response.content_part.done",
            with(json!({ "part": part(&it.text) })),
        ),
        (
            "response.output_item.done",
            json!({ "output_index": 0, "item": done }),
        ),
        ("response.completed", json!({ "response": whole(it) })),
    ]);
    let numbered = events.into_iter().enumerate();
    let written = numbered.map(|(number, (name, mut fields))| {
        fields["type"] = json!(name);
        fields["sequence_number"] = json!(number);
        event(name, &fields)
    });
    written.collect()
}

fn begun(it: &Success) -> Value {
    json!({
        "id": it.id("resp_"),
        "object": "response",
        "created_at": it.created,
        "status": "in_progress",
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "metadata": {},
        "model": it.model,
        "output": [],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": null,
    })
}

fn message(it: &Success, status: &str, content: &Value) -> Value {
    json!({
        "id": it.id("msg_"),
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": content,
    })
}

fn part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}
