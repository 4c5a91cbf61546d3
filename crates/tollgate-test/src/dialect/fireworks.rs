//! Fireworks: limits that adapt, and tokens of prompt and answer apart.

use http::HeaderMap;
use serde_json::{Value, json};
use tollgate_core::LimitKind;

use super::{
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
            let text = format!(
                "Request didn't generate because it exceeded the {} rate limit of your account, please try again later",
                it.noun()
            );
            error(429, &text, "rate_limit_exceeded", "RATE_LIMIT_EXCEEDED")
        }
        Trouble::Overloaded { .. } => error(
            429,
            "server overloaded, please try again later",
            "rate_limit_error",
            "",
        ),
        Trouble::Exhausted { .. } => error(
            412,
            "Account kit is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.",
            "error",
            "FAILED_PRECONDITION",
        ),
        Trouble::Auth => error(
            401,
            "The API key you provided is invalid.",
            "UNAUTHORIZED",
            "",
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!("The prompt is too long: {tokens}, model maximum context length: {most}"),
            invalid,
            "",
        ),
        Trouble::NoModel { .. } => error(
            404,
            "Model not found, inaccessible, and/or not deployed",
            "not_found",
            "NOT_FOUND",
        ),
        Trouble::Broken => error(500, "internal server error", "internal_server_error", ""),
    }
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for (kind, name) in [
        (LimitKind::Requests, "requests"),
        (LimitKind::InputTokens, "tokens-prompt"),
        (LimitKind::OutputTokens, "tokens-generated"),
    ] {
        if let Some(level) = snapshot.scarcest(kind, &[]) {
            set(
                out,
                &format!("x-ratelimit-limit-{name}"),
                &level.limit.to_string(),
            );
            set(
                out,
                &format!("x-ratelimit-remaining-{name}"),
                &level.remaining.to_string(),
            );
        }
    }
}

fn error(status: u16, message: &str, kind: &str, code: &str) -> Answer {
    let code = if code.is_empty() {
        Value::Null
    } else {
        json!(code)
    };
    let error = json!({ "object": "error", "type": kind, "message": message, "code": code });
    answer(status, &json!({ "error": error }))
}
