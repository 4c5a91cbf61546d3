//! GitHub's REST API, and GitHub Models.
//!
//! * A limit is a 403 or a 429: `retry-after`, else `x-ratelimit-remaining: 0` with a reset in seconds
//!   since 1970: <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api> (2026-09).
//! * Models: "Rate limit of 150 per 86400s exceeded for `UserByModelByDay`. Please wait N seconds"; the
//!   number of seconds behind "per" is the window (2025).

use tollgate_core::LimitKind::Requests;

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    verdict::{MISFIT, RATE},
};

pub(super) const REST: Dialect = Dialect {
    names: &["github_rest", "github"],
    hosts: &["api.github.com"],
    openings: &[
        (
            "you have exceeded a secondary rate limit",
            RATE.limit(Requests),
        ),
        ("api rate limit exceeded for", RATE.limit(Requests)),
        (
            "you have triggered an abuse detection mechanism",
            RATE.limit(Requests),
        ),
    ],
    read: Some(read),
    looks_like: |facts| {
        let link = facts
            .root
            .get("documentation_url")
            .and_then(|link| link.as_str());
        link.is_some_and(|link| link.contains("docs.github.com"))
    },
    ..PLAIN
};

pub(super) const MODELS: Dialect = Dialect {
    names: &["github_models"],
    hosts: &["models.github.ai", "models.inference.ai.azure.com"],
    codes: &[
        ("RateLimitReached", RATE.limit(Requests)),
        ("tokens_limit_reached", MISFIT),
    ],
    looks_like: |facts| facts.answer.headers().contains_key("x-ratelimit-type"),
    ..PLAIN
};

fn read(facts: &Facts<'_>) -> Option<Finding> {
    let left = facts.answer.headers().get("x-ratelimit-remaining")?;
    let spent = matches!(facts.status(), Some(403 | 429)) && left.as_bytes() == b"0";
    let verdict = RATE.limit(Requests);
    spent.then(|| Finding::new(verdict, "header x-ratelimit-remaining = 0"))
}
