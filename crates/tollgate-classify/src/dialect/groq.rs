//! Groq.
//!
//! * `x-ratelimit-*-requests` are always per day, `x-ratelimit-*-tokens` always per minute:
//!   <https://console.groq.com/docs/rate-limits> (2026-09). Requests per minute and tokens per day
//!   appear in no header.
//! * 413 with code `rate_limit_exceeded` is a call too large for the limit; 498 is flex capacity.
//! * A spend limit that was reached is a 400 with code `blocked_api_access`:
//!   <https://console.groq.com/docs/spend-limits> (2026-11).

use tollgate_core::{LimitKind, Window};

use super::{Dialect, PLAIN};
use crate::verdict::QUOTA;

pub(super) const GROQ: Dialect = Dialect {
    names: &["groq"],
    hosts: &["api.groq.com"],
    codes: &[("blocked_api_access", QUOTA)],
    looks_like: |facts| facts.says("console.groq.com"),
    windows: Some(|kind| match kind {
        LimitKind::Requests => Some(Window::Day),
        LimitKind::Tokens => Some(Window::Minute),
        _ => None,
    }),
    ..PLAIN
};
