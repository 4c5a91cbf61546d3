//! Every model that is listed can be asked for, and falls back.

use serde_json::json;
use tollgate_test::{Dialect, Fault, Provider};

use super::{
    answer::json as value,
    kit::{Running, chat},
    pair::start,
};

#[tokio::test]
async fn routes_targets_and_their_models_are_listed() {
    let bases = ["http://127.0.0.1:1", "http://127.0.0.1:2"].map(str::to_owned);
    let gateway = Running::start(chat(&bases)).await;
    let list = value(&gateway.get("/v1/models").await);
    assert_eq!(list["object"], "list");
    let models = list["data"].as_array().expect("a list");
    let ids: Vec<_> = models.iter().map(|model| &model["id"]).collect();
    assert_eq!(ids, ["chat", "fast", "good", "meta/llama", "gpt"]);
    for model in models {
        let id = model["id"].as_str().expect("a name");
        assert_eq!(model["object"], "model");
        assert!(model["created"].is_u64() && model["owned_by"].is_string());
        assert_eq!(
            value(&gateway.get(&format!("/v1/models/{id}")).await),
            *model
        );
    }
    // As SDKs write a name with a slash.
    let escaped = gateway.get("/v1/models/meta%2Fllama").await;
    assert_eq!(value(&escaped)["id"], "meta/llama");
    let unknown = gateway.get("/v1/models/gpt-99").await;
    assert_eq!(unknown.0, 404);
    assert_eq!(value(&unknown)["error"]["code"], "model_not_found");
}

#[tokio::test]
async fn a_model_is_asked_first_and_falls_back_to_any_other() {
    for (id, first) in [
        ("chat", "groq/meta/llama"),
        ("meta/llama", "groq/meta/llama"),
        ("fast", "groq/meta/llama"),
        ("gpt", "openai/gpt"),
        ("good", "openai/gpt"),
    ] {
        let ill = |target: &str| match target == first {
            true => Fault::status(503).first(1),
            false => Fault::none(),
        };
        let groq = Provider::builder(Dialect::Groq)
            .fault(ill("groq/meta/llama"))
            .build();
        let openai = Provider::builder(Dialect::OpenAi)
            .fault(ill("openai/gpt"))
            .build();
        let (gateway, _servers) = start(&groq, &openai).await;
        let body = json!({ "model": id, "messages": [] }).to_string();
        let answer = gateway.post("/v1/chat/completions", body).await;
        assert_eq!(answer.0, 200, "{id}");
        assert_ne!(answer.1["x-tollgate-target"], first, "{id}");
        assert_eq!((groq.stats().calls, openai.stats().calls), (1, 1), "{id}");
        assert_eq!(value(&answer)["object"], "chat.completion");
    }
}

#[tokio::test]
async fn an_error_as_the_first_event_of_a_stream_falls_back() {
    let groq = Provider::builder(Dialect::Groq)
        .fault(Fault::first_event())
        .build();
    let openai = Provider::new(Dialect::OpenAi);
    let (gateway, _servers) = start(&groq, &openai).await;
    let answer = gateway
        .post("/v1/chat/completions", r#"{"model":"chat","stream":true}"#)
        .await;
    assert_eq!(answer.0, 200);
    assert_eq!(answer.1["x-tollgate-target"], "openai/gpt");
    assert!(answer.2.ends_with(b"data: [DONE]\n\n"));
}
