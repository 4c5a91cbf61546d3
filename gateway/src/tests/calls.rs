//! The other calls of OpenAI's SDKs.

use async_openai::types::responses::ResponseStreamEvent;
use futures_util::StreamExt;
use serde_json::json;

use super::{
    answer::within,
    sdk::{client, request},
};

const TEXT: &str = "All clear at the gate.";

#[tokio::test]
async fn completions() {
    let (client, _gateway, _servers) = client().await;
    let ask = json!({ "model": "chat", "prompt": "Far?" });
    let answer = within(client.completions().create(request(ask))).await;
    assert_eq!(answer.expect("an answer").choices[0].text, TEXT);

    let ask = json!({ "model": "chat", "prompt": "Far?", "stream": true });
    let stream = within(client.completions().create_stream(request(ask))).await;
    let events = within(stream.expect("a stream").collect::<Vec<_>>()).await;
    let events = events.into_iter().map(|event| event.expect("an event"));
    let text: String = events
        .flat_map(|event| event.choices)
        .map(|choice| choice.text)
        .collect();
    assert_eq!(text, TEXT);
}

#[tokio::test]
async fn embeddings() {
    let (client, _gateway, _servers) = client().await;
    for (input, count) in [
        (json!("near"), 1),
        (json!(["near", "far"]), 2),
        (json!([1, 2, 3]), 1),
    ] {
        let ask = json!({ "model": "chat", "input": input });
        let answer = within(client.embeddings().create(request(ask))).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.model, "gpt");
        assert_eq!(answer.data.len(), count);
    }
}

#[tokio::test]
async fn responses() {
    let (client, _gateway, _servers) = client().await;
    let ask = json!({ "model": "chat", "input": "Far?" });
    let answer = within(client.responses().create(request(ask))).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.output_text().as_deref(), Some(TEXT));
    assert_eq!(answer.usage.expect("told").output_tokens, 5);

    let ask = json!({ "model": "chat", "input": "Far?", "stream": true });
    let stream = within(client.responses().create_stream(request(ask))).await;
    let events = within(stream.expect("a stream").collect::<Vec<_>>()).await;
    let mut text = String::new();
    let mut whole = None;
    for event in events {
        match event.expect("an event") {
            ResponseStreamEvent::ResponseOutputTextDelta(delta) => text += &delta.delta,
            ResponseStreamEvent::ResponseCompleted(it) => whole = it.response.output_text(),
            _ => {}
        }
    }
    assert_eq!(text, TEXT);
    assert_eq!(whole.as_deref(), Some(TEXT));
}
