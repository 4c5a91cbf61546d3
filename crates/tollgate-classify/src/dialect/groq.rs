//! Groq.
//!
//! * `x-ratelimit-*-requests` are always per day, `x-ratelimit-*-tokens` always per minute:
//!   <https://console.groq.com/docs/rate-limits> (2026-09). Requests per minute and tokens per day
//!   appear in no header.
//! * 413 with code `rate_limit_exceeded` is a call too large for the limit; 498 is flex capacity.

use tollgate_core::{LimitKind, Window};

use super::{Dialect, PLAIN};

pub(super) const GROQ: Dialect = Dialect {
    names: &["groq"],
    hosts: &["api.groq.com"],
    looks_like: |facts| facts.says("console.groq.com"),
    windows: Some(|kind| match kind {
        LimitKind::Requests => Some(Window::Day),
        LimitKind::Tokens => Some(Window::Minute),
        _ => None,
    }),
    ..PLAIN
};
