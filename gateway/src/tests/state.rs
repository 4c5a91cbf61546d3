//! Figures and state of a gateway that runs.

use tollgate_test::{Dialect, Fault, Provider};

use super::{answer::json, pair::start};

#[tokio::test]
async fn figures_are_there_from_the_start_and_count_calls() {
    let ill = Provider::builder(Dialect::Groq)
        .fault(Fault::status(503))
        .build();
    let (gateway, _servers) = start(&ill, &Provider::new(Dialect::OpenAi)).await;
    let answer = gateway.get("/metrics").await;
    assert_eq!(answer.0, 200);
    let kind = answer.1["content-type"].to_str().expect("text");
    assert!(kind.starts_with("text/plain"), "{kind}");
    let text = String::from_utf8(answer.2.to_vec()).expect("text");
    assert!(text.contains("\ntollgate_gateway_up 1\n"), "{text}");

    gateway
        .post("/v1/chat/completions", r#"{"model":"chat"}"#)
        .await;
    let text = gateway.get("/metrics").await.2;
    let text = String::from_utf8(text.to_vec()).expect("text");
    for start in [
        "tollgate_calls_total{outcome=\"ok\",provider=\"openai\",model=\"gpt\"}",
        "tollgate_fallbacks_total{from=\"groq/meta/llama\",to=\"openai/gpt\"}",
        "tollgate_call_duration_seconds_bucket{outcome=\"ok\"",
        "tollgate_in_flight{provider=\"openai\",model=\"gpt\"",
    ] {
        assert!(text.lines().any(|line| line.starts_with(start)), "{start}");
    }
    let ours = |line: &&str| line.starts_with("tollgate_") || line.starts_with('#');
    assert!(
        text.lines()
            .filter(|line| !line.is_empty())
            .all(|line| ours(&line))
    );
}

#[tokio::test]
async fn the_state_is_one_object() {
    let ill = Provider::builder(Dialect::Groq)
        .fault(Fault::status(503))
        .build();
    let (gateway, _servers) = start(&ill, &Provider::new(Dialect::OpenAi)).await;
    gateway
        .post("/v1/chat/completions", r#"{"model":"chat"}"#)
        .await;
    let answer = gateway.get("/debug/tollgate").await;
    assert_eq!(answer.0, 200);
    let state = json(&answer);
    let targets = state["targets"].as_array().expect("a list");
    assert_eq!(targets.len(), 2);
    assert_eq!(targets[1]["served"], 1);
    for part in ["cooldowns", "limits", "breakers", "recent"] {
        assert!(state[part].is_array(), "{part}: {state}");
    }
    assert!(state["recent"].to_string().contains("switching"), "{state}");
    assert!(!String::from_utf8_lossy(&answer.2).contains("sk-of-the-provider"));
}
