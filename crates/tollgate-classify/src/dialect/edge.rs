//! Those who answer before the provider does: Cloudflare, Envoy, Kong, AWS WAF, Vercel.
//!
//! * Cloudflare: "error code: 1015" is a rate limit by address, 1020 and its like a firewall:
//!   <https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/>
//!   (2026-09).
//! * Envoy: `x-envoy-ratelimited`, `x-envoy-overloaded` (router filter documentation, 2026-09).
//! * AWS WAF: `x-amzn-waf-action` names a challenge (AWS WAF developer guide, 2026-09).
//! * Amazon API Gateway: `LimitExceededException` is the quota of a usage plan (2026-09).
//! * Vercel's AI gateway: a 402 `insufficient_funds`; free credits may be throttled (2026).

use tollgate_core::{LimitKind::Requests, Scope};

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    phrases,
    verdict::{AUTH, BUSY, QUOTA, RATE, Verdict},
};

pub(super) const EDGE: Dialect = Dialect {
    names: &["cloudflare", "nginx", "envoy", "kong", "aws_waf", "apisix"],
    codes: &[("LimitExceededException", QUOTA)],
    phrases: &[
        ("api rate limit exceeded", RATE.limit(Requests)),
        ("local_rate_limited", RATE.limit(Requests)),
    ],
    read: Some(read),
    looks_like: |facts| read(facts).is_some(),
    gateway: true,
    ..PLAIN
};

pub(super) const VERCEL: Dialect = Dialect {
    names: &["vercel", "vercel_ai_gateway", "ai_gateway"],
    hosts: &["ai-gateway.vercel.sh"],
    phrases: &[("free credits temporarily have rate limits", RATE)],
    gateway: true,
    ..PLAIN
};

fn read(facts: &Facts<'_>) -> Option<Finding> {
    let has = |name: &str| facts.answer.headers().contains_key(name);
    let header = |verdict: Verdict, name: &'static str| {
        has(name).then(|| Finding::new(verdict, format!("header {name}")))
    };
    // Short: a page of Cloudflare's, not somebody's prose about one.
    let short = facts.text.len() < 512;
    let page = phrases::cloudflare(&facts.lower).filter(|_| short && facts.root.is_null());
    page.map(|verdict| {
        let number = if verdict.class == RATE.class {
            "1015"
        } else {
            "10xx"
        };
        // It is the address that is blocked, so every key behind it.
        Finding::new(
            verdict.hits(Scope::Provider),
            format!("text \"error code: {number}\""),
        )
    })
    .or_else(|| header(RATE.limit(Requests), "x-envoy-ratelimited"))
    .or_else(|| header(BUSY, "x-envoy-overloaded"))
    .or_else(|| header(AUTH.hits(Scope::Provider), "x-amzn-waf-action"))
}
