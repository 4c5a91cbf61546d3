//! Moonshot's Kimi: <https://platform.moonshot.ai/docs/api/chat#error-codes> (2026-09).
//!
//! All of these are 429s: `rate_limit_reached_error` (which limit is in the text),
//! `engine_overloaded_error`, and `exceeded_current_quota_error`, which is a matter of money.

use super::{Dialect, PLAIN};
use crate::verdict::{AUTH, BUSY, QUOTA};

pub(super) const KIMI: Dialect = Dialect {
    names: &["kimi", "moonshot", "moonshotai"],
    hosts: &["api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"],
    codes: &[
        ("exceeded_current_quota_error", QUOTA),
        ("engine_overloaded_error", BUSY),
        ("access_terminated_error", AUTH),
    ],
    ..PLAIN
};
