//! Requests as they are written for their targets.

use http::{HeaderMap, Request};
use http_body_util::Full;

use super::*;
use crate::{Auth, Provider, Route, Wire, provider::preset, table::Table};

/// The first target of a route of one.
fn site(endpoint: crate::Endpoint) -> Site {
    let route = Route::new("r").ordered([endpoint]);
    let mut table = Table::new(&[route]).expect("it builds");
    table.sites.swap_remove(0)
}

struct Written {
    version: http::Version,
    uri: String,
    headers: HeaderMap,
    body: Option<Bytes>,
}

fn write(site: &Site, request: &Request<&'static str>) -> Result<Written, BadRequest> {
    write_keeping(site, request, &Keep::default())
}

fn write_keeping(
    site: &Site,
    request: &Request<&'static str>,
    keep: &Keep,
) -> Result<Written, BadRequest> {
    let (mut head, body) = request.clone().into_parts();
    let bytes = Bytes::from(body);
    let body = Full::new(bytes.clone());
    let model = Found::of(&body);
    let known = Body {
        body: &body,
        bytes: Some(&bytes),
        model: &model,
    };
    let edited = match rewrite(site, &mut head, &known, keep)? {
        Edit::None => None,
        edit => edit.apply(body.clone()).and_then(|body| body.bytes()),
    };
    Ok(Written {
        version: head.version,
        uri: head.uri.to_string(),
        headers: head.headers,
        body: edited,
    })
}

fn post(uri: &str) -> http::request::Builder {
    Request::post(uri)
}

const CHAT: &str = "https://api.openai.com/v1/chat/completions";

fn chat() -> Request<&'static str> {
    post(CHAT).body(r#"{"model":"gpt-4o"}"#).expect("a request")
}

