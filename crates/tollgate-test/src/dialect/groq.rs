//! Groq: `-requests` headers are per day and `-tokens` headers per minute, whatever else is limited.

use http::HeaderMap;
use serde_json::{Value, json};
use tollgate_core::{LimitKind, Window};

use super::{
    Limited, format,
    openai::{self, error, level_headers},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::Answer;

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Groq,
    say,
    headers,
    told: Told::Seconds,
    ..openai::VOICE
};

/// The times that a usage has beside its tokens, in seconds:
/// <https://console.groq.com/docs/api-reference#chat-create>.
pub(crate) fn add_times(usage: &mut Value) {
    usage["queue_time"] = json!(0.018);
    usage["prompt_time"] = json!(0.002);
    usage["completion_time"] = json!(0.046);
    usage["total_time"] = json!(0.048);
}

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => {
            let status = if it.hopeless { 413 } else { 429 };
            error(
                status,
                &limited(it),
                it.noun(),
                &json!("rate_limit_exceeded"),
            )
        }
        Trouble::Overloaded { .. } => error(
            498,
            "The request was rejected because the `flex` tier capacity exceeded. Please try again later.",
            "flex_tier_capacity_exceeded",
            &json!("capacity_exceeded"),
        ),
        Trouble::Exhausted { .. } => error(
            400,
            "Organization has been restricted because its spend limit was reached. Visit https://console.groq.com/settings/billing",
            "invalid_request_error",
            &json!("blocked_api_access"),
        ),
        Trouble::Auth => error(
            401,
            "Invalid API Key",
            "invalid_request_error",
            &json!("invalid_api_key"),
        ),
        Trouble::TooLong { .. } => error(
            400,
            "Please reduce the length of the messages or completion.",
            "invalid_request_error",
            &json!("context_length_exceeded"),
        ),
        Trouble::NoModel { .. } => (openai::VOICE.say)(trouble),
        Trouble::Broken => error(
            500,
            "Internal Server Error",
            "internal_server_error",
            &Value::Null,
        ),
    }
}

fn limited(it: &Limited) -> String {
    let (noun, window, short) = (it.noun(), it.window, it.short());
    let (limit, used, requested) = (it.limit, it.used, it.requested);
    let head = format!(
        "for model `{}` in organization `org_00000000000000000000000000` service tier `on_demand` on {noun} per {window} ({short}): Limit {limit}",
        it.model
    );
    let more =
        "Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing";
    if it.hopeless {
        return format!(
            "Request too large {head}, Requested {requested}, please reduce your message size and try again. {more}"
        );
    }
    let again = it.retry_after.map_or_else(String::new, |wait| {
        format!(" Please try again in {}.", format::go(wait))
    });
    format!("Rate limit reached {head}, Used {used}, Requested {requested}.{again} {more}")
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for (kind, window) in [
        (LimitKind::Requests, Window::Day),
        (LimitKind::Tokens, Window::Minute),
    ] {
        if let Some(level) = snapshot.scarcest(kind, &[window]) {
            level_headers(level, out);
        }
    }
}
