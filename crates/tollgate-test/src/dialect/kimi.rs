//! Moonshot's Kimi: three kinds of 429, told apart by their type; the wait is in the text only.

use http::HeaderMap;
use serde_json::json;
use tollgate_core::LimitKind;

use super::{
    Limited, format,
    openai::{self, answer},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::Answer;

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Always,
    say,
    headers,
    told: Told::Nowhere,
    ..openai::VOICE
};

const WHO: &str = "Your account org-00000000000000000000000000000000<ak-00000000000000000000>";

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => error(429, &limited(it), "rate_limit_reached_error"),
        Trouble::Overloaded { .. } => error(
            429,
            "The engine is currently overloaded, please try again later",
            "engine_overloaded_error",
        ),
        Trouble::Exhausted { .. } => error(
            429,
            &format!(
                "{WHO} is suspended due to insufficient balance, please recharge your account or check your plan and billing details"
            ),
            "exceeded_current_quota_error",
        ),
        Trouble::Auth => error(
            401,
            "Invalid Authentication",
            "invalid_authentication_error",
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!("Your request exceeded model token limit: {most} (requested: {tokens})"),
            "invalid_request_error",
        ),
        Trouble::NoModel { model } => error(
            404,
            &format!("Not found the model {model} or Permission denied"),
            "resource_not_found_error",
        ),
        Trouble::Broken => error(500, "Internal server error", "server_error"),
    }
}

fn limited(it: &Limited) -> String {
    // A place among the calls at the same time has no known end: one second is what is said.
    let wait = it.retry_after.map_or(1, format::whole_seconds);
    let (limit, used, short) = (it.limit, it.used, it.short());
    let what = match it.kind {
        LimitKind::Concurrency => format!("request reached max organization concurrency: {limit}"),
        _ if it.counts_tokens() => {
            format!(
                "request reached organization {short} rate limit, current: {used}, limit: {limit}"
            )
        }
        _ => format!("request reached organization max {short}: {limit}"),
    };
    format!("{WHO} {what}, please try again after {wait} seconds")
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

fn error(status: u16, message: &str, kind: &str) -> Answer {
    let error = json!({ "message": message, "type": kind });
    answer(status, &json!({ "error": error }))
}
