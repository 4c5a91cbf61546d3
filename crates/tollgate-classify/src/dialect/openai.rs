//! OpenAI, and the `ChatGPT` plans behind Codex.
//!
//! * Codes: <https://platform.openai.com/docs/guides/error-codes> (2026-09). `insufficient_quota` may
//!   stand in `type` alone, with a null `code` (waylaidwanderer/node-chatgpt-api#167, 2023).
//! * "Request too large ... Limit, Requested" is a 429 that never succeeds (`TheR1D/shell_gpt#653`,
//!   agent0ai/agent-zero#711, 2025).
//! * A plan's limit is `usage_limit_reached`, with `resets_in_seconds` and `resets_at` (2026-09).

use super::{Dialect, PLAIN};
use crate::verdict::{AUTH, NEVER, QUOTA};

pub(super) const OPENAI: Dialect = Dialect {
    names: &["openai"],
    hosts: &["api.openai.com", "*.api.openai.com"],
    codes: &[
        ("organization_spend_limit_exceeded", QUOTA),
        ("project_spend_limit_exceeded", QUOTA),
        ("organization_usage_limit_exceeded", QUOTA),
        ("access_terminated", AUTH),
        ("string_above_max_length", NEVER),
    ],
    looks_like: |facts| facts.says("platform.openai.com"),
    ..PLAIN
};

pub(super) const CODEX: Dialect = Dialect {
    names: &["chatgpt_codex", "chatgpt", "codex"],
    hosts: &["chatgpt.com"],
    codes: &[
        ("usage_limit_reached", QUOTA.bare()),
        ("usage_not_included", QUOTA.bare()),
    ],
    ..PLAIN
};
