//! Messages in the envelopes of Bedrock and Vertex AI.

use http::Request;
use http_body_util::Full;
use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_core::Replay;

use super::*;
use crate::{
    Endpoint, Flaw, Provider, Route, Wire,
    provider::preset,
    rewrite::{BadRequest, Body, Edit, Keep, rewrite},
    table::Table,
};

fn site(endpoint: Endpoint) -> Site {
    let route = Route::new("r").ordered([endpoint]);
    let mut table = Table::new(&[route]).expect("it builds");
    table.sites.swap_remove(0)
}

fn bedrock() -> Site {
    site(
        preset::bedrock_anthropic("us-east-1")
            .key("k")
            .model("anthropic.claude-v1:0"),
    )
}

fn vertex() -> Site {
    site(
        preset::vertex_anthropic("p", "us-east5")
            .key("k")
            .model("claude-opus@1"),
    )
}

type Written = (http::request::Parts, Option<String>);

fn write(site: &Site, path: &str, body: &str) -> Result<Written, BadRequest> {
    let request = Request::post(format!("https://api.anthropic.com{path}"))
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", "one-2025-01-01, two-2025-02-02")
        .header("anthropic-beta", "three-2025-03-03")
        .header("accept", "text/event-stream")
        .header("content-type", "application/json")
        .header("content-length", "7");
    let (mut head, ()) = request.body(()).expect("a request").into_parts();
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    let body = Full::new(bytes.clone());
    let model = Found::of(&body);
    let known = Body {
        body: &body,
        bytes: Some(&bytes),
        model: &model,
    };
    let edited = match rewrite(site, &mut head, &known, &Keep::default())? {
        Edit::None => None,
        edit => edit.apply(body.clone()).and_then(|body| body.bytes()),
    };
    let edited = edited.map(|bytes| String::from_utf8(bytes.to_vec()).expect("text"));
    Ok((head, edited))
}

const BETAS: &str = r#","anthropic_beta":["one-2025-01-01","two-2025-02-02","three-2025-03-03"]"#;

