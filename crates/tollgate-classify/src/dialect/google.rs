//! Gemini, Vertex AI, and Cloud Code (the OAuth login of gemini-cli).
//!
//! * `RESOURCE_EXHAUSTED` stands for every limit, "check your plan and billing details" is
//!   boilerplate; the `quotaId` of `QuotaFailure` names the limit:
//!   <https://ai.google.dev/gemini-api/docs/rate-limits> (2026-09).
//! * "limit: 0", an absent `quotaValue` and `quota_limit_value` "0" mean that this tier or region has
//!   no quota at all: the stated wait is useless ("limit: 0.5" is not zero; google-gemini/gemini-cli
//!   tests, 2026).
//! * Vertex "Resource exhausted" without a quota is shared capacity: error-code-429 in
//!   <https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429> (2026-09). An allocation
//!   of GPUs never clears by waiting.
//! * Cloud Code: `ErrorInfo.reason` is `QUOTA_EXHAUSTED`, `MODEL_CAPACITY_EXHAUSTED` or
//!   `INSUFFICIENT_G1_CREDITS_BALANCE` (google-gemini/gemini-cli, 2026).

use tollgate_core::Scope;

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    verdict::{AUTH, BUSY, QUOTA, RATE},
};

pub(super) const GOOGLE: Dialect = Dialect {
    names: &[
        "gemini",
        "google",
        "google_gemini",
        "google_ai_studio",
        "vertex",
        "vertex_ai",
        "google_vertex",
        "gemini_code_assist",
    ],
    families: &[("aiplatform.", ".rep.googleapis.com")],
    hosts: &[
        "generativelanguage.googleapis.com",
        "*aiplatform.googleapis.com",
        "cloudcode-pa.googleapis.com",
    ],
    openings: &[
        ("user location is not supported", AUTH),
        ("api key not valid", AUTH),
        ("api key expired", AUTH),
        ("api key not found", AUTH),
    ],
    read: Some(read),
    looks_like: |facts| {
        let named = facts.marks.iter().any(|mark| {
            mark.field == "status"
                && mark
                    .value
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_')
        });
        named || facts.says("ai.google.dev") || facts.says("googleapis.com")
    },
    ..PLAIN
};

fn read(facts: &Facts<'_>) -> Option<Finding> {
    if facts.marked(&["MODEL_CAPACITY_EXHAUSTED"]) {
        return Some(Finding::new(BUSY, "reason = MODEL_CAPACITY_EXHAUSTED"));
    }
    if facts.marked(&["INSUFFICIENT_G1_CREDITS_BALANCE"]) {
        return Some(Finding::new(
            QUOTA,
            "reason = INSUFFICIENT_G1_CREDITS_BALANCE",
        ));
    }
    if facts.status() != Some(429) {
        return None;
    }
    if facts.marked(&["QUOTA_EXHAUSTED"]) {
        let quota = QUOTA.bare().hits(Scope::Target);
        return Some(Finding::new(quota, "reason = QUOTA_EXHAUSTED"));
    }
    if facts.limit_is_zero || says_limit_zero(&facts.lower) {
        let none = QUOTA.hits(Scope::Target);
        return Some(Finding::new(none, "a quota of zero"));
    }
    for money in [
        "credits are depleted",
        "spending cap",
        "spend cap",
        "spending limit",
    ] {
        if facts.says(money) {
            return Some(Finding::phrase((money, QUOTA)));
        }
    }
    if facts.says("gpu") && facts.says("quota") {
        return Some(Finding::phrase(("gpu", QUOTA.hits(Scope::Target))));
    }
    if facts.opens_with("resource exhausted") && facts.limits.is_empty() {
        return Some(Finding::phrase(("resource exhausted", BUSY)));
    }
    for load in ["out of capacity", "overloaded", "high demand"] {
        if facts.says(load) {
            return Some(Finding::phrase((load, BUSY)));
        }
    }
    facts
        .marked(&["RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"])
        .then(|| Finding::new(RATE, "error.status = RESOURCE_EXHAUSTED"))
        .or_else(|| {
            facts
                .says("quota")
                .then(|| Finding::phrase(("quota", RATE)))
        })
}

/// "limit: 0", and no digit or fraction behind it.
fn says_limit_zero(lower: &str) -> bool {
    lower.match_indices("limit: 0").any(|(at, found)| {
        let rest = &lower.as_bytes()[at + found.len()..];
        match rest {
            [b'.', next, ..] => !next.is_ascii_digit(),
            [next, ..] => !next.is_ascii_digit(),
            [] => true,
        }
    })
}