#[test]
fn every_kind_of_address() {
    let gemini = "https://x/v1beta/models/old:streamGenerateContent?alt=sse&key=stolen";
    let converse = "https://b/model/old/converse";
    let messages = "https://a/v1/messages?beta=true&api_key=stolen";
    for (endpoint, from, to) in [
        (
            preset::groq().key("k").model("m"),
            CHAT,
            "https://api.groq.com/openai/v1/chat/completions",
        ),
        (
            preset::perplexity().key("k").model("m"),
            CHAT,
            "https://api.perplexity.ai/chat/completions",
        ),
        (
            preset::azure("res").key("k").model("dep"),
            CHAT,
            "https://res.openai.azure.com/openai/v1/chat/completions",
        ),
        (
            preset::azure_deployments("res", "2024-10-21")
                .key("k")
                .model("a/b?c"),
            CHAT,
            "https://res.openai.azure.com/openai/deployments/a%2Fb%3Fc/chat/completions\
             ?api-version=2024-10-21",
        ),
        (
            preset::azure_deployments("res", "v1").key("k").any_model(),
            CHAT,
            "https://res.openai.azure.com/openai/deployments/old/chat/completions?api-version=v1",
        ),
        (
            preset::gemini().key("k").model("gemini-2.0"),
            gemini,
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.0\
             :streamGenerateContent?alt=sse",
        ),
        (
            preset::gemini().key("k").any_model(),
            gemini,
            "https://generativelanguage.googleapis.com/v1beta/models/old\
             :streamGenerateContent?alt=sse",
        ),
        (
            preset::bedrock("eu-west-1")
                .key("k")
                .model("anthropic.claude:0"),
            converse,
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude%3A0/converse",
        ),
        (
            preset::anthropic().key("k").model("claude"),
            messages,
            "https://api.anthropic.com/v1/messages?beta=true",
        ),
    ] {
        let request = post(from).body(r#"{"model":"old"}"#).expect("a request");
        let written = write(&site(endpoint), &request).expect("written");
        assert_eq!(written.uri, to);
    }
}

#[test]
fn a_hostile_model_stays_one_segment() {
    let azure = |model: &str| site(preset::azure_deployments("r", "v").key("k").model(model));
    for evil in [
        "../../x",
        "a/../b",
        "m?x=1",
        "m#x",
        "m%2f..%2f",
        "m x",
        "m\u{0}",
        "ü",
        "a:b@c",
    ] {
        let written = write(&azure(evil), &chat()).expect("written");
        let path = written.uri.split('?').next().expect("a path");
        assert_eq!(path.matches('/').count(), 7, "{path}");
        assert!(!path.contains("/../") && !path.contains('#'), "{path}");
    }
    for evil in ["..", ".", ""] {
        let route = Route::new("r").ordered([preset::groq().key("k").model(evil)]);
        let error = Table::new(&[route]).expect_err("no model");
        assert_eq!(*error.flaw(), crate::Flaw::Model(evil.to_owned()));
    }
    // The caller's own model is held to the same.
    let any = site(preset::gemini().key("k").any_model());
    let request = post("https://x/v1beta/models/..%2f..%2fadmin:generateContent").body("{}");
    let written = write(&any, &request.expect("a request")).expect("written");
    assert!(
        written
            .uri
            .ends_with("/v1beta/models/..%2F..%2Fadmin:generateContent"),
        "{}",
        written.uri
    );
    let request = post("https://x/v1beta/models/%2e%2e:generateContent").body("{}");
    assert!(write(&any, &request.expect("a request")).is_err());
}

#[test]
fn only_what_says_nothing_about_the_caller_passes() {
    let mut request = chat();
    for name in [
        "authorization",
        "proxy-authorization",
        "cookie",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "openai-organization",
        "openai-project",
        "anthropic-workspace-id",
        "anthropic-version",
        "x-portkey-api-key",
        "x-portkey-virtual-key",
        "http-referer",
        "x-title",
        "x-amz-security-token",
        "x-my-own-token",
        "host",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-for",
        "x-ms-spillover-deployment",
        "helicone-auth",
        "x-tollgate-prefer",
        "origin",
        "referer",
        "baggage",
    ] {
        request
            .headers_mut()
            .append(name, "canary".parse().expect("a value"));
        request
            .headers_mut()
            .append(name, "canary two".parse().expect("a value"));
    }
    for name in [
        "accept",
        "content-type",
        "user-agent",
        "idempotency-key",
        "traceparent",
        "x-stainless-os",
        "openai-beta",
    ] {
        request
            .headers_mut()
            .insert(name, "kept".parse().expect("a value"));
    }
    let groq = site(preset::groq().key("gsk").header("x-own", "7").model("m"));
    let written = write(&groq, &request).expect("written");
    for (name, value) in &written.headers {
        assert!(!value.as_bytes().starts_with(b"canary"), "{name} passed");
    }
    assert_eq!(written.headers.len(), 7 + 2);
    assert_eq!(written.headers["authorization"], "Bearer gsk");
    assert!(written.headers["authorization"].is_sensitive());
    assert_eq!(written.headers["x-own"], "7");
    assert!(written.headers["x-own"].is_sensitive(), "it may be a key");
    // What people name passes.
    let keep = Keep {
        headers: vec!["x-my-own-token".parse().expect("a name")],
        ..Keep::default()
    };
    let written = write_keeping(&groq, &request, &keep).expect("written");
    assert_eq!(written.headers.get_all("x-my-own-token").iter().count(), 2);
}

#[test]
fn queries_pass_without_secrets() {
    let own = Provider::new("own", "http://localhost:8000/v1", Wire::OpenAi);
    let own = own
        .auth(Auth::Query("key".into()))
        .key("a&b=c")
        .query("v", "1 2");
    let request = post("https://x/v1/chat/completions?key=canary&sig=canary&trace=7&v=9")
        .body(r#"{"model":"m"}"#)
        .expect("a request");
    let written = write(&site(own.model("m")), &request).expect("written");
    let to = "http://localhost:8000/v1/chat/completions?v=1%202&key=a%26b%3Dc";
    assert_eq!(written.uri, format!("{to}&trace=7"));
    let keep = Keep {
        query: vec!["sig".into(), "v".into()],
        ..Keep::default()
    };
    let written = write_keeping(&site(own.model("m")), &request, &keep).expect("written");
    assert_eq!(written.uri, format!("{to}&sig=canary&trace=7"));
}

#[test]
fn the_query_of_a_look_up_passes() {
    for (provider, from, to) in [
        (
            preset::openai(),
            "/v1/files?purpose=batch&limit=20",
            "https://api.openai.com/v1/files?purpose=batch&limit=20",
        ),
        (
            preset::openai(),
            "/v1/responses/resp_1/input_items?after=msg_1&key=canary",
            "https://api.openai.com/v1/responses/resp_1/input_items?after=msg_1",
        ),
        (
            preset::azure_deployments("res", "2024-10-21"),
            "/openai/files?api-version=2025-03-01&order=asc",
            "https://res.openai.azure.com/openai/files?api-version=2024-10-21&order=asc",
        ),
        (
            preset::azure_deployments("res", "2024-10-21"),
            "/v1/responses/resp_1?include[]=x",
            "https://res.openai.azure.com/openai/v1/responses/resp_1?include[]=x",
        ),
    ] {
        let request = Request::get(format!("https://x{from}")).body("");
        let request = request.expect("a request");
        let any = site(provider.clone().key("k").any_model());
        let written = write(&any, &request).expect("written");
        assert_eq!(written.uri, to);
        // What a provider keeps is asked for without a model; all else needs one.
        let one = write(&site(provider.key("k").model("m")), &request);
        assert_eq!(one.is_ok(), from.contains("/responses/"), "{from}");
    }
}

/// No path is cut at its start: what ends alike may be another call.
#[test]
fn operations_of_single_providers_stay_whole() {
    let azure = || preset::azure_deployments("res", "2024-10-21");
    for (provider, from, to) in [
        (
            preset::mistral(),
            "/v1/fim/completions",
            "https://api.mistral.ai/v1/fim/completions",
        ),
        (
            preset::openai(),
            "/v1/fim/completions",
            "https://api.openai.com/v1/fim/completions",
        ),
        (
            preset::deepseek(),
            "/beta/completions",
            "https://api.deepseek.com/beta/completions",
        ),
        (
            preset::deepseek(),
            "/v1/completions",
            "https://api.deepseek.com/completions",
        ),
        (
            preset::perplexity(),
            "/async/chat/completions",
            "https://api.perplexity.ai/async/chat/completions",
        ),
        (
            preset::perplexity(),
            "/v1/responses",
            "https://api.perplexity.ai/v1/responses",
        ),
        (
            azure(),
            "/openai/deployments/any/responses?api-version=2025-03-01-preview",
            "https://res.openai.azure.com/openai/v1/responses",
        ),
        (
            preset::groq(),
            "/openai/v1/score",
            "https://api.groq.com/openai/v1/score",
        ),
    ] {
        let request = post(&format!("https://x{from}")).body(r#"{"model":"old"}"#);
        let there = site(provider.key("k").model("m"));
        let written = write(&there, &request.expect("a request")).expect("written");
        assert_eq!(written.uri, to);
        let body = written.body.expect("another model");
        assert_eq!(&body[..], br#"{"model":"m"}"#, "{from}");
    }
}

#[test]
fn a_path_that_is_not_understood_is_named() {
    let groq = site(preset::groq().key("k").model("m"));
    for path in ["/proxy/chat/completions", "/v2beta/embeddings", "/"] {
        let request = post(&format!("https://x{path}?key=canary")).body(r#"{"model":"m"}"#);
        let error = write(&groq, &request.expect("a request")).map(|_| ());
        let error = error.expect_err("no such path");
        assert_eq!(error.path(), Some(path));
        let said = error.to_string();
        let start = format!(
            "the request cannot be written for groq (m): unknown path {path} for dialect openai; \
             expected one of: /chat/completions, /responses, /embeddings, "
        );
        assert!(said.starts_with(&start), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
    // A base of one's own is understood where a target has it.
    let own = Provider::new("own", "http://localhost:8000/llm/api", Wire::OpenAi).without_key();
    let request = post("https://x/llm/api/chat/completions").body(r#"{"model":"m"}"#);
    let written = write(&site(own.model("m")), &request.expect("a request")).expect("written");
    assert_eq!(
        written.uri,
        "http://localhost:8000/llm/api/chat/completions"
    );
}

#[test]
fn the_length_is_that_of_the_new_body() {
    let mut request = chat();
    request
        .headers_mut()
        .insert("content-length", "18".parse().expect("a value"));
    let written = write(
        &site(preset::groq().key("k").model("longer-model")),
        &request,
    );
    let written = written.expect("written");
    assert_eq!(
        written.body.as_deref(),
        Some(&br#"{"model":"longer-model"}"#[..])
    );
    assert_eq!(written.headers["content-length"], "24");
    // There is but one.
    request
        .headers_mut()
        .append("content-length", "18".parse().expect("a value"));
    let written = write(&site(preset::groq().key("k").model("m")), &request).expect("written");
    let all: Vec<_> = written.headers.get_all("content-length").iter().collect();
    assert_eq!(all, ["13"]);
    // Where the body stays, so does its length; and none is added.
    let written = write(&site(preset::groq().key("k").model("gpt-4o")), &chat()).expect("written");
    assert_eq!(written.body, None);
    assert!(!written.headers.contains_key("content-length"));
}

#[test]
fn a_body_that_cannot_be_edited_is_an_error_only_where_it_must_be() {
    let request = post(CHAT).body("not json").expect("a request");
    let groq = preset::groq().key("k");
    let error = write(&site(groq.model("m")), &request)
        .map(|_| ())
        .expect_err("no model");
    assert_eq!(error.body(), Some(BadBody::NotJson));
    assert_eq!(
        error.to_string(),
        "the request cannot be written for groq (m): its body is not JSON"
    );
    let models = Request::get("https://client.example/v1/models");
    let models = models.body("").expect("a request");
    let error = write(&site(groq.model("m")), &models)
        .map(|_| ())
        .expect_err("no body");
    assert_eq!(
        error.to_string(),
        "the request cannot be written for groq (m): it has no body, and a route serves calls of a \
         model only"
    );
    let deployments = preset::azure_deployments("r", "v").key("k").model("d");
    for endpoint in [groq.any_model(), deployments] {
        let written = write(&site(endpoint), &request).expect("written");
        assert_eq!(written.body, None);
    }
}

#[test]
fn a_call_that_came_by_another_version_goes_on_by_the_clients_own() {
    let mut request = chat();
    *request.version_mut() = http::Version::HTTP_2;
    let written = write(&site(preset::groq().key("k").model("m")), &request).expect("written");
    assert_eq!(written.version, http::Version::HTTP_11);
}

/// A middleware that polls a body and passes it on leaves nothing of it to send.
#[test]
fn a_body_that_was_sent_already_is_empty() {
    let mut body = tollgate_core::ReplayBody::<Full<Bytes>>::whole(r#"{"model":"gpt-4o"}"#);
    let known = body
        .json()
        .expect("an object")
        .model()
        .map(std::borrow::Cow::into_owned);
    assert_eq!(known.as_deref(), Some("gpt-4o"));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = http_body::Body::poll_frame(std::pin::Pin::new(&mut body), &mut cx);
    assert!(body.json().is_none() && body.replaced(&(0..1), "x").is_none());
    assert_eq!(
        body.to_whole().and_then(|whole| whole.bytes()),
        Some(Bytes::new())
    );
    let model = Found::read(&HeaderMap::new(), &body);
    assert_eq!(model, Err(BadBody::Empty));
}
