//! OpenRouter: hands on what its upstreams say, in `metadata.raw`, often inside a 200.
//!
//! <https://openrouter.ai/docs/api-reference/errors> (2026-09). `metadata.limit_source` tells whose
//! limit it is; `metadata.headers` repeats `X-RateLimit-*`, the reset in milliseconds since 1970. A
//! 402 is a matter of credits, but for `openrouter_in_flight_budget`, which passes.

use tollgate_core::{
    LimitKind::Requests,
    Scope,
    Window::{Day, Minute},
};

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    verdict::{NEVER, QUOTA, RATE},
};

pub(super) const OPENROUTER: Dialect = Dialect {
    names: &["openrouter"],
    hosts: &["openrouter.ai", "*.openrouter.ai"],
    codes: &[
        (
            "openrouter_in_flight_budget",
            RATE.bare().hits(Scope::Account),
        ),
        ("openrouter_credits", QUOTA),
        ("openrouter_free_tier_daily", RATE.limit(Requests).per(Day)),
        ("upstream_provider_shared_pool", RATE.hits(Scope::Target)),
    ],
    openings: &[("key limit exceeded", QUOTA)],
    phrases: &[
        ("free-models-per-day", RATE.limit(Requests).per(Day)),
        ("free-models-per-min", RATE.limit(Requests).per(Minute)),
    ],
    read: Some(read),
    looks_like: |facts| {
        facts.root.pointer("/error/metadata").is_some() || facts.says("openrouter.ai")
    },
    gateway: true,
    ..PLAIN
};

fn read(facts: &Facts<'_>) -> Option<Finding> {
    if facts.flagged && facts.status() == Some(403) {
        return Some(Finding::new(NEVER, "error.metadata.reasons"));
    }
    let passes = facts.status() == Some(402)
        && facts.answer.headers().contains_key("retry-after")
        && !facts.marked(&["openrouter_credits"]);
    passes.then(|| Finding::new(RATE.bare().hits(Scope::Account), "a 402 with retry-after"))
}
