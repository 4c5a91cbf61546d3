//! Providers with a fact or two each.

use tollgate_core::{
    LimitKind::{Concurrency, Requests},
    Scope,
    Window::Month,
};

use super::{Dialect, Finding, PLAIN};
use crate::verdict::{AUTH, BUSY, QUOTA, RATE};

/// DeepSeek: money is a 402, 503 advises another provider.
/// <https://api-docs.deepseek.com/quick_start/error_codes> (2026-09)
pub(super) const DEEPSEEK: Dialect = Dialect {
    names: &["deepseek"],
    hosts: &["api.deepseek.com"],
    ..PLAIN
};

/// Together: `model_rate_limit`, "queries per minute".
/// <https://docs.together.ai/docs/rate-limits> (2026-09)
pub(super) const TOGETHER: Dialect = Dialect {
    names: &["together", "together_ai"],
    hosts: &["api.together.xyz", "api.together.ai"],
    codes: &[
        ("model_rate_limit", RATE),
        ("dynamic_rate_limited", RATE),
        // Also the type of "You have been rate limited" (togethercomputer/MoA#27, 2024).
        ("credit_limit", QUOTA.weak()),
    ],
    ..PLAIN
};

/// Fireworks: a 429 that says "server overloaded" is load, a 412 is a suspended account.
/// <https://docs.fireworks.ai/guides/quotas_usage/rate-limits> (2026-09)
pub(super) const FIREWORKS: Dialect = Dialect {
    names: &["fireworks", "fireworks_ai"],
    hosts: &["api.fireworks.ai"],
    phrases: &[
        ("server overloaded", BUSY),
        (
            "is suspended, possibly due to reaching the monthly spending limit",
            QUOTA.bare(),
        ),
    ],
    ..PLAIN
};

/// Perplexity: spent credits are a 401.
/// <https://docs.perplexity.ai/guides/usage-tiers> (2026-09)
pub(super) const PERPLEXITY: Dialect = Dialect {
    names: &["perplexity"],
    hosts: &["api.perplexity.ai"],
    openings: &[("you exceeded your current quota", QUOTA)],
    ..PLAIN
};

/// Cohere: a trial key is limited per minute and per month; 498 is an invalid token.
/// <https://docs.cohere.com/docs/rate-limits>, <https://docs.cohere.com/reference/errors> (2026-09)
pub(super) const COHERE: Dialect = Dialect {
    names: &["cohere"],
    hosts: &["api.cohere.com", "api.cohere.ai"],
    phrases: &[("trial key", RATE.limit(Requests))],
    read: Some(|facts| {
        let refused = facts.status() == Some(498);
        refused.then(|| Finding::new(AUTH, "status 498"))
    }),
    ..PLAIN
};

/// Featherless: plans limit concurrency. <https://featherless.ai/docs/plans> (2026-09)
pub(super) const FEATHERLESS: Dialect = Dialect {
    names: &["featherless"],
    hosts: &["api.featherless.ai"],
    phrases: &[("concurrency limit", RATE.limit(Concurrency))],
    ..PLAIN
};

/// Hugging Face: `estimated_time` while a model loads, 402 for credits.
/// <https://huggingface.co/docs/inference-providers> (2026-09)
pub(super) const HUGGING_FACE: Dialect = Dialect {
    names: &["huggingface", "hf"],
    hosts: &[
        "router.huggingface.co",
        "api-inference.huggingface.co",
        "*.endpoints.huggingface.cloud",
    ],
    ..PLAIN
};

/// Nebius: the common shapes.
pub(super) const NEBIUS: Dialect = Dialect {
    names: &["nebius"],
    hosts: &[
        "api.studio.nebius.ai",
        "api.studio.nebius.com",
        "api.tokenfactory.nebius.com",
    ],
    ..PLAIN
};

/// `SambaNova`: the common shapes.
pub(super) const SAMBANOVA: Dialect = Dialect {
    names: &["sambanova"],
    hosts: &["api.sambanova.ai"],
    ..PLAIN
};

/// Hyperbolic: the common shapes.
pub(super) const HYPERBOLIC: Dialect = Dialect {
    names: &["hyperbolic"],
    hosts: &["api.hyperbolic.xyz"],
    ..PLAIN
};

/// `DeepInfra`: the common shapes.
pub(super) const DEEPINFRA: Dialect = Dialect {
    names: &["deepinfra"],
    hosts: &["api.deepinfra.com"],
    ..PLAIN
};

/// Ollama: the common shapes. It has no host of its own.
pub(super) const OLLAMA: Dialect = Dialect {
    names: &["ollama"],
    ..PLAIN
};

/// Gateways of the common shapes, which hand on what others say.
pub(super) const ZEN: Dialect = Dialect {
    names: &[
        "opencode_zen",
        "zenmux",
        "liter_llm",
        "bifrost",
        "helicone",
        "tensorzero",
    ],
    hosts: &["opencode.ai", "zenmux.ai"],
    // opencode's gateway (anomalyco/opencode, 2026): money is a 401, a used up plan a 429.
    codes: &[
        ("CreditsError", QUOTA),
        ("MonthlyLimitError", QUOTA.per(Month)),
        ("SubscriptionUsageLimitError", QUOTA.bare()),
        ("FreeUsageLimitError", RATE.hits(Scope::Target)),
    ],
    phrases: &[(
        "usage limit for the current free model",
        RATE.hits(Scope::Target),
    )],
    gateway: true,
    ..PLAIN
};
