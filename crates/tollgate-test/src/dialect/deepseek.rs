//! DeepSeek: no quota headers; 402 when the balance is used up.

use http::HeaderMap;
use serde_json::json;

use super::{
    openai::{self, error},
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
    let code = json!("invalid_request_error");
    match trouble {
        Trouble::Limited(_) => error(429, "Rate limit reached", "rate_limit_reached_error", &code),
        Trouble::Overloaded { .. } => error(
            503,
            "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
            "service_unavailable_error",
            &code,
        ),
        Trouble::Exhausted { .. } => error(402, "Insufficient Balance", "unknown_error", &code),
        Trouble::Auth => error(
            401,
            "Authentication Fails, Your api key: ****kit is invalid",
            "authentication_error",
            &code,
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!(
                "This model's maximum context length is {most} tokens. However, you requested {tokens} tokens. Please reduce the length of the messages or completion."
            ),
            "invalid_request_error",
            &code,
        ),
        Trouble::NoModel { .. } => error(400, "Model Not Exist", "invalid_request_error", &code),
        Trouble::Broken => error(500, "Internal Server Error", "server_error", &code),
    }
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}
