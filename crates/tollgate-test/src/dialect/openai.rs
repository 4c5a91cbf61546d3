//! OpenAI, and the shape of errors that many others took over.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tollgate_core::{LimitKind, Window};

use super::{
    Limited, format,
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, answer::set, quota::Level, wire::Wire};

pub(super) const VOICE: Voice = Voice {
    wire: Wire::Chat,
    tally: Tells::IfAsked,
    say,
    headers,
    told: Told::Millis,
    step: Duration::from_millis(1),
};

fn say(trouble: &Trouble<'_>) -> Answer {
    let invalid = "invalid_request_error";
    match trouble {
        Trouble::Limited(it) => {
            let code = json!("rate_limit_exceeded");
            error(429, &limited(it), it.noun(), &code)
        }
        Trouble::Overloaded { .. } => error(
            503,
            "The server is overloaded.",
            "service_unavailable_error",
            &json!("server_is_overloaded"),
        ),
        Trouble::Exhausted { .. } => error(
            429,
            "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
            "insufficient_quota",
            &json!("insufficient_quota"),
        ),
        Trouble::Auth => error(
            401,
            "Incorrect API key provided: sk-kit**************kit. You can find your API key at https://platform.openai.com/account/api-keys.",
            invalid,
            &json!("invalid_api_key"),
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!(
                "This model's maximum context length is {most} tokens. However, your messages resulted in {tokens} tokens. Please reduce the length of the messages."
            ),
            invalid,
            &json!("context_length_exceeded"),
        ),
        Trouble::NoModel { model } => error(
            404,
            &format!("The model `{model}` does not exist or you do not have access to it."),
            invalid,
            &json!("model_not_found"),
        ),
        Trouble::Broken => error(
            500,
            "The server had an error while processing your request. Sorry about that!",
            "server_error",
            &Value::Null,
        ),
    }
}

fn limited(it: &Limited) -> String {
    let what = match (it.kind, it.window) {
        (LimitKind::Concurrency, _) => {
            return "Too many concurrent requests. Please try again later.".into();
        }
        (_, Window::Second) => "sec",
        (_, Window::Day) => "day",
        (_, Window::Hour) => "hour",
        _ => "min",
    };
    let (model, noun, short) = (&it.model, it.noun(), it.short());
    let (limit, used, requested) = (it.limit, it.used, it.requested);
    let head = format!(
        "for {model} in organization org-kit on {noun} per {what} ({short}): Limit {limit}"
    );
    let more = "Visit https://platform.openai.com/account/rate-limits to learn more.";
    if it.hopeless {
        return format!(
            "Request too large {head}, Requested {requested}. The input or output tokens must be reduced in order to run successfully. {more}"
        );
    }
    let again = it.retry_after.map_or_else(String::new, |wait| {
        format!(" Please try again in {}.", format::go(wait))
    });
    format!("Rate limit reached {head}, Used {used}, Requested {requested}.{again} {more}")
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for kind in [LimitKind::Requests, LimitKind::Tokens] {
        if let Some(level) = snapshot.scarcest(kind, &[]) {
            level_headers(level, out);
        }
    }
}

/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the reset as Go prints durations.
pub(super) fn level_headers(level: &Level, out: &mut HeaderMap) {
    let kind = level.kind;
    set(
        out,
        &format!("x-ratelimit-limit-{kind}"),
        &level.limit.to_string(),
    );
    set(
        out,
        &format!("x-ratelimit-remaining-{kind}"),
        &level.remaining.to_string(),
    );
    set(
        out,
        &format!("x-ratelimit-reset-{kind}"),
        &format::go(level.reset),
    );
}

/// `{"error": {"message", "type", "param", "code"}}`.
pub(super) fn error(status: u16, message: &str, kind: &str, code: &Value) -> Answer {
    let error = json!({ "message": message, "type": kind, "param": null, "code": code });
    answer(status, &json!({ "error": error }))
}

/// A JSON body with a status that is known to be one.
pub(super) fn answer(status: u16, body: &Value) -> Answer {
    Answer::json(StatusCode::from_u16(status).expect("three digits"), body)
}
