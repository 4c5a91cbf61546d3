//! MiniMax: every answer has status 200; `base_resp` tells what it is.

use http::HeaderMap;
use serde_json::{Value, json};

use super::{
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
        Trouble::Limited(it) if it.counts_tokens() => error(1039, "token limit"),
        Trouble::Limited(_) => error(1002, "rate limit triggered"),
        Trouble::Overloaded { .. } => error(1000, "unknown error"),
        Trouble::Exhausted { .. } => error(1008, "insufficient balance"),
        Trouble::Auth => error(
            1004,
            "login fail: please carry the API secret key in the 'Authorization' field of the request header",
        ),
        Trouble::TooLong { .. } => error(2013, "invalid params, context window exceeds limit"),
        Trouble::NoModel { model } => {
            error(2013, &format!("invalid params, unknown model '{model}'"))
        }
        Trouble::Broken => error(1000, "unknown error, 999 (1000)"),
    }
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

pub(super) fn base_resp(code: u32, message: &str) -> Value {
    json!({ "status_code": code, "status_msg": message })
}

fn error(code: u32, message: &str) -> Answer {
    answer(200, &json!({ "base_resp": base_resp(code, message) }))
}
