//! Mistral.
//!
//! * `{"object":"error","message":...,"type":...,"code":"3505"}`: 3505 is the capacity of a service
//!   tier, 1300 a rate limit; older bodies carry the type `invalid_request_error` and no code (2025).
//! * Tokens are in `ratelimitbysize-*`; the limit of requests is in no header (2025).

use tollgate_core::LimitKind::Requests;

use super::{Dialect, PLAIN};
use crate::verdict::{BUSY, RATE};

pub(super) const MISTRAL: Dialect = Dialect {
    names: &["mistral", "mistralai"],
    hosts: &["api.mistral.ai", "codestral.mistral.ai"],
    codes: &[("3505", BUSY), ("1300", RATE)],
    phrases: &[
        ("service tier capacity exceeded", BUSY),
        ("requests rate limit exceeded", RATE.limit(Requests)),
    ],
    looks_like: |facts| {
        let object = facts.root.get("object").and_then(|object| object.as_str());
        object == Some("error") && facts.marked(&["3505", "1300"])
    },
    numbers: true,
    ..PLAIN
};
