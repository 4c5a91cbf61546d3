//! Azure OpenAI and API Management.
//!
//! * `error.code` is the string "429"; the text names the limit: "call rate limit" counts requests,
//!   "token rate limit" tokens (seen in public issue threads, 2024).
//! * API Management: a quota is a 403 "Out of call volume quota. Quota will be replenished in ...":
//!   <https://learn.microsoft.com/azure/api-management/quota-policy> (2026-09). So is a quota of tokens:
//!   <https://learn.microsoft.com/azure/api-management/llm-token-limit-policy> (2026-09).
//! * "high demand ... maximum usage size allowed during peak load" is capacity
//!   (pollinations/pollinations#6260, 2025).

use tollgate_core::LimitKind::{Requests, Tokens};

use super::{Dialect, PLAIN};
use crate::verdict::{BUSY, QUOTA, RATE};

pub(super) const AZURE: Dialect = Dialect {
    names: &["azure_openai", "azure"],
    hosts: &[
        "*.openai.azure.com",
        "*.cognitiveservices.azure.com",
        "*.services.ai.azure.com",
        "*.models.ai.azure.com",
        "*.azure-api.net",
    ],
    codes: &[("NoCapacity", BUSY)],
    openings: &[
        ("out of call volume quota", QUOTA.limit(Requests)),
        ("out of bandwidth quota", QUOTA),
        ("token quota is exceeded", QUOTA.limit(Tokens)),
    ],
    phrases: &[
        ("during peak load", BUSY),
        ("call rate limit", RATE.limit(Requests)),
        ("token rate limit", RATE.limit(Tokens)),
    ],
    looks_like: |facts| {
        facts.says("under azure openai api version") || facts.opens_with("out of call volume quota")
    },
    ..PLAIN
};
