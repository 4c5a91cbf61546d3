//! Who is who.

use super::{ALL, of};

#[test]
fn names_and_hosts() {
    for (origin, name) in [
        ("groq", "groq"),
        ("api.groq.com", "groq"),
        ("Azure-OpenAI", "azure_openai"),
        ("myres.openai.azure.com", "azure_openai"),
        ("generativelanguage.googleapis.com", "gemini"),
        ("us-central1-aiplatform.googleapis.com", "gemini"),
        ("aiplatform.googleapis.com", "gemini"),
        ("aiplatform.eu.rep.googleapis.com", "gemini"),
        ("vertex", "gemini"),
        ("gemini_code_assist", "gemini"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "bedrock"),
        ("bedrock-mantle.eu-west-1.api.aws", "bedrock"),
        ("api.moonshot.cn", "kimi"),
        ("api.minimaxi.com", "minimax"),
        ("eu.openrouter.ai", "openrouter"),
        ("api.together.ai", "together"),
        ("api.z.ai", "zhipu"),
        ("api.x.ai", "xai"),
        ("bedrock_mantle", "bedrock"),
        ("dashscope-intl.aliyuncs.com", "dashscope"),
        ("ws-1.ap-southeast-1.maas.aliyuncs.com", "dashscope"),
        ("router.huggingface.co", "huggingface"),
        ("api.studio.nebius.ai", "nebius"),
        ("api.tokenfactory.nebius.com", "nebius"),
        ("api.deepinfra.com", "deepinfra"),
        ("ollama", "ollama"),
        ("models.github.ai", "github_models"),
        ("api.featherless.ai", "featherless"),
        ("api.portkey.ai", "portkey"),
        ("api.cohere.com", "cohere"),
    ] {
        let found = of(origin).map(|dialect| dialect.names[0]);
        assert_eq!(found, Some(name), "{origin}");
    }
    for origin in [
        "",
        "localhost",
        "generic",
        "openai.azure.com.evil.example",
        "api.x.ai.example",
    ] {
        assert!(of(origin).is_none(), "{origin}");
    }
}

#[test]
fn nobody_is_named_twice() {
    let names: Vec<_> = ALL
        .iter()
        .flat_map(|d| d.names.iter().chain(d.hosts))
        .collect();
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), names.len());
}

#[test]
fn phrases_are_in_lower_case() {
    for dialect in ALL {
        for (phrase, _) in dialect.openings.iter().chain(dialect.phrases) {
            assert_eq!(*phrase, phrase.to_ascii_lowercase());
        }
    }
}
