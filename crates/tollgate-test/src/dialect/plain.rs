//! Nobody in particular: what is left when an answer has a status and headers only.

use http::StatusCode;

use super::{
    openai,
    voice::{Tells, Told, Trouble, Voice},
};
use crate::Answer;

pub(super) const VOICE: Voice = Voice {
    tally: Tells::Always,
    say,
    told: Told::Seconds,
    ..openai::VOICE
};

fn say(trouble: &Trouble<'_>) -> Answer {
    let status = match trouble {
        Trouble::Limited(it) if it.hopeless => StatusCode::PAYLOAD_TOO_LARGE,
        Trouble::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        Trouble::Overloaded { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Trouble::Exhausted { .. } => StatusCode::PAYMENT_REQUIRED,
        Trouble::Auth => StatusCode::UNAUTHORIZED,
        Trouble::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Trouble::NoModel { .. } => StatusCode::NOT_FOUND,
        Trouble::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let text = status.canonical_reason().unwrap_or("Error");
    Answer::text(status, text)
}
