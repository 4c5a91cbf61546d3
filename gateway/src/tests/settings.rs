//! Settings of a gateway, changed while it runs.

use std::fs;

use tollgate::config::Config;
use tollgate_test::{Dialect, Provider};

use super::{
    answer::json,
    kit::{Running, chat},
};

#[tokio::test]
async fn other_settings_are_in_force_at_once_and_wrong_ones_never() {
    let (one, other) = (Provider::new(Dialect::Groq), Provider::new(Dialect::Groq));
    let (a, b) = (one.serve().await, other.serve().await);
    let (a, b) = (a.expect("a port"), b.expect("a port"));
    let gateway = Running::start(chat(&[a.uri()])).await;
    let call = || gateway.post("/v1/chat/completions", r#"{"model":"chat"}"#);
    call().await;
    let mut config = chat(&[b.uri()]);
    let told = gateway
        .gateway
        .reload(config.clone())
        .expect("good settings");
    assert!(told.contains("providers"), "{told}");
    call().await;
    config.routes[0].targets = vec!["nobody".to_owned()];
    assert!(gateway.gateway.reload(config).is_err());
    let answer = call().await;
    assert_eq!(answer.1["x-tollgate-target"], "groq/meta/llama");
    assert_eq!((one.stats().calls, other.stats().calls), (1, 2));
}

#[tokio::test]
async fn the_documented_file_is_one_it_understands() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tollgate.toml");
    let text = fs::read_to_string(file).expect("it is there");
    let variable = |_: &str| Some("sk-of-the-provider".to_owned());
    let config = Config::from_toml_with(&text, variable);
    let gateway = Running::start(config.expect("good settings")).await;
    let list = json(&gateway.get("/v1/models").await);
    let models = list["data"].as_array().expect("a list");
    let has = |id: &str| models.iter().any(|model| model["id"] == id);
    for id in [
        "chat",
        "last",
        "gemini",
        "big",
        "any",
        "llama-3.3-70b-versatile",
    ] {
        assert!(has(id), "{id}: {list}");
    }
}
