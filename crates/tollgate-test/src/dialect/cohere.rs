//! Cohere: a message and nothing else; trial keys are limited per minute and per month.

use std::time::Duration;

use http::HeaderMap;
use serde_json::json;
use tollgate_core::{LimitKind, Window};

use super::{
    openai::answer,
    voice::{Snapshot, Tells, Told, Trouble, Voice},
};
use crate::{Answer, answer::set, wire::Wire};

pub(super) const VOICE: Voice = Voice {
    wire: Wire::Cohere,
    tally: Tells::Always,
    say,
    headers,
    told: Told::Nowhere,
    step: Duration::from_secs(1),
};

fn say(trouble: &Trouble<'_>) -> Answer {
    match trouble {
        Trouble::Limited(it) => {
            let (limit, window) = (it.limit, it.window);
            let what = if it.counts_tokens() {
                "tokens"
            } else {
                "API calls"
            };
            error(
                429,
                &format!(
                    "You are using a Trial key, which is limited to {limit} {what} / {window}. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'"
                ),
            )
        }
        Trouble::Overloaded { .. } => error(503, "service unavailable, please try again later"),
        Trouble::Exhausted { .. } => error(
            402,
            "Please add or update your payment method at https://dashboard.cohere.com/billing?tab=payment to continue",
        ),
        Trouble::Auth => error(401, "invalid api token"),
        Trouble::TooLong { most, tokens } => error(
            400,
            &format!(
                "too many tokens: size limit exceeded by {} tokens. Try using shorter or fewer inputs. The limit for this model is {most} tokens.",
                tokens.saturating_sub(*most)
            ),
        ),
        Trouble::NoModel { model } => error(
            404,
            &format!(
                "model '{model}' not found, make sure the correct model ID was used and that you have access to the model."
            ),
        ),
        Trouble::Broken => error(
            500,
            "internal server error, this has been reported to our developers",
        ),
    }
}

fn headers(snapshot: &Snapshot<'_>, out: &mut HeaderMap) {
    if let Some(level) = snapshot.scarcest(LimitKind::Requests, &[Window::Minute]) {
        set(out, "x-trial-endpoint-call-limit", &level.limit.to_string());
        set(
            out,
            "x-trial-endpoint-call-remaining",
            &level.remaining.to_string(),
        );
    }
}

fn error(status: u16, message: &str) -> Answer {
    let id = "00000000-0000-0000-0000-000000000000";
    answer(status, &json!({ "id": id, "message": message }))
}
