//! Gemini: everything is `RESOURCE_EXHAUSTED`; the details tell which quota, and the wait.

use std::time::Duration;

use http::HeaderMap;
use serde_json::{Value, json};
use tollgate_core::{LimitKind, Window};

use super::{
    Limited, format,
    openai::answer,
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, wire::Wire};

pub(super) const VOICE: Voice = Voice {
    wire: Wire::Gemini,
    tally: Tells::Always,
    say,
    headers,
    told: Told::Nowhere,
    step: Duration::from_millis(1),
};

const DOCS: &str = "https://ai.google.dev/gemini-api/docs/rate-limits";

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => limited(it),
        Trouble::Overloaded { .. } => error(
            503,
            "UNAVAILABLE",
            "The model is overloaded. Please try again later.",
            None,
        ),
        Trouble::Exhausted { model } => {
            // No quota on this tier: the wait that is stated is of no use.
            let none = Limited::new(LimitKind::Requests).of(0, 0, 1);
            limited(&none.window(Window::Day).model(*model))
        }
        Trouble::Auth => error(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            Some(&json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": { "service": "generativelanguage.googleapis.com" },
            }])),
        ),
        Trouble::TooLong { most, tokens } => error(
            400,
            "INVALID_ARGUMENT",
            &format!(
                "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({most})."
            ),
            None,
        ),
        Trouble::NoModel { model } => error(
            404,
            "NOT_FOUND",
            &format!(
                "models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."
            ),
            None,
        ),
        Trouble::Broken => error(
            500,
            "INTERNAL",
            "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
            None,
        ),
    }
}

fn limited(it: &Limited) -> Answer {
    let (metric, id) = match (it.counts_tokens(), it.window) {
        (false, Window::Day) => (
            "requests",
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        ),
        (false, _) => (
            "requests",
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
        ),
        (true, Window::Day) => (
            "input_token_count",
            "GenerateContentInputTokensPerModelPerDay-FreeTier",
        ),
        (true, _) => (
            "input_token_count",
            "GenerateContentInputTokensPerModelPerMinute-FreeTier",
        ),
    };
    let metric = format!("generativelanguage.googleapis.com/generate_content_free_tier_{metric}");
    let again = it.retry_after.map_or_else(String::new, |wait| {
        format!("\nPlease retry in {}s.", format::decimal(wait))
    });
    let message = format!(
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: {DOCS}. \n* Quota exceeded for metric: {metric}, limit: {}, model: {}{again}",
        it.limit, it.model
    );
    let mut details = vec![
        json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric": metric,
                "quotaId": id,
                "quotaDimensions": { "location": "global", "model": it.model },
                "quotaValue": it.limit.to_string(),
            }],
        }),
        json!({
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [{ "description": "Learn more about Gemini API quotas", "url": DOCS }],
        }),
    ];
    if let Some(wait) = it.retry_after {
        // Cut to whole seconds, where the text is exact.
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{}s", wait.as_secs()),
        }));
    }
    error(
        429,
        "RESOURCE_EXHAUSTED",
        &message,
        Some(&Value::Array(details)),
    )
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

fn error(status: u16, name: &str, message: &str, details: Option<&Value>) -> Answer {
    let mut error = json!({ "code": status, "message": message, "status": name });
    if let Some(details) = details {
        error["details"] = details.clone();
    }
    answer(status, &json!({ "error": error }))
}
