//! One call that goes out.

use std::io;

use http_body_util::BodyExt;
use serde_json::Value;
use tollgate_classify::Classify;
use tollgate_core::{Classification, Note, Quota, Usage};
use tollgate_limit::Ticket;
use tower::ServiceExt;

use crate::wire::{Wire, request};

/// What came of a call that was sent.
pub(super) struct Done {
    pub(super) call: usize,
    pub(super) ticket: Ticket,
    pub(super) quota: Quota,
    /// What it used, or why it was turned away.
    pub(super) end: Result<Usage, Classification>,
}

/// Sends it, and reads what the answer says.
pub(super) async fn send(service: Classify<Wire>, call: usize, ticket: Ticket) -> io::Result<Done> {
    let response = service.oneshot(request(call)).await?;
    let quota = Note::of(&response).map_or_else(Quota::new, |note| *note.quota());
    let seen = Classification::of(&response).into_owned();
    let end = if response.status().is_success() {
        let body = response.into_body().collect().await?.to_bytes();
        let answer: Value = serde_json::from_slice(&body)?;
        let tokens = |name: &str| answer["usage"][name].as_u64().unwrap_or(0);
        Ok(Usage::new(
            tokens("prompt_tokens"),
            tokens("completion_tokens"),
        ))
    } else {
        Err(seen)
    };
    Ok(Done {
        call,
        ticket,
        quota,
        end,
    })
}
