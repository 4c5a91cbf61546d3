//! xAI: `{"code": ..., "error": "..."}`.
//!
//! The code `resource-exhausted` stands for requests per second, per minute, and for a spent free
//! quota alike; credits are a 429 or a 403 `permission-denied` (koan#2412, 2026). "(actual/limit): 0/0"
//! says that the team has no quota for the model. <https://docs.x.ai/docs/key-information/debugging>
//! A wrong key is a 400 (continuedev/continue#10778, 2026).

use tollgate_core::Scope;

use super::{Dialect, Finding, PLAIN};
use crate::{
    facts::Facts,
    verdict::{AUTH, QUOTA, RATE},
};

pub(super) const XAI: Dialect = Dialect {
    names: &["xai", "grok"],
    hosts: &["api.x.ai", "x.ai", "*.api.x.ai"],
    codes: &[("Some resource has been exhausted", RATE.weak())],
    openings: &[("incorrect api key provided", AUTH)],
    read: Some(read),
    looks_like: |facts| {
        let text = |key: &str| {
            facts
                .root
                .get(key)
                .is_some_and(serde_json::Value::is_string)
        };
        (text("code") && text("error")) || facts.says("(actual/limit):")
    },
    ..PLAIN
};

fn read(facts: &Facts<'_>) -> Option<Finding> {
    const CREDITS: &str = "used all available credits or reached its monthly spending limit";
    if facts.opens_with("your team ") && facts.says(CREDITS) {
        return Some(Finding::phrase((CREDITS, QUOTA.bare())));
    }
    if facts.status() != Some(429) {
        return None;
    }
    if facts.says("usage quota exceeded") {
        return Some(Finding::phrase(("usage quota exceeded", QUOTA)));
    }
    let (_, numbers) = facts.lower.split_once("(actual/limit): ")?;
    let (_, limit) = numbers.split_once('/')?;
    let digits = limit.bytes().take_while(u8::is_ascii_digit).count();
    let zero = digits > 0 && limit[..digits].bytes().all(|b| b == b'0');
    zero.then(|| Finding::new(QUOTA.hits(Scope::Target), "a limit of zero"))
}
