//! What the gateway refuses by itself, always in the shape of OpenAI's errors.

use tollgate_test::{Dialect, Provider};

use super::{
    answer::{Answer, json},
    kit::{Running, chat},
};

const TWICE: &str = r#"{"model":"chat","model":"gpt"}"#;
pub(super) const CHAT: &str = "/v1/chat/completions";

pub(super) fn is_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.0, status);
    assert_eq!(answer.1["content-type"], "application/json");
    let error = &json(answer)["error"];
    assert_eq!(error["code"], code);
    assert_eq!(error["type"], "invalid_request_error");
    assert!(error["param"].is_null());
    let message = error["message"].as_str().expect("a message");
    assert!(message.len() > 10 && message.ends_with('.'), "{message}");
}

/// A gateway, and the provider that must not be asked.
pub(super) async fn start() -> (Running, Provider, tollgate_test::Server) {
    let provider = Provider::new(Dialect::Groq);
    let server = provider.serve().await.expect("a port");
    let gateway = Running::start(chat(&[server.uri()])).await;
    (gateway, provider, server)
}

#[tokio::test]
async fn what_is_no_call_is_refused() {
    let (gateway, provider, _server) = start().await;
    let too_deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for body in [
        "",
        "{",
        "[]",
        "5",
        "no JSON",
        r#"{"model":5}"#,
        TWICE,
        &too_deep,
    ] {
        is_error(
            &gateway.post(CHAT, body.to_owned()).await,
            400,
            "invalid_json",
        );
    }
    for body in ["{}", r#"{"model":""}"#, r#"{"model":null,"messages":[]}"#] {
        is_error(&gateway.post(CHAT, body).await, 400, "missing_model");
    }
    let unknown = r#"{"model":"gpt-99"}"#;
    is_error(&gateway.post(CHAT, unknown).await, 404, "model_not_found");
    assert_eq!(provider.stats().calls, 0);
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let (gateway, _provider, _server) = start().await;
    for path in ["/", "/v1", "/v1/files", "/v1/chat", "/nowhere"] {
        is_error(&gateway.get(path).await, 404, "unknown_url");
        is_error(&gateway.post(path, "{}").await, 404, "unknown_url");
    }
    let answer = gateway.get(CHAT).await;
    is_error(&answer, 405, "method_not_allowed");
    assert_eq!(answer.1["allow"], "POST");
    is_error(
        &gateway.post("/v1/models", "{}").await,
        405,
        "method_not_allowed",
    );
}
