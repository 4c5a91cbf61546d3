//! Zhipu's GLM: numbers as codes; 429 for limits, a busy model, and an empty balance alike.

use http::HeaderMap;
use serde_json::json;
use tollgate_core::LimitKind;

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
        Trouble::Limited(it) if it.kind == LimitKind::Concurrency => error(
            429,
            "1302",
            "High concurrency usage of this API, please reduce concurrency or contact customer service to increase limits",
        ),
        Trouble::Limited(_) => error(429, "1302", "Rate limit reached for requests"),
        Trouble::Overloaded { .. } => error(
            429,
            "1305",
            "The service may be temporarily overloaded, please try again later",
        ),
        Trouble::Exhausted { .. } => error(
            429,
            "1113",
            "Insufficient balance or no resource package. Please recharge.",
        ),
        Trouble::Auth => error(401, "1000", "Authentication Failed"),
        Trouble::TooLong { .. } => error(400, "1261", "Prompt exceeds max length"),
        Trouble::NoModel { .. } => {
            error(400, "1211", "Unknown Model, please check the model code.")
        }
        Trouble::Broken => error(500, "500", "Internal Error"),
    }
}

fn headers(_: &Snapshot<'_>, _: &mut HeaderMap) {}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let error = json!({ "code": code, "message": message });
    let id = "00000000000000000000000000000000";
    answer(status, &json!({ "error": error, "request_id": id }))
}