#[test]
fn bedrock_gets_its_version_and_the_model_in_the_path() {
    let before = "{ \"max_tokens\":8,\n \"model\" : \"any\", \"n\": 1.50, \"messages\":[ ] }";
    let (head, body) = write(&bedrock(), "/v1/messages?beta=true", before).expect("written");
    assert_eq!(
        head.uri,
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1%3A0/invoke"
    );
    let version = format!(r#""anthropic_version":"bedrock-2023-05-31"{BETAS}"#);
    let after = before.replace("\"model\" : \"any\"", &version);
    assert_eq!(body.as_deref(), Some(&*after));
    for gone in ["anthropic-version", "anthropic-beta", "accept"] {
        assert!(!head.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(head.headers["authorization"], "Bearer k");
    assert_eq!(head.headers["content-length"], after.len().to_string());
}

#[test]
fn vertex_gets_its_version_and_keeps_the_betas_in_a_header() {
    let before = r#"{"model":"any","stream":true,"messages":[]}"#;
    let (head, body) = write(&vertex(), "/v1/messages", before).expect("written");
    assert_eq!(
        head.uri,
        "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers\
         /anthropic/models/claude-opus%401:streamRawPredict"
    );
    assert_eq!(
        body.as_deref(),
        Some(r#"{"anthropic_version":"vertex-2023-10-16","messages":[]}"#)
    );
    assert!(!head.headers.contains_key("anthropic-version"));
    assert_eq!(head.headers.get_all("anthropic-beta").iter().count(), 2);
}

#[test]
fn whether_it_streams_is_in_the_path() {
    for (body, end) in [
        (
            r#"{"model":"m","stream":true}"#,
            "/invoke-with-response-stream",
        ),
        (
            r#"{"stream":true,"model":"m"}"#,
            "/invoke-with-response-stream",
        ),
        (r#"{"stream":false,"model":"m"}"#, "/invoke"),
        (r#"{"model":"m","stream":null}"#, "/invoke"),
        (r#"{"model":"m","x":{"stream":true}}"#, "/invoke"),
    ] {
        let (head, _) = write(&bedrock(), "/v1/messages", body).expect("written");
        assert!(head.uri.path().ends_with(end), "{body}: {}", head.uri);
    }
}

#[test]
fn betas_of_the_body_and_of_the_target_are_kept_once() {
    let own = preset::bedrock_anthropic("us-east-1").key("k");
    let own = site(
        own.header("anthropic-beta", "mine, one-2025-01-01")
            .model("m"),
    );
    let before = r#"{"model":"m","anthropic_beta":["theirs","one-2025-01-01"],"max_tokens":1}"#;
    let (head, body) = write(&own, "/v1/messages", before).expect("written");
    let body: Value = serde_json::from_str(&body.expect("edited")).expect("JSON");
    let all = [
        "theirs",
        "one-2025-01-01",
        "two-2025-02-02",
        "three-2025-03-03",
        "mine",
    ];
    assert_eq!(body["anthropic_beta"], json!(all));
    assert!(!head.headers.contains_key("anthropic-beta"));
    // What is no list of texts is for the provider to refuse.
    let odd = r#"{"model":"m","anthropic_beta":7}"#;
    let (_, body) = write(&own, "/v1/messages", odd).expect("written");
    assert!(body.expect("edited").ends_with(r#","anthropic_beta":7}"#));
}

#[test]
fn tokens_are_counted_where_that_is_possible() {
    let before = r#"{"messages":[],"model":"any"}"#;
    let (head, body) = write(&vertex(), "/v1/messages/count_tokens", before).expect("written");
    assert!(
        head.uri.path().ends_with("/models/count-tokens:rawPredict"),
        "{}",
        head.uri
    );
    let after =
        r#"{"messages":[],"anthropic_version":"vertex-2023-10-16","model":"claude-opus@1"}"#;
    assert_eq!(body.as_deref(), Some(after));
    let error = write(&bedrock(), "/v1/messages/count_tokens", before).map(drop);
    let error = error.expect_err("no such call").to_string();
    assert!(
        error.ends_with("the target has no /messages/count_tokens"),
        "{error}"
    );
    let error = write(&vertex(), "/v1/messages/batches", before).map(drop);
    assert!(error.is_err());
}

#[test]
fn any_model_goes_into_the_path() {
    let any = site(preset::bedrock_anthropic("us-east-1").key("k").any_model());
    let body = r#"{"model":"us.anthropic.claude/../x:0"}"#;
    let (head, _) = write(&any, "/v1/messages", body).expect("written");
    let path = "/model/us.anthropic.claude%2F..%2Fx%3A0/invoke";
    assert_eq!(head.uri.path(), path);
    for bad in [r#"{"model":".."}"#, r#"{"model":7}"#, "[]", "{}", ""] {
        assert!(write(&any, "/v1/messages", bad).is_err(), "{bad}");
    }
}

#[test]
fn only_anthropics_dialect_has_envelopes() {
    let own = Provider::new("own", "http://localhost/v1", Wire::OpenAi).without_key();
    let route = Route::new("r").ordered([own.place(Place::Invoke).model("m")]);
    let error = Table::new(&[route]).expect_err("another dialect");
    assert!(matches!(error.flaw(), Flaw::Setting(_)), "{error}");
}

fn field() -> impl Strategy<Value = (String, Value)> {
    let names = prop_oneof![
        Just("stream"),
        Just("anthropic_version"),
        Just("anthropic_beta"),
        Just("messages"),
        Just("x, \"y\""),
    ];
    let values = prop_oneof![
        any::<bool>().prop_map(Value::from),
        "[a-z,\"{}: ]{0,6}".prop_map(Value::from),
        Just(json!(["a", "b"])),
        Just(json!({"model": "no", "stream": true})),
    ];
    (names.prop_map(str::to_owned), values)
}

proptest! {
    /// The same as if the object was taken apart and put together again.
    #[test]
    fn all_other_fields_stay(
        fields in proptest::collection::vec(field(), 0..6),
        at in 0_usize..6,
        space in "[ \n]{0,2}",
    ) {
        let mut fields = fields;
        let mut seen = Vec::new();
        fields.retain(|(name, _)| !seen.contains(name) && { seen.push(name.clone()); true });
        fields.insert(at.min(fields.len()), ("model".to_owned(), json!("any")));
        let text: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{space}{}{space}:{space}{value}{space}", json!(name)))
            .collect();
        let text = format!("{space}{{{}}}{space}", text.join(","));
        let (head, body) = write(&vertex(), "/v1/messages", &text).expect("written");
        let body: Value = serde_json::from_str(&body.expect("edited")).expect("still JSON");
        let mut model: serde_json::Map<_, _> = fields.into_iter().collect();
        let stream = model.remove("stream") == Some(Value::Bool(true));
        model.remove("model");
        model.insert("anthropic_version".into(), json!("vertex-2023-10-16"));
        prop_assert_eq!(body, Value::Object(model));
        prop_assert_eq!(head.uri.path().ends_with(":streamRawPredict"), stream);
    }
}
