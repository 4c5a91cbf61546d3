//! A classification in a plain sentence: what it is, why, and what to do.

use tollgate_core::{Class, Classification};

/// "A rate limit on tokens per minute (error.type = tokens): wait 644ms and send it again, or send
/// it elsewhere."
pub(crate) fn sentence(seen: &Classification) -> String {
    let what = match seen.class() {
        Class::Ok => "A success",
        Class::RateLimited => "A rate limit",
        Class::QuotaExhausted => "A quota that is used up",
        Class::Overloaded => "An overload",
        Class::ServerError => "A fault of the provider",
        Class::Timeout => "A timeout",
        Class::Auth => "A refused key",
        Class::InvalidRequest => "A wrong call",
        _ => "An answer of a new kind",
    };
    let limit = seen.limit().map(|limit| {
        let kind = limit.as_str().replace('_', " ");
        format!(" on {kind}")
    });
    let window = seen.window().map(|window| format!(" per {window}"));
    let model = seen.model().map(|model| format!(" of {model}"));
    let (limit, window, model) = (
        limit.unwrap_or_default(),
        window.unwrap_or_default(),
        model.unwrap_or_default(),
    );
    let evidence = seen.evidence();
    format!(
        "{what}{limit}{window}{model} ({evidence}): {}.",
        advice(seen)
    )
}

fn advice(seen: &Classification) -> String {
    if seen.class() == Class::Ok {
        return "use the answer".to_owned();
    }
    let again = match (seen.retry_same(), seen.wait()) {
        (false, _) => None,
        (true, None) => Some("wait a while and send it again".to_owned()),
        (true, Some(wait)) if wait.is_zero() => Some("send it again".to_owned()),
        (true, Some(wait)) => Some(format!("wait {wait:?} and send it again")),
    };
    match (again, seen.try_elsewhere()) {
        (Some(again), true) => format!("{again}, or send it elsewhere"),
        (Some(again), false) => again,
        (None, true) => "send it elsewhere; here it stays refused".to_owned(),
        (None, false) => "change it; nobody will serve it as it is".to_owned(),
    }
}
