//! Perplexity: bare errors; used-up credits are a 401.

use http::HeaderMap;
use serde_json::json;

use super::{
    openai::{self, answer},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::Answer;

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Always,
    say,
    headers,
    told: Told::Seconds,
    ..openai::VOICE
};

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(_) => error(429, "Too Many Requests"),
        Trouble::Overloaded { .. } => error(503, "Service Unavailable"),
        Trouble::Exhausted { .. } => error(
            401,
            "Insufficient credits. Please add credits to your account.",
        ),
        Trouble::Auth => error(401, "Invalid API key."),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!("The prompt of {tokens} tokens exceeds the context length of {most} tokens."),
        ),
        Trouble::NoModel { model } => error(
            400,
            &format!(
                "Invalid model '{model}'. Permitted models can be found in the documentation at https://docs.perplexity.ai/guides/model-cards."
            ),
        ),
        Trouble::Broken => error(500, "Internal Server Error"),
    }
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

fn error(status: u16, message: &str) -> Answer {
    answer(status, &json!({ "error": { "message": message } }))
}
