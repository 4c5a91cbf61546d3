//! OpenAI, and the `ChatGPT` plans behind Codex.
//!
//! * Codes: <https://platform.openai.com/docs/guides/error-codes> (2026-09). `insufficient_quota` may
//!   stand in `type` alone, with a null `code` (waylaidwanderer/node-chatgpt-api#167, 2023).
//! * "Request too large ... Limit, Requested" is a 429 that never succeeds (`TheR1D/shell_gpt#653`,
//!   agent0ai/agent-zero#711, 2025).
//! * A plan's limit is `usage_limit_reached`, with `resets_in_seconds` and `resets_at` (2026-09). Its
//!   two windows are in the headers too: `x-codex-{primary,secondary}-used-percent`,
//!   `-reset-after-seconds` and `-reset-at` (openai/codex, 2026).

use std::time::Duration;

use tollgate_core::Scope;

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    text::moment,
    verdict::{AUTH, NEVER, QUOTA},
};

pub(super) const OPENAI: Dialect = Dialect {
    names: &["openai"],
    hosts: &["api.openai.com", "*.api.openai.com"],
    codes: &[
        ("organization_spend_limit_exceeded", QUOTA),
        ("project_spend_limit_exceeded", QUOTA),
        ("organization_usage_limit_exceeded", QUOTA),
        ("access_terminated", AUTH),
        ("string_above_max_length", NEVER),
    ],
    looks_like: |facts| facts.says("platform.openai.com"),
    ..PLAIN
};

pub(super) const CODEX: Dialect = Dialect {
    names: &["chatgpt_codex", "chatgpt", "codex"],
    hosts: &["chatgpt.com"],
    codes: &[
        ("usage_limit_reached", QUOTA.bare()),
        // The plan has no such model; others it has.
        ("usage_not_included", QUOTA.bare().hits(Scope::Target)),
    ],
    ..PLAIN
};

/// A plan with a window that is used up, by its headers: whatever the body is.
pub(super) fn plan(facts: &Facts<'_>) -> Option<Finding> {
    if facts.status() != Some(429) {
        return None;
    }
    let header = |name: &str| facts.answer.headers().get(name)?.to_str().ok();
    let mut used_up = false;
    let mut reset: Option<Duration> = None;
    for window in ["primary", "secondary"] {
        let used = header(&format!("x-codex-{window}-used-percent"));
        let used = used.and_then(|text| text.trim().parse::<f64>().ok());
        if used.is_none_or(|used| used < 100.0) {
            continue;
        }
        used_up = true;
        let ends = ["reset-after-seconds", "reset-at"].map(|field| {
            let text = header(&format!("x-codex-{window}-{field}"))?;
            moment::reset(text, || facts.answer.now())
        });
        reset = reset.max(ends[0].or(ends[1]));
    }
    used_up.then(|| {
        let mut found = Finding::new(QUOTA.bare(), "header x-codex-used-percent = 100");
        found.reset = reset;
        found
    })
}
