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
    if let Some(found) = usual(name) {
        return Some(found);
    }
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
    for word in rest.as_bytes().split(|b| matches!(b, b'-' | b'_')) {
        match word {
            b"limit" => field = Some(Field::Limit),
            b"remaining" => field = Some(Field::Remaining),
            b"reset" | b"retry" | b"timeremaining" => field = Some(Field::Reset),
            b"policy" => field = Some(Field::Policy),
            b"requests" | b"request" | b"req" | b"calls" | b"queries" => kind = LimitKind::Requests,
            b"tokens" | b"token" if !is_part(kind) => kind = LimitKind::Tokens,
            b"input" | b"prompt" => kind = LimitKind::InputTokens,
            b"output" | b"generated" | b"completion" => kind = LimitKind::OutputTokens,
            b"images" => kind = LimitKind::Images,
            b"concurrent" | b"concurrency" | b"parallel" => kind = LimitKind::Concurrency,
            b"second" => window = Some(Window::Second),
            b"minute" | b"min" => window = Some(Window::Minute),
            b"hour" => window = Some(Window::Hour),
            b"day" | b"daily" => window = Some(Window::Day),
            b"month" | b"monthly" => window = Some(Window::Month),
            // Plan windows, costs, names and a project's own limits are no dimension.
            b"unified" | b"cost" | b"type" | b"resource" | b"used" | b"bucket" | b"scope"
            | b"key" | b"project" | b"global" | b"status" | b"over" | b"cached" | b"dynamic"
            | b"fallback" => {
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

/// The names that come with most answers, without taking them apart.
fn usual(name: &str) -> Option<Name> {
    let (field, kind) = match name.strip_prefix("x-ratelimit-")?.as_bytes() {
        b"limit-requests" => (Field::Limit, LimitKind::Requests),
        b"remaining-requests" => (Field::Remaining, LimitKind::Requests),
        b"reset-requests" => (Field::Reset, LimitKind::Requests),
        b"limit-tokens" => (Field::Limit, LimitKind::Tokens),
        b"remaining-tokens" => (Field::Remaining, LimitKind::Tokens),
        b"reset-tokens" => (Field::Reset, LimitKind::Tokens),
        _ => return None,
    };
    Some(Name {
        field,
        kind,
        window: None,
    })
}

const fn is_part(kind: LimitKind) -> bool {
    matches!(kind, LimitKind::InputTokens | LimitKind::OutputTokens)
}
