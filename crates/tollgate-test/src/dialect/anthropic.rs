//! Anthropic: resets are times of day, 529 is overload.

use std::time::Duration;

use http::HeaderMap;
use serde_json::json;
use tollgate_core::{LimitKind, Window};

use super::{
    Limited, format,
    openai::answer,
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, answer::set, wire::Wire};

pub(super) const VOICE: Voice = Voice {
    wire: Wire::Messages,
    tally: Tells::Always,
    say,
    headers,
    told: Told::Seconds,
    step: Duration::from_secs(1),
};

const CONTACT: &str = "Please try again later or contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.";

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => error(429, "rate_limit_error", &limited(it)),
        Trouble::Overloaded { .. } => error(529, "overloaded_error", "Overloaded"),
        Trouble::Exhausted { .. } => error(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        ),
        Trouble::Auth => error(401, "authentication_error", "invalid x-api-key"),
        Trouble::TooLong { most, tokens } => error(
            400,
            "invalid_request_error",
            &format!("prompt is too long: {tokens} tokens > {most} maximum"),
        ),
        Trouble::NoModel { model } => error(404, "not_found_error", &format!("model: {model}")),
        Trouble::Broken => error(500, "api_error", "Internal server error"),
    }
}

fn limited(it: &Limited) -> String {
    let what = match it.kind {
        LimitKind::Concurrency => {
            return format!(
                "Number of concurrent connections has exceeded your rate limit. {CONTACT}"
            );
        }
        LimitKind::InputTokens => "input tokens",
        LimitKind::OutputTokens => "output tokens",
        _ => it.noun(),
    };
    let (limit, model) = (format::grouped(it.limit), &it.model);
    let per = match it.window {
        Window::Second => "second",
        Window::Hour => "hour",
        Window::Day => "day",
        _ => "minute",
    };
    format!(
        "This request would exceed your organization's rate limit of {limit} {what} per {per} (org: 00000000-0000-0000-0000-000000000000, model: {model}). For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later. You may also contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase."
    )
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for (kind, name) in [
        (LimitKind::Requests, "requests"),
        (LimitKind::Tokens, "tokens"),
        (LimitKind::InputTokens, "input-tokens"),
        (LimitKind::OutputTokens, "output-tokens"),
    ] {
        let Some(level) = snapshot.scarcest(kind, &[]) else {
            continue;
        };
        let name = |part: &str| format!("anthropic-ratelimit-{name}-{part}");
        let reset = format::rfc3339(snapshot.now, level.reset);
        set(out, &name("limit"), &level.limit.to_string());
        set(out, &name("remaining"), &level.remaining.to_string());
        set(out, &name("reset"), &reset);
    }
}

fn error(status: u16, kind: &str, message: &str) -> Answer {
    let error = json!({ "type": kind, "message": message });
    let id = "req_011000000000000000000000";
    answer(
        status,
        &json!({ "type": "error", "error": error, "request_id": id }),
    )
}
