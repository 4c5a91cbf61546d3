//! The table of the presets.

use super::{
    Elsewhere,
    LimitScope::{Key, Organisation, Project},
    Preset, Provider, Speaks, Wire,
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

    /// [Nebius's Token Factory](https://docs.tokenfactory.nebius.com/api-reference/introduction).
    nebius: "nebius", "NEBIUS_API_KEY", Key, [
        Speaks::openai("https://api.tokenfactory.nebius.com/v1")];

    /// [SambaNova](https://docs.sambanova.ai).
    sambanova: "sambanova", "SAMBANOVA_API_KEY", Key, [Speaks::openai("https://api.sambanova.ai/v1")];

    /// [Hyperbolic](https://docs.hyperbolic.xyz).
    hyperbolic: "hyperbolic", "HYPERBOLIC_API_KEY", Key, [
        Speaks::openai("https://api.hyperbolic.xyz/v1")];

    /// [Hugging Face's router](https://huggingface.co/docs/inference-providers).
    hugging_face: "huggingface", "HF_TOKEN", Key, [
        Speaks::openai("https://router.huggingface.co/v1")];

    /// [Alibaba's Qwen](https://www.alibabacloud.com/help/model-studio/base-url), in Singapore, at the
    /// address that all workspaces share; also speaks Anthropic's dialect. Alibaba recommends the
    /// address of a workspace: [`dashscope_workspace`](super::dashscope_workspace).
    dashscope: "dashscope", "DASHSCOPE_API_KEY", Key, [
        Speaks::openai("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
        Speaks::anthropic("https://dashscope-intl.aliyuncs.com/apps/anthropic/v1")];

    /// [Alibaba's Qwen](https://www.alibabacloud.com/help/model-studio/base-url), in China, at the
    /// address that all workspaces share; also speaks Anthropic's dialect.
    dashscope_china: "dashscope", "DASHSCOPE_API_KEY", Key, [
        Speaks::openai("https://dashscope.aliyuncs.com/compatible-mode/v1"),
        Speaks::anthropic("https://dashscope.aliyuncs.com/apps/anthropic/v1")];

    /// [DeepInfra](https://deepinfra.com/docs/advanced/openai_api).
    deepinfra: "deepinfra", "DEEPINFRA_API_KEY", Key, [
        Speaks::openai("https://api.deepinfra.com/v1/openai")];

    /// [GitHub Models](https://docs.github.com/en/rest/models/inference). Its key is a token of GitHub
    /// that may read models; its models are named `openai/gpt-4.1`.
    github_models: "github_models", "GITHUB_TOKEN", Key, [
        Speaks::openai("https://models.github.ai/inference")];

    /// [Ollama](https://docs.ollama.com/api/openai-compatibility) on this machine. It wants no key.
    ollama: "ollama", "", Key, [
        Speaks { key: super::Key::None, ..Speaks::openai("http://localhost:11434/v1") }];
}
