//! OpenAI's SDKs work unchanged.

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tollgate_test::{Dialect, Fault, Provider, Server};

use super::{answer::within, kit::Running, pair::start};

/// A client of a gateway whose first provider is always limited.
pub(super) async fn client() -> (Client<OpenAIConfig>, Running, [Server; 2]) {
    let limited = Provider::builder(Dialect::Groq)
        .fault(Fault::status(429))
        .build();
    let (gateway, servers) = start(&limited, &Provider::new(Dialect::OpenAi)).await;
    let config = OpenAIConfig::new()
        .with_api_base(format!("http://{}/v1", gateway.address))
        .with_api_key("whatever")
        .with_org_id("whoever");
    (Client::with_config(config), gateway, servers)
}

pub(super) fn request<T: DeserializeOwned>(fields: Value) -> T {
    serde_json::from_value(fields).expect("a request")
}

#[tokio::test]
async fn chat_completions() {
    let (client, _gateway, _servers) = client().await;
    let ask = json!({ "model": "chat", "messages": [{ "role": "user", "content": "Far?" }] });
    let answer = within(client.chat().create(request(ask.clone()))).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.model, "gpt");
    let text = answer.choices[0].message.content.as_deref();
    assert_eq!(text, Some("All clear at the gate."));

    let mut ask = ask;
    ask["stream"] = json!(true);
    ask["stream_options"] = json!({ "include_usage": true });
    let stream = within(client.chat().create_stream(request(ask))).await;
    let events = within(stream.expect("a stream").collect::<Vec<_>>()).await;
    let events: Vec<_> = events
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("no error");
    let deltas = events.iter().flat_map(|event| &event.choices);
    let text: String = deltas
        .filter_map(|choice| choice.delta.content.as_deref())
        .collect();
    assert_eq!(text, "All clear at the gate.");
    let usage = events.last().and_then(|event| event.usage.as_ref());
    assert_eq!(usage.expect("as asked").completion_tokens, 5);
}

#[tokio::test]
async fn models() {
    let (client, _gateway, _servers) = client().await;
    let models = within(client.models().list()).await.expect("a list").data;
    assert!(
        models
            .iter()
            .any(|model| model.id == "chat" && model.owned_by == "tollgate")
    );
    let model = within(client.models().retrieve("gpt"))
        .await
        .expect("a model");
    assert_eq!(model.owned_by, "openai");
}

#[tokio::test]
async fn errors() {
    let (client, _gateway, _servers) = client().await;
    let ask = json!({ "model": "gpt-99", "messages": [] });
    let error = within(client.chat().create(request(ask))).await;
    let Err(OpenAIError::ApiError(error)) = error else {
        panic!("not understood: {error:?}");
    };
    let error = error.api_error;
    assert_eq!(error.code.as_deref(), Some("model_not_found"));
    assert_eq!(error.r#type.as_deref(), Some("invalid_request_error"));
    assert!(error.message.contains("gpt-99"));
}
