//! Reads the name of a quota header, whatever the order of its words.
//!
//! * `x-ratelimit-remaining-tokens` (OpenAI, Groq, Azure, xAI), with `-minute`, `-hour`, `-day`
//!   behind it (Cerebras) or `-tokens-prompt` (Fireworks)
//! * `anthropic-ratelimit-input-tokens-remaining`
//! * `x-ratelimit-remaining-minute` (Kong), `x-ratelimit-reset-after` (Discord)
//! * `x-ratelimit-remaining` (GitHub, OpenRouter, Envoy), `ratelimit-remaining` (old IETF drafts)
//! * `ratelimitbysize-remaining`, `x-ratelimitbysize-remaining-minute` (Mistral): tokens
//! * `x-tokenlimit-remaining` (Together): tokens
//! * `ratelimit`, `ratelimit-policy` (IETF)

use tollgate_core::{LimitKind, Window};

/// What a header states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Limit,
    Remaining,
    Reset,
    /// `RateLimit`, which states everything at once.
    Standard,
    /// `RateLimit-Policy`.
    Policy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) field: Field,
    pub(super) kind: LimitKind,
    pub(super) window: Option<Window>,
}

/// Reads a header name; `None` for one that states nothing usable.
pub(super) fn read(name: &str) -> Option<Name> {
    let name = name.strip_prefix("llm_provider-").unwrap_or(name);
    let (name, anthropic) = match name.strip_prefix("anthropic-") {
        Some(rest) => (rest, true),
        None => (name.strip_prefix("x-").unwrap_or(name), false),
    };
    let (rest, mut kind) = if let Some(rest) = name.strip_prefix("ratelimitbysize") {
        (rest, LimitKind::Tokens)
    } else if let Some(rest) = name.strip_prefix("tokenlimit") {
        (rest, LimitKind::Tokens)
    } else {
        let rest = name.strip_prefix("ratelimit");
        let rest = rest.or_else(|| name.strip_prefix("rate-limit"))?;
        (rest, LimitKind::Requests)
    };
    if rest.is_empty() && !anthropic {
        return Some(Name {
            field: Field::Standard,
            kind,
            window: None,
        });
    }
    let mut field = None;
    // Anthropic's limits are per minute: https://docs.claude.com/en/api/rate-limits (2026-09).
    let mut window = anthropic.then_some(Window::Minute);
    for word in rest.split(['-', '_']) {
        match word {
            "limit" => field = Some(Field::Limit),
            "remaining" => field = Some(Field::Remaining),
            "reset" | "timeremaining" => field = Some(Field::Reset),
            "policy" => field = Some(Field::Policy),
            "requests" | "request" | "req" | "calls" | "queries" => kind = LimitKind::Requests,
            "tokens" | "token" if !is_part(kind) => kind = LimitKind::Tokens,
            "input" | "prompt" => kind = LimitKind::InputTokens,
            "output" | "generated" | "completion" => kind = LimitKind::OutputTokens,
            "images" => kind = LimitKind::Images,
            "concurrent" | "concurrency" | "parallel" => kind = LimitKind::Concurrency,
            "second" => window = Some(Window::Second),
            "minute" | "min" => window = Some(Window::Minute),
            "hour" => window = Some(Window::Hour),
            "day" | "daily" => window = Some(Window::Day),
            "month" | "monthly" => window = Some(Window::Month),
            // Plan windows, costs, names and a project's own limits are no dimension.
            "unified" | "cost" | "type" | "resource" | "used" | "bucket" | "scope" | "key"
            | "project" | "global" | "status" | "over" | "cached" | "dynamic" | "fallback" => {
                return None;
            }
            _ => {}
        }
    }
    let field = field?;
    Some(Name {
        field,
        kind,
        window,
    })
}

const fn is_part(kind: LimitKind) -> bool {
    matches!(kind, LimitKind::InputTokens | LimitKind::OutputTokens)
}
