//! Paths are understood as a whole.

use super::*;
use crate::provider::preset;

fn path(wire: Wire, path: &str) -> Option<&str> {
    find(wire, path, &[]).map(|found| found.path)
}

#[test]
fn operations_are_found_behind_every_base() {
    for (text, operation) in [
        ("/v1/chat/completions", "/chat/completions"),
        ("//v1/chat/completions", "/chat/completions"),
        ("/openai/v1/chat/completions/", "/chat/completions"),
        (
            "/openai/deployments/gpt4/chat/completions",
            "/chat/completions",
        ),
        ("/chat/completions", "/chat/completions"),
        ("/v1/completions", "/completions"),
        ("/v1beta/openai/embeddings", "/embeddings"),
        ("/v1/openai/embeddings", "/embeddings"),
        ("/api/paas/v4/chat/completions", "/chat/completions"),
        (
            "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
            "/chat/completions",
        ),
        ("/v1/responses/resp_68.a", "/responses/resp_68.a"),
    ] {
        assert_eq!(path(Wire::OpenAi, text), Some(operation), "{text}");
    }
    for (text, operation) in [
        (
            "/v1beta/models/gemini-2.0-flash:streamGenerateContent",
            ":streamGenerateContent",
        ),
        ("/models/ft:a:b:countTokens", ":countTokens"),
        (
            "/v1/projects/p/locations/global/publishers/google/models/m:generateContent",
            ":generateContent",
        ),
    ] {
        assert_eq!(path(Wire::Gemini, text), Some(operation), "{text}");
    }
    let converse = "/model/anthropic.claude%3A0/converse-stream";
    assert_eq!(path(Wire::Converse, converse), Some("/converse-stream"));
    let count = "/v1/messages/count_tokens";
    assert_eq!(path(Wire::Anthropic, count), Some("/messages/count_tokens"));
    assert_eq!(path(Wire::Cohere, "/v2/chat"), Some("/chat"));
}

#[test]
fn an_operation_is_never_the_end_of_another() {
    for (text, operation) in [
        ("/v1/fim/completions", "/fim/completions"),
        ("/beta/completions", "/beta/completions"),
        ("/beta/chat/completions", "/beta/chat/completions"),
        ("/async/chat/completions", "/async/chat/completions"),
        ("/openai/deployments/d/responses", "/responses"),
        ("/v1/agents/completions", "/agents/completions"),
        ("/v1/my/embeddings", "/my/embeddings"),
        ("/openai/v1/files/file-1/content", "/files/file-1/content"),
    ] {
        assert_eq!(path(Wire::OpenAi, text), Some(operation), "{text}");
    }
}

#[test]
fn what_servers_add_is_told_from_what_is_known() {
    let kind = |text| find(Wire::OpenAi, text, &[]).map(|found| found.kind);
    assert_eq!(
        kind("/v1/responses/resp_1"),
        Some(Kind::Known("/responses/{}"))
    );
    assert_eq!(kind("/v1/score"), Some(Kind::Added));
    // Without a base nothing says that it is a call.
    assert_eq!(kind("/score"), None);
}

#[test]
fn what_is_no_call_has_no_operation() {
    for text in [
        "/",
        "",
        "/v1/",
        "/v1/..",
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/responses/..",
        "/v1/responses/%2E%2e/cancel",
        "/v1/a//b",
        "/v1/a.b",
        "/admin",
        "/proxy/chat/completions",
        "/v1x/chat/completions",
        "/xv1/chat/completions",
    ] {
        assert_eq!(path(Wire::OpenAi, text), None, "{text}");
    }
    for (wire, text) in [
        (Wire::Anthropic, "/v1/chat/completions"),
        (Wire::Anthropic, "/v1/files"),
        (Wire::Gemini, "/v1beta/models/gemini:delete"),
        (Wire::Gemini, "/v1beta/models/:generateContent"),
        (Wire::Gemini, "/v1beta/models/a/b:generateContent"),
        (Wire::Gemini, "/v1beta/tunedModels/a:generateContent"),
        (Wire::Converse, "/model/a/b/converse"),
        (Wire::Converse, "/model/../converse"),
        (Wire::Cohere, "/v1/chat"),
    ] {
        assert_eq!(path(wire, text), None, "{wire} {text}");
    }
}

#[test]
fn the_base_of_a_target_is_known() {
    let own: [Box<str>; 1] = ["/llm/api".into()];
    let at = |path| find(Wire::OpenAi, path, &own).map(|found| found.path);
    assert_eq!(at("/llm/api/chat/completions"), Some("/chat/completions"));
    assert_eq!(at("/llm/api/score"), Some("/score"));
    assert_eq!(at("/llm/chat/completions"), None);
}

/// A caller may write for any preset, and change to another one without changing its paths.
#[test]
fn the_bases_of_all_presets_are_known() {
    let parts = preset::tests::with_parts();
    for provider in preset::all().into_iter().chain(parts) {
        for wire in [
            Wire::OpenAi,
            Wire::Anthropic,
            Wire::Gemini,
            Wire::Converse,
            Wire::Cohere,
        ] {
            let speaking = provider.clone().speaking(wire);
            // In an envelope nothing is written for the base alone.
            if speaking.flaw.is_some() || crate::rewrite::envelope::is_one(speaking.place) {
                continue;
            }
            let uri: http::Uri = speaking.base.parse().expect("an address");
            let base = uri.path().trim_end_matches('/');
            let known = bases(wire);
            let fits = known.iter().any(|one| behind(base, one) == Some(""));
            assert!(fits, "{} {wire}: {base}", speaking.name);
        }
    }
}
