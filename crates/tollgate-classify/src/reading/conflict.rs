//! Conflicts: a 409 is either a state that clears by itself, or a call that stays wrong.
//!
//! The SDKs of OpenAI and Anthropic retry every 409 as a "lock timeout"
//! (openai-python and anthropic-sdk-python, `_should_retry`, 2026-09). "Already exists" and what is
//! wrong with the call itself stay as they are.

use crate::facts::Facts;

/// The unchanged call may succeed later.
pub(super) fn clears(facts: &Facts<'_>) -> bool {
    /// Says so, whatever else it says.
    const AGAIN: [&str; 7] = [
        "try again",
        "try the request again",
        "please retry",
        "retry your request",
        "retry the request",
        "retry later",
        "temporar",
    ];
    const STAYS: [&str; 13] = [
        "already",
        "exists",
        "duplicate",
        "idempoten",
        "invalid",
        "unsupported",
        "not supported",
        "not allowed",
        "not permitted",
        "parameter",
        "mutually exclusive",
        "must ",
        "cannot be used",
    ];
    const CLEARS: [&str; 11] = [
        "conflict",
        "lock",
        "concurrent",
        "in progress",
        "in-progress",
        "another request",
        "being ",
        "busy",
        "not ready",
        "race",
        "aborted",
    ];
    let says = |any: &[&str]| any.iter().any(|phrase| facts.says(phrase));
    if says(&AGAIN) {
        return true;
    }
    let marks = || {
        facts
            .marks
            .iter()
            .map(|mark| mark.value.to_ascii_lowercase())
    };
    let marked = |any: &[&str]| marks().any(|mark| any.iter().any(|word| mark.contains(word)));
    if says(&STAYS) || marked(&STAYS) {
        return false;
    }
    // A gateway's page, or nothing at all, says no more than the status.
    facts.lower.is_empty() || says(&CLEARS) || marked(&CLEARS)
}
