//! A classification in a plain sentence: what it is, why, and what to do.

use http::StatusCode;
use serde_json::Value;
use tollgate_core::{Class, Classification, LimitKind, Window};

use crate::{advice, row::Row};

/// The sentence after the name of the answer, on one line whatever they quote.
pub(crate) fn line(row: &Row, seen: &Classification) -> String {
    let id = match &row.id {
        Value::Null => format!("line {}", row.number),
        Value::String(id) => id.clone(),
        id => id.to_string(),
    };
    let line = format!("{id}: {}", sentence(row.status, seen));
    line.replace(char::is_control, " ")
}

/// "the tokens-per-minute limit of gpt-4o was met (error.type = tokens): wait 644ms and send it
/// again, or send it to another model."
fn sentence(status: StatusCode, seen: &Classification) -> String {
    if seen.class() == Class::Ok {
        return match status.as_u16() {
            ..200 => "not the answer yet: wait for the one that follows.",
            300.. => "a redirect: follow it or fix the address.",
            _ => "a success: use the answer.",
        }
        .to_owned();
    }
    let why = match seen.evidence() {
        "" => String::new(),
        "status" => format!(" (status {})", status.as_u16()),
        evidence => format!(" ({evidence})"),
    };
    format!("{}{why}: {}.", what(seen), advice::of(seen))
}

fn what(seen: &Classification) -> String {
    let of = |word: &str| seen.model().map(|model| format!(" {word} {model}"));
    let model = of("of").unwrap_or_default();
    match seen.class() {
        Class::RateLimited => format!("{}{model} was met", limit(seen, "a rate limit", "limit")),
        Class::QuotaExhausted => format!("{}{model} is used up", limit(seen, "the quota", "quota")),
        Class::Overloaded => format!("{} has no capacity", seen.model().unwrap_or("the provider")),
        Class::ServerError => "the provider failed".to_owned(),
        Class::Timeout => "no answer came in time".to_owned(),
        Class::Auth => format!("the key was refused{}", of("for").unwrap_or_default()),
        Class::InvalidRequest if seen.retry_same() => "the call was refused for now".to_owned(),
        Class::InvalidRequest if seen.try_elsewhere() => {
            format!(
                "the call is wrong for {}",
                seen.model().unwrap_or("this model")
            )
        }
        Class::InvalidRequest => "the call is wrong".to_owned(),
        Class::Transport => "the connection broke".to_owned(),
        other => format!("an answer of the class {other}"),
    }
}

/// "the tokens-per-minute limit"; `bare` where the answer names neither what nor how long.
fn limit(seen: &Classification, bare: &str, word: &str) -> String {
    let kind = seen.limit().map(|kind| kind.as_str().replace('_', "-"));
    match (kind, seen.window()) {
        (None, None) => bare.to_owned(),
        (None, Some(Window::Day)) => format!("the daily {word}"),
        (None, Some(window)) => format!("the per-{window} {word}"),
        (Some(_), _) if seen.limit() == Some(LimitKind::Concurrency) => {
            format!("the {word} on calls at the same time")
        }
        (Some(kind), None) => format!("the {word} on {}", kind.replace('-', " ")),
        (Some(kind), Some(window)) => format!("the {kind}-per-{window} {word}"),
    }
}
