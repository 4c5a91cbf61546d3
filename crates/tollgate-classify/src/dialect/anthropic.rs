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

use tollgate_core::{Scope, Window::Month};

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
            QUOTA.per(Month),
        ),
        (
            "you have reached your specified workspace api usage limits",
            QUOTA.per(Month),
        ),
        ("this organization has been disabled", AUTH),
        ("extra usage is required", ENTITLEMENT),
        ("usage credits are required", ENTITLEMENT),
    ],
    // "... (not your usage limit)"
    phrases: &[("temporarily limiting requests", BUSY)],
    looks_like: |facts| {
        let kind = facts.root.get("type").and_then(|kind| kind.as_str());
        kind == Some("error") && facts.root.pointer("/error/type").is_some()
    },
    ..PLAIN
};

/// The part of a header's name that is common to all windows of a plan. A gateway may put a name of
/// its own in front (`llm_provider-` is LiteLLM's).
const PLAN: &str = "anthropic-ratelimit-unified-";

/// The windows of a plan: five hours and a week are the account's, others a family's of models.
///
/// Only the headers say so: the body is that of any rate limit, or compressed, or a gateway's.
pub(super) fn plan(facts: &Facts<'_>) -> Option<Finding> {
    if facts.status() != Some(429) {
        return None;
    }
    let mut plan = Plan::default();
    for (name, value) in facts.answer.headers() {
        let name = name.as_str();
        let Some(at) = name.find(PLAN) else { continue };
        let Ok(value) = value.to_str() else { continue };
        plan.field(&name[at + PLAN.len()..], value, facts);
    }
    if facts.opens_with("extra usage is") || facts.opens_with("usage credits are") {
        return None;
    }
    let (account, reset) = plan.rejected()?;
    let verdict = if account {
        QUOTA
    } else {
        RATE.hits(Scope::Target)
    };
    let evidence = "header anthropic-ratelimit-unified-status = rejected";
    let mut found = Finding::new(verdict, evidence);
    found.reset = reset;
    Some(found)
}

/// What the headers of a plan say: its windows, and the plan as a whole.
#[derive(Default)]
struct Plan<'a> {
    windows: Vec<Window<'a>>,
    rejected: bool,
    reset: Option<Duration>,
    /// The window that decided: `five_hour`, `seven_day`, `seven_day_opus`.
    claim: Option<&'a str>,
}

#[derive(Default)]
struct Window<'a> {
    name: &'a str,
    rejected: bool,
    reset: Option<Duration>,
}

impl<'a> Plan<'a> {
    fn field(&mut self, field: &'a str, value: &'a str, facts: &Facts<'_>) {
        let value = value.trim();
        let refused = matches!(value, "rejected" | "rate_limited");
        let reset = || moment::reset(value, || facts.answer.now());
        match field {
            "status" => self.rejected = refused,
            "reset" => self.reset = reset(),
            "representative-claim" => self.claim = Some(value),
            _ => {
                if let Some(name) = field.strip_suffix("-status") {
                    self.window(name, |window| window.rejected = refused);
                } else if let Some(name) = field.strip_suffix("-reset") {
                    self.window(name, |window| window.reset = reset());
                }
            }
        }
    }

    /// A window, but for what is none: extra usage that is paid for ("overage") is `rejected` for
    /// everybody who has not turned it on (steipete/CodexBar#1894, 2026), the fallback is a share.
    fn window(&mut self, name: &'a str, set: impl FnOnce(&mut Window<'a>)) {
        if matches!(name, "overage" | "fallback") || self.windows.len() > 16 {
            return;
        }
        let at = self.windows.iter().position(|window| window.name == name);
        let at = at.unwrap_or_else(|| {
            self.windows.push(Window {
                name,
                ..Window::default()
            });
            self.windows.len() - 1
        });
        set(&mut self.windows[at]);
    }

    /// Whether the account's own window was rejected, and when the last rejected one resets.
    fn rejected(&self) -> Option<(bool, Option<Duration>)> {
        let rejected = || self.windows.iter().filter(|window| window.rejected);
        if rejected().next().is_some() {
            let account = rejected().any(|window| matches!(window.name, "5h" | "7d"));
            return Some((account, rejected().filter_map(|window| window.reset).max()));
        }
        // Some gateways pass on the summary alone.
        let account = self
            .claim
            .is_none_or(|claim| matches!(claim, "five_hour" | "seven_day" | "5h" | "7d"));
        self.rejected.then_some((account, self.reset))
    }
}
