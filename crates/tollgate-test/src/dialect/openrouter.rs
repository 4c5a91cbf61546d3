//! OpenRouter: quota headers are inside the body, and the provider's own error inside that.

use http::HeaderMap;
use serde_json::{Value, json};
use tollgate_core::Window;

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

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => limited(it),
        Trouble::Overloaded { model } => error(
            503,
            "Provider returned error",
            &json!({
                "raw": format!("{model} is temporarily overloaded upstream. Please retry shortly."),
                "provider_name": "Kit",
            }),
        ),
        Trouble::Exhausted { .. } => error(
            402,
            "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
            &json!({ "limit_source": "openrouter_credits" }),
        ),
        Trouble::Auth => error(401, "No auth credentials found", &Value::Null),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!(
                "This endpoint's maximum context length is {most} tokens. However, you requested about {tokens} tokens. Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically."
            ),
            &Value::Null,
        ),
        Trouble::NoModel { model } => error(
            400,
            &format!("{model} is not a valid model ID"),
            &Value::Null,
        ),
        Trouble::Broken => error(
            502,
            "Provider returned error",
            &json!({ "raw": "error code: 502", "provider_name": "Kit" }),
        ),
    }
}

fn limited(it: &Limited) -> Answer {
    let name = match it.window {
        Window::Day => "free-models-per-day",
        _ => "free-models-per-min",
    };
    let mut headers = json!({
        "X-RateLimit-Limit": it.limit.to_string(),
        "X-RateLimit-Remaining": "0",
    });
    if let Some(wait) = it.retry_after {
        headers["X-RateLimit-Reset"] = json!(format::epoch_ms(it.now, wait).to_string());
    }
    let metadata = json!({ "headers": headers, "provider_name": null });
    error(429, &format!("Rate limit exceeded: {name}. "), &metadata)
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

fn error(status: u16, message: &str, metadata: &Value) -> Answer {
    let mut error = json!({ "message": message, "code": status });
    if !metadata.is_null() {
        error["metadata"] = metadata.clone();
    }
    answer(status, &json!({ "error": error, "user_id": "user_kit" }))
}
