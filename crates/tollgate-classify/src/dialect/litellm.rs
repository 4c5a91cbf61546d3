//! LiteLLM's proxy: hands on what its upstreams say, as text.
//!
//! * A budget is a 400, 401 or 429: <https://docs.litellm.ai/docs/proxy/users> and
//!   `provider_budget_routing` (2026-09). `type` and `param` may be the string "None".
//! * "No deployments available ... Try again in N seconds" hides the cause (BerriAI/litellm#5764).

use super::{Dialect, PLAIN};
use crate::verdict::{QUOTA, RATE};

pub(super) const LITELLM: Dialect = Dialect {
    names: &["litellm", "litellm_proxy"],
    openings: &[
        ("budget has been exceeded", QUOTA.bare()),
        ("exceededbudget", QUOTA.bare()),
        ("exceededtokenbudget", QUOTA.bare()),
        ("authentication error, exceededbudget", QUOTA.bare()),
        ("authentication error, exceededtokenbudget", QUOTA.bare()),
        (
            "authentication error, budget has been exceeded",
            QUOTA.bare(),
        ),
        ("litellm.budgetexceedederror", QUOTA.bare()),
    ],
    phrases: &[
        ("crossed budget", QUOTA.bare()),
        ("no deployments available", RATE),
    ],
    looks_like: |facts| {
        let mut names = facts.answer.headers().keys();
        facts.says("litellm.") || names.any(|name| name.as_str().starts_with("x-litellm-"))
    },
    gateway: true,
    ..PLAIN
};
