//! Cerebras: no envelope, `param` is "quota" for throttles and "queue" for load.
//!
//! <https://inference-docs.cerebras.ai/support/error> and `/support/rate-limits` (2026-09). The code
//! `token_quota_exceeded` is per minute or per day: the text says which. Resets are decimal seconds.

use tollgate_core::LimitKind::{Requests, Tokens};

use super::{Dialect, PLAIN};
use crate::verdict::{BUSY, RATE};

pub(super) const CEREBRAS: Dialect = Dialect {
    names: &["cerebras"],
    hosts: &["api.cerebras.ai"],
    codes: &[
        ("token_quota_exceeded", RATE.limit(Tokens)),
        ("request_quota_exceeded", RATE.limit(Requests)),
        ("queue_exceeded", BUSY),
        ("too_many_tokens_error", RATE.limit(Tokens).weak()),
    ],
    ..PLAIN
};
