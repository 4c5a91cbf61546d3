//! Together: limits of its own for each model, headers without a kind.

use http::HeaderMap;
use serde_json::{Value, json};
use tollgate_core::LimitKind;

use super::{
    format,
    openai::{self, error},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, answer::set};

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Always,
    say,
    headers,
    told: Told::Seconds,
    ..openai::VOICE
};

fn say(trouble: &Trouble<'_>) -> Answer {
    let invalid = "invalid_request_error";
    match trouble {
        Trouble::Limited(it) => {
            let what = if it.counts_tokens() {
                "tokens"
            } else {
                "queries"
            };
            let (model, limit, window) = (&it.model, it.limit, it.window);
            let text = format!(
                "You have reached the rate limit specific to this model {model}. The maximum rate limit for this model is {limit} {what} per {window}. This limit differs from the general rate limits published at Together AI rate limits documentation (https://docs.together.ai/docs/rate-limits)."
            );
            error(429, &text, "model_rate_limit", &Value::Null)
        }
        Trouble::Overloaded { .. } => error(
            503,
            "server is overloaded.",
            "service_unavailable",
            &Value::Null,
        ),
        Trouble::Exhausted { .. } => error(
            402,
            "Credit limit exceeded. Please navigate to https://api.together.ai/settings/billing to add credits or upgrade.",
            "credit_limit",
            &Value::Null,
        ),
        Trouble::Auth => error(
            401,
            "Invalid API key provided. You can find your API key at https://api.together.xyz/settings/api-keys.",
            invalid,
            &json!("invalid_api_key"),
        ),
        Trouble::TooLong { most, tokens } => error(
            422,
            &format!(
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= {most}. Given: {tokens} `inputs` tokens and 0 `max_new_tokens`"
            ),
            invalid,
            &Value::Null,
        ),
        Trouble::NoModel { model } => error(
            404,
            &format!(
                "Unable to access model {model}. Please visit https://api.together.ai/models to view the list of supported models."
            ),
            invalid,
            &json!("model_not_available"),
        ),
        Trouble::Broken => error(500, "Internal server error", "server_error", &Value::Null),
    }
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    if let Some(level) = snapshot.scarcest(LimitKind::Requests, &[]) {
        set(out, "x-ratelimit-limit", &level.limit.to_string());
        set(out, "x-ratelimit-remaining", &level.remaining.to_string());
        set(
            out,
            "x-ratelimit-reset",
            &format::whole_seconds(level.reset).to_string(),
        );
    }
}
