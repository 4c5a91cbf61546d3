//! The table, against what the providers document.

use super::*;
use crate::{Route, RouteLayer, Secret};

fn builds(provider: Provider) -> Result<(), String> {
    let name = provider.name.clone();
    let route = Route::new("r").ordered([provider.key(Secret::new("k")).model("m")]);
    let built = RouteLayer::new(route).map(drop);
    built.map_err(|error| format!("{name}: {error}"))
}

#[test]
fn every_preset_builds_with_no_more_than_a_key() {
    for provider in all().into_iter().chain(with_parts()) {
        builds(provider).unwrap();
    }
}

/// Those that need more than a key.
pub(crate) fn with_parts() -> [Provider; 10] {
    [
        azure("my-resource"),
        azure_deployments("my-resource", "2024-10-21"),
        vertex("p", "europe-west4"),
        vertex_openai("p", "global"),
        bedrock("us-east-1"),
        bedrock_openai("us-east-1"),
        bedrock_anthropic("us-east-1"),
        vertex_anthropic("p", "eu"),
        bedrock_mantle("us-east-1"),
        dashscope_workspace("ws-1", "ap-southeast-1"),
    ]
}

#[test]
fn a_part_of_an_address_is_there_in_every_dialect() {
    for provider in with_parts() {
        for speaks in provider.preset.unwrap().speaks {
            let other = provider.clone().speaking(speaks.wire);
            assert!(!other.base.contains('{'), "{}", other.base);
            builds(other).unwrap();
        }
    }
    let there = bedrock_mantle("eu-west-1").speaking(Wire::Anthropic).base;
    assert_eq!(
        there,
        "https://bedrock-mantle.eu-west-1.api.aws/anthropic/v1"
    );
}

/// As the providers document them; each was another one before, or is easily mistaken.
#[test]
fn hosts_are_the_current_ones() {
    let host = |region| {
        let base = vertex("p", region).base;
        base.split('/').nth(2).unwrap().to_owned()
    };
    assert_eq!(host("us"), "aiplatform.us.rep.googleapis.com");
    assert_eq!(host("eu"), "aiplatform.eu.rep.googleapis.com");
    assert_eq!(host("us-east5"), "us-east5-aiplatform.googleapis.com");
    assert_eq!(host("global"), "aiplatform.googleapis.com");
    for (provider, base) in [
        (nebius(), "https://api.tokenfactory.nebius.com/v1"),
        (
            dashscope_workspace("ws-1", "ap-southeast-1"),
            "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
        ),
        (deepinfra(), "https://api.deepinfra.com/v1/openai"),
        (github_models(), "https://models.github.ai/inference"),
        (ollama(), "http://localhost:11434/v1"),
        (
            bedrock_mantle("us-east-1"),
            "https://bedrock-mantle.us-east-1.api.aws/v1",
        ),
    ] {
        assert_eq!(provider.base, base);
    }
    let route = Route::new("r").ordered([ollama().model("qwen3")]);
    RouteLayer::new(route).map(drop).unwrap();
}

#[test]
fn every_other_dialect_has_an_address() {
    for provider in all() {
        let preset = provider.preset.unwrap();
        for speaks in preset.speaks {
            let other = provider.clone().speaking(speaks.wire);
            assert_eq!((other.wire, &*other.base), (speaks.wire, speaks.base));
            builds(other).unwrap();
        }
    }
    let error = builds(groq().speaking(Wire::Gemini)).unwrap_err();
    assert!(
        error.contains("no address where it speaks gemini is known"),
        "{error}"
    );
}

#[test]
fn a_part_of_an_address_cannot_add_to_it() {
    for evil in ["evil.com/", "a.b", "x@evil", "", "a#", "{region}"] {
        for provider in [
            azure(evil),
            bedrock(evil),
            bedrock_mantle(evil),
            vertex("p", evil),
            vertex(evil, "eu"),
            dashscope_workspace(evil, "eu"),
            dashscope_workspace("ws", evil),
        ] {
            let error = builds(provider).unwrap_err();
            assert!(error.contains("cannot be its"), "{evil}: {error}");
        }
    }
}

#[test]
fn keys_go_where_each_provider_wants_them() {
    let header = |name: &'static str| Auth::Header(name.into());
    assert_eq!(groq().auth, Auth::Bearer);
    assert_eq!(anthropic().auth, header("x-api-key"));
    assert_eq!(anthropic().speaking(Wire::OpenAi).auth, Auth::Bearer);
    assert_eq!(gemini().auth, header("x-goog-api-key"));
    assert_eq!(azure("r").auth, header("api-key"));
    let anthropics = anthropic().headers;
    assert_eq!(
        anthropics,
        [("anthropic-version".into(), "2023-06-01".into())]
    );
    assert!(anthropic().speaking(Wire::OpenAi).headers.is_empty());
    assert_eq!(azure("r").base, "https://r.openai.azure.com/openai/v1");
    let vertex = vertex("p", "global").base;
    let there =
        "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google";
    assert_eq!(vertex, there);
}
