//! Anthropic.
//!
//! * Errors: <https://docs.claude.com/en/api/errors> (2026-09). Bills come as a 400.
//! * Spending: 429 with `details.error_code` = `enforced_spend_limit_reached` (2026-09).
//! * Entitlements come as a 429 `rate_limit_error`: "Extra usage is required for long context
//!   requests." (anthropics/claude-code#39098, 2026), "Usage credits are required for fast mode."
//! * Plans: `anthropic-ratelimit-unified-<window>-status` is `rejected` for the window that is used
//!   up, its `-reset` is in seconds since 1970. A window of one family of models (`7d_oi`) says
//!   nothing about the others.

use std::time::Duration;

use tollgate_core::{Scope, Window};

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    text::moment,
    verdict::{AUTH, BUSY, NEVER, QUOTA, RATE, Verdict},
};

const ENTITLEMENT: Verdict = QUOTA.bare().hits(Scope::Target);

pub(super) const ANTHROPIC: Dialect = Dialect {
    names: &["anthropic", "claude"],
    hosts: &["api.anthropic.com"],
    codes: &[
        ("enforced_spend_limit_reached", QUOTA),
        ("request_too_large", NEVER),
    ],
    openings: &[
        (
            "you have reached your specified api usage limits",
            QUOTA.per(Window::Month),
        ),
        (
            "you have reached your specified workspace api usage limits",
            QUOTA.per(Window::Month),
        ),
        ("this organization has been disabled", AUTH),
        ("extra usage is required", ENTITLEMENT),
        ("usage credits are required", ENTITLEMENT),
    ],
    // "... (not your usage limit)"
    phrases: &[("temporarily limiting requests", BUSY)],
    read: Some(plan),
    looks_like: |facts| {
        let kind = facts.root.get("type").and_then(|kind| kind.as_str());
        kind == Some("error") && facts.root.pointer("/error/type").is_some()
    },
    ..PLAIN
};

/// The windows of a plan: five hours and a week are the account's, others a family's of models.
fn plan(facts: &Facts<'_>) -> Option<Finding> {
    const PREFIX: &str = "anthropic-ratelimit-unified-";
    if facts.status() != Some(429) {
        return None;
    }
    let headers = facts.answer.headers();
    let mut account = false;
    let mut rejected = false;
    let mut reset: Option<Duration> = None;
    for (name, value) in headers {
        let Some(rest) = name.as_str().strip_prefix(PREFIX) else {
            continue;
        };
        let Some(window) = rest.strip_suffix("-status") else {
            continue;
        };
        if value.as_bytes() != b"rejected" {
            continue;
        }
        rejected = true;
        account |= matches!(window, "5h" | "7d");
        let ends = headers.get(format!("{PREFIX}{window}-reset"));
        let ends = ends.and_then(|value| value.to_str().ok());
        reset = reset.max(ends.and_then(|text| moment::reset(text, || facts.answer.now())));
    }
    if !rejected || facts.opens_with("extra usage is") || facts.opens_with("usage credits are") {
        return None;
    }
    let verdict = if account {
        QUOTA
    } else {
        RATE.hits(Scope::Target)
    };
    let mut found = Finding::new(
        verdict,
        "header anthropic-ratelimit-unified-status = rejected",
    );
    found.reset = reset;
    Some(found)
}
