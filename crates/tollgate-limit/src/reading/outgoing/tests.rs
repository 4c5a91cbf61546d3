//! Tests of what is read out of a request.

use http_body_util::Full;
use proptest::prelude::*;

use super::*;

fn request(uri: &str, body: &[u8]) -> Request<Full<Bytes>> {
    let body = Full::new(Bytes::copy_from_slice(body));
    Request::post(uri).body(body).expect("a request")
}

fn cap(body: &str) -> Option<u64> {
    Outgoing::new(&request("https://a/v1/x", body.as_bytes())).output_cap()
}

#[test]
fn caps_of_all_who_are_known() {
    for (body, tokens) in [
        (r#"{"max_tokens":100}"#, 100),
        (r#"{"max_completion_tokens":100,"n":3}"#, 300),
        (r#"{"max_output_tokens":100}"#, 100),
        (r#"{"max_tokens":100,"max_completion_tokens":50}"#, 50),
        (
            r#"{"generationConfig":{"temperature":0,"maxOutputTokens":80,"candidateCount":2}}"#,
            160,
        ),
        (r#"{"generation_config":{"max_output_tokens":80}}"#, 80),
        (r#"{"inferenceConfig":{"maxTokens":70}}"#, 70),
        (r#"{"anthropic_version":"x","max_tokens":60}"#, 60),
        (r#"{"max_tokens_to_sample":60}"#, 60),
        (r#"{"max_gen_len":60}"#, 60),
        (r#"{"textGenerationConfig":{"maxTokenCount":60}}"#, 60),
        (r#"{"options":{"num_ctx":4096,"num_predict":40}}"#, 40),
        (r#"{"parameters":{"max_new_tokens":20}}"#, 20),
        (r#"{"max_tokens":100.0}"#, 100),
        (r#"{"max_tokens":0}"#, 0),
    ] {
        assert_eq!(cap(body), Some(tokens), "{body}");
    }
}

#[test]
fn what_is_no_cap_is_none() {
    for body in [
        "",
        "{}",
        r#"{"messages":[{"max_tokens":9}]}"#,
        r#"{"max_tokens":null}"#,
        r#"{"max_tokens":"9"}"#,
        r#"{"max_tokens":-1}"#,
        r#"{"max_tokens":-1.5}"#,
        r#"{"max_tokens":[9,{}]}"#,
        r#"{"options":{"num_predict":-1}}"#,
        r#"{"options":[{"num_predict":9}]}"#,
        r#"{"max_tokens":9"#,
        r#"[{"max_tokens":9}]"#,
    ] {
        assert_eq!(cap(body), None, "{body}");
    }
}

#[test]
fn answers_are_bounded() {
    let answers = |body: &str| Outgoing::new(&request("https://a/", body.as_bytes())).answers();
    assert_eq!(answers("{}"), 1);
    assert_eq!(answers(r#"{"n":0}"#), 1);
    assert_eq!(answers(r#"{"n":4}"#), 4);
    assert_eq!(answers(r#"{"n":1000000000}"#), 128);
    assert_eq!(
        cap(r#"{"n":100,"max_tokens":18446744073709551615}"#),
        Some(u64::MAX)
    );
}

#[test]
fn the_head_is_as_it_was() {
    let mut asked = request("https://API.example.com:8443/v1/chat?key=secret", b"{}");
    asked
        .headers_mut()
        .insert("x-key", "secret".parse().expect("a value"));
    let outgoing = Outgoing::new(&asked);
    assert_eq!(outgoing.method(), Method::POST);
    assert_eq!(outgoing.uri().path(), "/v1/chat");
    assert_eq!(outgoing.host(), Some("API.example.com"));
    assert_eq!(outgoing.authority(), Some("API.example.com:8443"));
    assert_eq!(outgoing.headers().len(), 1);
    assert_eq!(outgoing.body(), Some(&b"{}"[..]));
    assert!(outgoing.call().is_none() && outgoing.extensions().is_empty());
    assert!(!format!("{outgoing:?}").contains("secret"));
}

#[test]
fn the_target_is_the_one_everybody_finds() {
    let set = Target::new("groq", "m").with_account("k");
    let mut asked = request("https://API.x.ai/v1", br#"{"model":"grok"}"#);
    let found = Outgoing::new(&asked).target().map(Cow::into_owned);
    assert_eq!(found, Target::from_request(&asked));
    assert_eq!(found, Some(Target::new("api.x.ai", "grok")));
    asked
        .extensions_mut()
        .insert(Call::new().with_target(set.clone()));
    assert_eq!(Outgoing::new(&asked).target().as_deref(), Some(&set));
    assert!(Outgoing::new(&request("/v1", b"")).target().is_none());
}

#[test]
fn names_in_paths_and_with_escapes() {
    let model = |uri: &str, body: &str| {
        let asked = request(uri, body.as_bytes());
        Outgoing::new(&asked).model().map(Cow::into_owned)
    };
    assert_eq!(
        model("https://a/", r#" {"model":"a\u0062"}"#).as_deref(),
        Some("ab")
    );
    assert_eq!(model("https://a/", r#"{"model":""}"#), None);
    let path = "https://b/model/anthropic.claude-v2%3A0/converse";
    assert_eq!(
        model(path, r#"{"model":"no"}"#).as_deref(),
        Some("anthropic.claude-v2:0")
    );
}

proptest! {
    /// Layers must agree on a call's model, or they would keep two counts for it.
    #[test]
    fn the_model_is_the_one_everybody_finds(
        before in "[ -~]{0,20}",
        name in "[ -~é\"\\\\]{0,12}",
        cap in prop_oneof![
            Just("5"), Just("null"), Just("\"x\""), Just("[1,{}]"), Just("{\"maxTokens\":{}}"), Just("-1e3"),
            Just("{\"maxTokens\":1,\"maxTokens\":2}"), Just("true"),
        ],
        key in prop::sample::select(&["max_tokens", "n", "options", "generationConfig", "other"][..]),
        cut in 0_usize..200,
    ) {
        let body = format!(
            r#"{{"a":{},"{key}":{cap},"model":{}}}"#,
            serde_json::Value::from(before), serde_json::Value::from(name),
        );
        for body in [&body[..], body.get(..cut).unwrap_or(""), body.get(cut..).unwrap_or("")] {
            let asked = request("https://a/v1", body.as_bytes());
            let outgoing = Outgoing::new(&asked);
            let theirs = model_of(asked.uri(), Some(body.as_bytes()));
            prop_assert_eq!(outgoing.model(), theirs, "{}", body);
        }
    }

    #[test]
    fn any_body_is_survived(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let asked = request("https://a/v1", &body);
        let outgoing = Outgoing::new(&asked);
        let _ = (outgoing.model(), outgoing.output_cap(), outgoing.answers(), outgoing.target());
    }
}
