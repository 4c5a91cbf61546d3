//! Portkey: hands on its upstreams' answers and adds its own.
//!
//! A timeout is a 408 that names the timeout ("5000ms", which is no wait), a guardrail a 446, a budget
//! a 412: <https://portkey.ai/docs/api-reference/inference-api/error-codes> (2026-09; the 412 is from
//! reports, not from that page).

use tollgate_core::LimitKind::Requests;

use super::{Dialect, PLAIN};
use crate::verdict::{QUOTA, RATE};

pub(super) const PORTKEY: Dialect = Dialect {
    names: &["portkey"],
    hosts: &["api.portkey.ai"],
    openings: &[
        ("portkey error: usage limit exceeded", QUOTA),
        ("portkey error: budget", QUOTA),
    ],
    phrases: &[(
        "rate limit exceeded for the virtual key",
        RATE.limit(Requests),
    )],
    looks_like: |facts| facts.opens_with("portkey error"),
    gateway: true,
    ..PLAIN
};
