//! xAI: the error is a text beside a code; the text tells actual and limit.

use http::HeaderMap;
use serde_json::json;
use tollgate_core::Window;

use super::{
    Limited,
    openai::{self, answer},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::Answer;

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Always,
    say,
    told: Told::Seconds,
    headers,
    ..openai::VOICE
};

const TEAM: &str = "team 00000000-0000-0000-0000-000000000000";

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => error(429, "Some resource has been exhausted", &limited(it)),
        Trouble::Overloaded { .. } => error(
            503,
            "The service is currently unavailable",
            "Service temporarily unavailable. The model is at capacity and currently cannot serve this request. Please try again later.",
        ),
        Trouble::Exhausted { .. } => error(
            429,
            "Some resource has been exhausted",
            &format!(
                "Your {TEAM} has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit."
            ),
        ),
        Trouble::Auth => error(
            400,
            "Client specified an invalid argument",
            "Incorrect API key provided: xa***it. You can obtain an API key from https://console.x.ai.",
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            "Client specified an invalid argument",
            &format!(
                "This model's maximum prompt length is {most} but the request contains {tokens} tokens."
            ),
        ),
        Trouble::NoModel { model } => error(
            404,
            "Some requested entity was not found",
            &format!(
                "The model {model} does not exist or your {TEAM} does not have access to it. Please ensure you're using the correct API key."
            ),
        ),
        Trouble::Broken => error(500, "Internal error", "Internal server error."),
    }
}

fn limited(it: &Limited) -> String {
    let per = match it.window {
        Window::Second => "Second",
        Window::Hour => "Hour",
        Window::Day => "Day",
        _ => "Minute",
    };
    let (noun, what) = if it.counts_tokens() {
        ("tokens", "Tokens")
    } else {
        ("requests", "Requests")
    };
    let (model, used, limit) = (&it.model, it.used, it.limit);
    format!(
        "Too many {noun} for {TEAM} and model {model}. Your team's rate limit is — {what} per {per} (actual/limit): {used}/{limit}. You can view your team rate limits at https://console.x.ai."
    )
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    (openai::VOICE.headers)(snapshot, out);
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    answer(status, &json!({ "code": code, "error": message }))
}
