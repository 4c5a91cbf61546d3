//! Those who answer before the provider does: Cloudflare, Envoy, Kong, AWS WAF, Vercel.
//!
//! * Cloudflare: "error code: 1015" is a rate limit by address, 1020 and its like a firewall:
//!   <https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/>
//!   (2026-09).
//! * Envoy: `x-envoy-ratelimited`, `x-envoy-overloaded` (router filter documentation, 2026-09).
//! * AWS WAF: `x-amzn-waf-action` names a challenge (AWS WAF developer guide, 2026-09).
//! * Amazon API Gateway: `LimitExceededException` is the quota of a usage plan (2026-09).
//! * Proxies limit the size of a body and answer with a page of their own: nginx's
//!   `client_max_body_size` (1 MB where nothing else is set), Kong's request-size-limiting ("Request size
//!   limit exceeded"), Vercel's functions (2026-09).
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

/// A 413 of a proxy and not of the provider behind it: the page is nobody's JSON, and the proxy is
/// named by the `server` header or by its stock page, which states the status twice.
pub(super) fn too_large(facts: &Facts<'_>) -> bool {
    const PROXIES: [&str; 13] = [
        "nginx",
        "openresty",
        "tengine",
        "cloudflare",
        "kong",
        "envoy",
        "istio-envoy",
        "caddy",
        "apache",
        "haproxy",
        "traefik",
        "varnish",
        "awselb",
    ];
    if facts.status() != Some(413) {
        return false;
    }
    if facts.opens_with("request size limit exceeded")
        || facts.says("function_payload_too_large")
        || facts.answer.headers().contains_key("x-vercel-error")
    {
        return true;
    }
    let server = facts.answer.headers().get("server");
    let server = server
        .and_then(|name| name.to_str().ok())
        .unwrap_or_default();
    let name = server.split(['/', ' ']).next().unwrap_or_default();
    let named = PROXIES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name));
    let stock = facts
        .lower
        .match_indices("413 request entity too large")
        .count()
        > 1
        || facts.says("nginx/");
    facts.root.is_null() && (named || stock)
}

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
