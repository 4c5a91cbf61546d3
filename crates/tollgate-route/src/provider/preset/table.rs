//! The table of the presets.

use super::{
    Elsewhere,
    LimitScope::{Deployment, Key, Organisation, Project, Region},
    Place, Preset, Provider, Speaks, Wire,
};

/// What Perplexity has behind a version, and not beside its `/chat/completions`:
/// <https://docs.perplexity.ai/api-reference>.
const VERSIONED: [&str; 5] = [
    "/responses",
    "/responses/{}",
    "/responses/{}/cancel",
    "/responses/{}/input_items",
    "/embeddings",
];

/// One line each: function, name, variable of the key, who shares the limits, and the addresses.
macro_rules! presets {
    ($($(#[$doc:meta])* $preset:ident: $name:literal, $variable:literal, $limits:expr, [$($speaks:expr),+];)*) => {
        $(
            $(#[$doc])*
            pub fn $preset() -> Provider {
                static PRESET: Preset = Preset {
                    name: $name,
                    variable: $variable,
                    limits: $limits,
                    speaks: &[$($speaks),+],
                };
                PRESET.provider()
            }
        )*

        /// Every preset that needs no more than a key, in the order of the table.
        #[must_use]
        pub fn all() -> Vec<Provider> {
            vec![$($preset()),*]
        }

        /// The names of [`all`]: those of their functions.
        pub const NAMES: &[&str] = &[$(stringify!($preset)),*];

        /// A preset that needs no more than a key, by the name of its function.
        #[must_use]
        pub fn find(name: &str) -> Option<Provider> {
            match name {
                $(stringify!($preset) => Some($preset()),)*
                _ => None,
            }
        }
    };
}

presets! {
    /// [OpenAI](https://platform.openai.com/docs/api-reference).
    openai: "openai", "OPENAI_API_KEY", Organisation, [Speaks::openai("https://api.openai.com/v1")];

    /// [Anthropic](https://docs.anthropic.com/en/api): its messages; also speaks OpenAI's dialect,
    /// which it does not recommend for production.
    anthropic: "anthropic", "ANTHROPIC_API_KEY", Organisation, [
        Speaks::anthropic("https://api.anthropic.com/v1"),
        Speaks::openai("https://api.anthropic.com/v1")];

    /// [Groq](https://console.groq.com/docs/openai).
    groq: "groq", "GROQ_API_KEY", Organisation, [Speaks::openai("https://api.groq.com/openai/v1")];

    /// [Gemini](https://ai.google.dev/api): its own dialect; also speaks OpenAI's.
    gemini: "gemini", "GEMINI_API_KEY", Project, [
        Speaks::new(Wire::Gemini, "https://generativelanguage.googleapis.com/v1beta")
            .key_in("x-goog-api-key"),
        Speaks::openai("https://generativelanguage.googleapis.com/v1beta/openai")];

    /// [Moonshot's Kimi](https://platform.moonshot.ai/docs), outside China.
    kimi: "kimi", "MOONSHOT_API_KEY", Organisation, [Speaks::openai("https://api.moonshot.ai/v1")];

    /// [Moonshot's Kimi](https://platform.moonshot.cn/docs), in China.
    kimi_china: "kimi", "MOONSHOT_API_KEY", Organisation, [
        Speaks::openai("https://api.moonshot.cn/v1")];

    /// [MiniMax](https://platform.minimax.io/docs), outside China; also speaks Anthropic's dialect.
    minimax: "minimax", "MINIMAX_API_KEY", Key, [
        Speaks::openai("https://api.minimax.io/v1"),
        Speaks::anthropic("https://api.minimax.io/anthropic/v1")];

    /// [MiniMax](https://platform.minimaxi.com/document), in China; also speaks Anthropic's dialect.
    minimax_china: "minimax", "MINIMAX_API_KEY", Key, [
        Speaks::openai("https://api.minimaxi.com/v1"),
        Speaks::anthropic("https://api.minimaxi.com/anthropic/v1")];

    /// [Mistral](https://docs.mistral.ai/api).
    mistral: "mistral", "MISTRAL_API_KEY", Organisation, [Speaks::openai("https://api.mistral.ai/v1")];

    /// [DeepSeek](https://api-docs.deepseek.com); also speaks Anthropic's dialect. Its base has no
    /// version, so that `/beta/completions` is behind it too.
    deepseek: "deepseek", "DEEPSEEK_API_KEY", Key, [
        Speaks::openai("https://api.deepseek.com"),
        Speaks::anthropic("https://api.deepseek.com/anthropic/v1")];

    /// [Together](https://docs.together.ai/reference).
    together: "together", "TOGETHER_API_KEY", Key, [Speaks::openai("https://api.together.xyz/v1")];

    /// [Fireworks](https://docs.fireworks.ai/api-reference).
    fireworks: "fireworks", "FIREWORKS_API_KEY", Key, [
        Speaks::openai("https://api.fireworks.ai/inference/v1")];

    /// [Cerebras](https://inference-docs.cerebras.ai/api-reference).
    cerebras: "cerebras", "CEREBRAS_API_KEY", Organisation, [
        Speaks::openai("https://api.cerebras.ai/v1")];

    /// [xAI](https://docs.x.ai/docs/api-reference).
    xai: "xai", "XAI_API_KEY", Organisation, [Speaks::openai("https://api.x.ai/v1")];

    /// [OpenRouter](https://openrouter.ai/docs/api-reference); also speaks Anthropic's dialect.
    openrouter: "openrouter", "OPENROUTER_API_KEY", Key, [
        Speaks::openai("https://openrouter.ai/api/v1"),
        Speaks { key: super::Key::Bearer, ..Speaks::anthropic("https://openrouter.ai/api/v1") }];

    /// [Perplexity](https://docs.perplexity.ai/api-reference).
    perplexity: "perplexity", "PERPLEXITY_API_KEY", Key, [
        Speaks {
            elsewhere: &[Elsewhere { operations: &VERSIONED, insert: "/v1" }],
            ..Speaks::openai("https://api.perplexity.ai")
        }];

    /// [Cohere](https://docs.cohere.com/reference): its version 2; also speaks OpenAI's dialect.
    cohere: "cohere", "COHERE_API_KEY", Key, [
        Speaks::new(Wire::Cohere, "https://api.cohere.com/v2"),
        Speaks::openai("https://api.cohere.ai/compatibility/v1")];

    /// [Zhipu's GLM](https://docs.z.ai/api-reference), outside China; also speaks Anthropic's dialect.
    zhipu: "zhipu", "ZAI_API_KEY", Key, [
        Speaks::openai("https://api.z.ai/api/paas/v4"),
        Speaks::anthropic("https://api.z.ai/api/anthropic/v1")];

    /// [Zhipu's GLM](https://docs.bigmodel.cn), in China; also speaks Anthropic's dialect.
    zhipu_china: "zhipu", "ZHIPUAI_API_KEY", Key, [
        Speaks::openai("https://open.bigmodel.cn/api/paas/v4"),
        Speaks::anthropic("https://open.bigmodel.cn/api/anthropic/v1")];

    /// [Featherless](https://featherless.ai/docs).
    featherless: "featherless", "FEATHERLESS_API_KEY", Key, [
        Speaks::openai("https://api.featherless.ai/v1")];

    /// [Portkey](https://portkey.ai/docs/api-reference), hosted. Say which of its configurations or
    /// providers is meant with [`Provider::header`].
    portkey: "portkey", "PORTKEY_API_KEY", Key, [
        Speaks::openai("https://api.portkey.ai/v1").key_in("x-portkey-api-key")];

    /// [Nebius](https://docs.nebius.com/studio/inference/api).
    nebius: "nebius", "NEBIUS_API_KEY", Key, [Speaks::openai("https://api.studio.nebius.ai/v1")];

    /// [SambaNova](https://docs.sambanova.ai).
    sambanova: "sambanova", "SAMBANOVA_API_KEY", Key, [Speaks::openai("https://api.sambanova.ai/v1")];

    /// [Hyperbolic](https://docs.hyperbolic.xyz).
    hyperbolic: "hyperbolic", "HYPERBOLIC_API_KEY", Key, [
        Speaks::openai("https://api.hyperbolic.xyz/v1")];

    /// [Hugging Face's router](https://huggingface.co/docs/inference-providers).
    hugging_face: "huggingface", "HF_TOKEN", Key, [
        Speaks::openai("https://router.huggingface.co/v1")];

    /// [Alibaba's Qwen](https://www.alibabacloud.com/help/en/model-studio), outside China.
    dashscope: "dashscope", "DASHSCOPE_API_KEY", Key, [
        Speaks::openai("https://dashscope-intl.aliyuncs.com/compatible-mode/v1")];
}

/// [Azure OpenAI](https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle) of a
/// resource, at its current address: the deployment is named in the body, as a model.
///
/// For a token of Entra set [`Auth::Bearer`](super::Auth::Bearer), or
/// [`Auth::External`](super::Auth::External) where it must be renewed.
pub fn azure(resource: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "azure_openai",
        variable: "AZURE_OPENAI_API_KEY",
        limits: Deployment,
        speaks: &[
            Speaks::openai("https://{resource}.openai.azure.com/openai/v1").key_in("api-key"),
        ],
    };
    PRESET.provider().fill("resource", resource)
}

/// [Azure OpenAI](https://learn.microsoft.com/azure/ai-foundry/openai/reference) of a resource, at
/// its classic address: the deployment is named in the path, and the version of the interface
/// (`2024-10-21`) in the query.
pub fn azure_deployments(resource: &str, version: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "azure_openai",
        variable: "AZURE_OPENAI_API_KEY",
        limits: Deployment,
        speaks: &[Speaks {
            place: Place::Deployment,
            ..Speaks::openai("https://{resource}.openai.azure.com/openai").key_in("api-key")
        }],
    };
    let provider = PRESET.provider().fill("resource", resource);
    provider.query("api-version", version.to_owned())
}

/// [Vertex AI](https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference):
/// Google's models in a region, or `global`; also speaks OpenAI's dialect, where models are named
/// `google/...`.
///
/// Its tokens expire within the hour: set [`Auth::External`](super::Auth::External) and add them
/// below the router.
pub fn vertex(project: &str, region: &str) -> Provider {
    vertex_of(project, region, false)
}

/// [`vertex`] in OpenAI's dialect.
pub fn vertex_openai(project: &str, region: &str) -> Provider {
    vertex_of(project, region, true)
}

fn vertex_of(project: &str, region: &str, openai: bool) -> Provider {
    static PRESET: Preset = Preset {
        name: "vertex",
        variable: "",
        limits: Region,
        speaks: &[
            Speaks::new(
                Wire::Gemini,
                "https://{host}/v1/projects/{project}/locations/{region}/publishers/google",
            ),
            Speaks::openai(
                "https://{host}/v1/projects/{project}/locations/{region}/endpoints/openapi",
            ),
        ],
    };
    let mut provider = PRESET.provider();
    if openai {
        provider = provider.speaking(Wire::OpenAi);
    }
    // The region is checked below, where it is filled in.
    let host = match region {
        "global" => "aiplatform.googleapis.com".to_owned(),
        region => format!("{region}-aiplatform.googleapis.com"),
    };
    provider.base = provider.base.replace("{host}", &host);
    provider.fill("project", project).fill("region", region)
}

/// [Bedrock](https://docs.aws.amazon.com/bedrock/latest/APIReference) in a region: its `Converse`;
/// also speaks OpenAI's dialect. With a Bedrock API key; for `SigV4` set
/// [`Auth::External`](super::Auth::External) and sign below the router.
pub fn bedrock(region: &str) -> Provider {
    bedrock_of(region, false)
}

/// [`bedrock`] in OpenAI's dialect.
pub fn bedrock_openai(region: &str) -> Provider {
    bedrock_of(region, true)
}

fn bedrock_of(region: &str, openai: bool) -> Provider {
    static PRESET: Preset = Preset {
        name: "bedrock",
        variable: "AWS_BEARER_TOKEN_BEDROCK",
        limits: Region,
        speaks: &[
            Speaks::new(
                Wire::Converse,
                "https://bedrock-runtime.{region}.amazonaws.com",
            ),
            Speaks::openai("https://bedrock-runtime.{region}.amazonaws.com/openai/v1"),
        ],
    };
    let mut provider = PRESET.provider();
    if openai {
        provider = provider.speaking(Wire::OpenAi);
    }
    provider.fill("region", region)
}
