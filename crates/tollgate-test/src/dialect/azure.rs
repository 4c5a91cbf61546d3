//! Azure OpenAI: the code of an error is the status as text, waits are whole seconds.

use std::time::Duration;

use http::HeaderMap;
use serde_json::json;
use tollgate_core::LimitKind;

use super::{
    Limited, format,
    openai::{self, answer},
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, answer::set};

pub(super) const VOICE: Voice = Voice {
    headers,
    say,
    told: Told::Millis,
    tally: Tells::IfAsked,
    step: Duration::from_secs(1),
    ..openai::VOICE
};

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => error(429, "429", &limited(it)),
        Trouble::Overloaded { .. } => error(
            503,
            "ServiceUnavailable",
            "The service is temporarily unable to process your request. Please try again later.",
        ),
        Trouble::Exhausted { .. } => error(
            403,
            "403",
            "Out of call volume quota for OpenAI S0 pricing tier.",
        ),
        Trouble::Auth => error(
            401,
            "401",
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
        ),
        Trouble::NoModel { .. } => error(
            404,
            "DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
        ),
        Trouble::Broken => error(
            500,
            "InternalServerError",
            "The server had an error while processing your request. Sorry about that!",
        ),
        Trouble::TooLong { .. } => (openai::VOICE.say)(trouble),
    }
}

fn limited(it: &Limited) -> String {
    let what = if it.counts_tokens() { "token" } else { "call" };
    // A request above the whole quota is told to wait as well: a day, in vain.
    let wait = if it.hopeless {
        Some(86_400)
    } else {
        it.retry_after.map(format::whole_seconds)
    };
    let again = wait.map_or_else(String::new, |s| format!(" Please retry after {s} seconds."));
    format!(
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded {what} rate limit of your current OpenAI S0 pricing tier.{again} Please contact Azure support service if you would like to further increase the default rate limit."
    )
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    for kind in [LimitKind::Requests, LimitKind::Tokens] {
        let Some(level) = snapshot.scarcest(kind, &[]) else {
            continue;
        };
        openai::level_headers(level, out);
        let reset = format::decimal(level.reset);
        set(out, &format!("x-ratelimit-reset-{kind}"), &reset);
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let error = json!({ "code": code, "message": message });
    answer(status, &json!({ "error": error }))
}
