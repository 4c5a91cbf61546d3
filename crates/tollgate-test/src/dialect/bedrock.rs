//! Bedrock: the type of an error is in a header; no wait is ever stated.

use std::time::Duration;

use http::HeaderMap;
use serde_json::json;
use tollgate_core::Window;

use super::{
    openai::answer,
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, wire::Wire};

pub(super) const VOICE: Voice = Voice {
    wire: Wire::Converse,
    tally: Tells::Always,
    say,
    headers,
    told: Told::Nowhere,
    step: Duration::from_secs(1),
};

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => {
            let what = if it.counts_tokens() {
                "tokens"
            } else {
                "requests"
            };
            let per = if it.window == Window::Day {
                " per day"
            } else {
                ""
            };
            let text = format!("Too many {what}{per}, please wait before trying again.");
            error(429, "ThrottlingException", &text)
        }
        Trouble::Overloaded { .. } => error(
            503,
            "ServiceUnavailableException",
            "Bedrock is unable to process your request.",
        ),
        Trouble::Exhausted { .. } => error(
            400,
            "ServiceQuotaExceededException",
            "Your request exceeds the service quota for your account.",
        ),
        Trouble::Auth => error(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        Trouble::TooLong { .. } => error(
            400,
            "ValidationException",
            "Input is too long for requested model.",
        ),
        Trouble::NoModel { .. } => error(
            400,
            "ValidationException",
            "The provided model identifier is invalid.",
        ),
        Trouble::Broken => error(
            500,
            "InternalServerException",
            "The system encountered an unexpected error during processing. Try your request again.",
        ),
    }
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

fn error(status: u16, kind: &str, message: &str) -> Answer {
    let kind = format!("{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/");
    answer(status, &json!({ "message": message }))
        .header("x-amzn-errortype", kind)
        .header("x-amzn-requestid", "00000000-0000-0000-0000-000000000000")
}
