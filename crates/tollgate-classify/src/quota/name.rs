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
//! * each of them with a hyphen more (`x-rate-limit-reset-tokens`, Azure; openai/openai-python#937), with
//!   `-tokens-per-minute`, `-tpm` or `-1m` at its end, or with a gateway's name in front (`llm_provider-`
//!   and `x-litellm-` of LiteLLM, `x-upstream-`, `x-provider-`)
//!
//! What limits something else than ordinary calls is left out: audio, batches, priority tiers, cached
//! tokens, money. Limits of a project or a key are kept apart from those of the
//! organisation (`x-ratelimit-remaining-project-tokens`, OpenAI's rate limit guide, 2026-09).

use tollgate_core::{LimitKind, Window};

use crate::text::words;

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
    /// The limit is a part's of the account: a project's or a key's.
    pub(super) partial: bool,
}

/// What gateways put in front of their upstream's headers.
const VENDORS: [&str; 5] = [
    "llm_provider-",
    "x-litellm-",
    "x-upstream-",
    "x-provider-",
    "x-portkey-",
];

/// Reads a header name; `None` for one that states nothing usable.
pub(super) fn read(name: &str) -> Option<Name> {
    if let Some(found) = usual(name) {
        return Some(found);
    }
    let vendor = VENDORS.iter().find_map(|vendor| name.strip_prefix(vendor));
    let name = vendor.unwrap_or(name);
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
            partial: false,
        });
    }
    let mut field = None;
    let mut partial = false;
    // Anthropic's limits are per minute: https://docs.claude.com/en/api/rate-limits (2026-09).
    let mut window = anthropic.then_some(Window::Minute);
    for word in rest.as_bytes().split(|b| matches!(b, b'-' | b'_')) {
        match word {
            b"limit" => field = Some(Field::Limit),
            b"remaining" => field = Some(Field::Remaining),
            b"reset" | b"retry" | b"timeremaining" => field = Some(Field::Reset),
            b"policy" => field = Some(Field::Policy),
            b"requests" | b"request" | b"req" | b"calls" | b"queries"
                if kind != LimitKind::Concurrency =>
            {
                kind = LimitKind::Requests;
            }
            b"tokens" | b"token" if !is_part(kind) => kind = LimitKind::Tokens,
            b"input" | b"prompt" => kind = LimitKind::InputTokens,
            b"output" | b"generated" | b"completion" => kind = LimitKind::OutputTokens,
            b"images" | b"image" => kind = LimitKind::Images,
            b"concurrent" | b"concurrency" | b"parallel" => kind = LimitKind::Concurrency,
            b"second" | b"sec" | b"1s" => window = Some(Window::Second),
            b"minute" | b"min" | b"1m" | b"1min" | b"60s" => window = Some(Window::Minute),
            b"hour" | b"hourly" | b"1h" | b"3600s" => window = Some(Window::Hour),
            b"day" | b"daily" | b"1d" | b"24h" | b"86400s" => window = Some(Window::Day),
            b"month" | b"monthly" | b"30d" => window = Some(Window::Month),
            b"project" | b"key" => partial = true,
            // Plan windows, costs and names are no dimension, nor is what other calls draw on.
            b"unified" | b"cost" | b"type" | b"resource" | b"used" | b"bucket" | b"scope"
            | b"global" | b"status" | b"over" | b"cached" | b"dynamic" | b"fallback" | b"audio"
            | b"video" | b"batch" | b"priority" | b"fast" | b"flex" | b"credits" | b"spend"
            | b"budget" | b"usd" => {
                return None;
            }
            _ => {
                if let Some((counted, length)) = words::abbreviation(word) {
                    kind = counted;
                    window = Some(length);
                }
            }
        }
    }
    let field = field?;
    Some(Name {
        field,
        kind,
        window,
        partial,
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
        partial: false,
    })
}

const fn is_part(kind: LimitKind) -> bool {
    matches!(kind, LimitKind::InputTokens | LimitKind::OutputTokens)
}
