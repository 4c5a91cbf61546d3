//! Mistral: headers tell tokens only, per minute and per month.

use std::time::Duration;

use http::HeaderMap;
use serde_json::json;
use tollgate_core::{LimitKind, Window};

use super::{
    format,
    openai::{self, answer},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, answer::set};

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Always,
    say,
    headers,
    told: Told::Nowhere,
    step: Duration::from_secs(1),
    ..openai::VOICE
};

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) if it.counts_tokens() => {
            error(429, "Rate limit exceeded", "rate_limited", "1300")
        }
        Trouble::Limited(_) => answer(429, &json!({ "message": "Requests rate limit exceeded" })),
        Trouble::Overloaded { .. } => error(
            429,
            "Service tier capacity exceeded for this model.",
            "service_tier_capacity_exceeded",
            "3505",
        ),
        Trouble::Exhausted { .. } => answer(
            402,
            &json!({ "message": "Payment required: the monthly usage limit of this workspace was reached" }),
        ),
        Trouble::Auth => answer(401, &json!({ "message": "Unauthorized" })),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!(
                "Prompt contains {tokens} tokens and 0 draft tokens, too large for model with {most} maximum context length"
            ),
            "invalid_request_error",
            "3051",
        ),
        Trouble::NoModel { model } => error(
            400,
            &format!("Invalid model: {model}"),
            "invalid_model",
            "1500",
        ),
        Trouble::Broken => error(
            500,
            "Internal server error",
            "internal_server_error",
            "3000",
        ),
    }
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for (window, name) in [(Window::Minute, "minute"), (Window::Month, "month")] {
        let Some(level) = snapshot.scarcest(LimitKind::Tokens, &[window]) else {
            continue;
        };
        let name = |part: &str| format!("x-ratelimitbysize-{part}-{name}");
        set(out, &name("limit"), &level.limit.to_string());
        set(out, &name("remaining"), &level.remaining.to_string());
        if window == Window::Minute {
            let reset = format::whole_seconds(level.reset).to_string();
            set(out, "ratelimitbysize-limit", &level.limit.to_string());
            set(
                out,
                "ratelimitbysize-remaining",
                &level.remaining.to_string(),
            );
            set(out, "ratelimitbysize-reset", &reset);
        }
    }
}

fn error(status: u16, message: &str, kind: &str, code: &str) -> Answer {
    let body = json!({
        "object": "error",
        "message": message,
        "type": kind,
        "param": null,
        "code": code,
    });
    answer(status, &body)
}
