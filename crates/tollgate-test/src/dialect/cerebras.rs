//! Cerebras: errors without an envelope, headers for each window, resets in decimal seconds.

use http::HeaderMap;
use serde_json::{Value, json};
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
    ..openai::VOICE
};

fn say(trouble: &Trouble<'_>) -> Answer {
    let invalid = "invalid_request_error";
    match trouble {
        Trouble::Limited(it) => {
            let per = match it.window {
                Window::Hour => "hour",
                Window::Day => "day",
                _ => "minute",
            };
            if it.counts_tokens() {
                let text = format!("Tokens per {per} limit exceeded - too many tokens processed.");
                error(
                    429,
                    &text,
                    "too_many_tokens_error",
                    "quota",
                    &json!("token_quota_exceeded"),
                )
            } else {
                let text = format!("Requests per {per} limit exceeded - too many requests sent.");
                error(
                    429,
                    &text,
                    "too_many_requests_error",
                    "quota",
                    &json!("request_quota_exceeded"),
                )
            }
        }
        Trouble::Overloaded { .. } => error(
            429,
            "We're experiencing high traffic right now! Please try again soon.",
            "too_many_requests_error",
            "queue",
            &json!("queue_exceeded"),
        ),
        Trouble::Exhausted { .. } => error(
            402,
            "Payment required to access this resource.",
            "payment_required_error",
            "quota",
            &json!("payment_required"),
        ),
        Trouble::Auth => error(
            401,
            "Wrong API Key",
            invalid,
            "api_key",
            &json!("wrong_api_key"),
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!(
                "Please reduce the length of the messages or completion. Current length is {tokens} while limit is {most}"
            ),
            invalid,
            "messages",
            &json!("context_length_exceeded"),
        ),
        Trouble::NoModel { model } => error(
            404,
            &format!("Model {model} does not exist or you do not have access to it."),
            "not_found_error",
            "model",
            &json!("model_not_found"),
        ),
        Trouble::Broken => error(
            500,
            "Encountered a server error, please try again.",
            "server_error",
            "",
            &Value::Null,
        ),
    }
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for kind in [LimitKind::Requests, LimitKind::Tokens] {
        for window in [Window::Minute, Window::Hour, Window::Day] {
            let named = |window| {
                snapshot
                    .levels
                    .iter()
                    .find(|it| it.kind == kind && it.window == window)
            };
            let fallback = || (window == Window::Minute).then(|| named(None)).flatten();
            let Some(level) = named(Some(window)).or_else(fallback) else {
                continue;
            };
            let name = |part: &str| format!("x-ratelimit-{part}-{kind}-{window}");
            set(out, &name("limit"), &level.limit.to_string());
            set(out, &name("remaining"), &level.remaining.to_string());
            set(out, &name("reset"), &format::decimal(level.reset));
        }
    }
}

fn error(status: u16, message: &str, kind: &str, param: &str, code: &Value) -> Answer {
    let body = json!({ "message": message, "type": kind, "param": param, "code": code });
    answer(status, &body)
}
