//! What a gateway puts in front of a message changes nothing of what the message says.

use serde_json::Value;

use crate::row::{self, Row};

/// Puts a prefix in front of every message of a body; `None` for pages and streams.
fn prefixed(body: &str, prefix: &str) -> Option<String> {
    if let Ok(mut value) = serde_json::from_str(body) {
        put(&mut value, prefix);
        return Some(value.to_string());
    }
    let text = body.starts_with(|c: char| c.is_ascii_uppercase());
    text.then(|| format!("{prefix}{body}"))
}

fn put(value: &mut Value, prefix: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let message = ["message", "error", "detail", "status_msg", "msg"].contains(&&**key);
                match value {
                    Value::String(text) if message => text.insert_str(0, prefix),
                    value => put(value, prefix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, prefix)),
        _ => {}
    }
}

/// The prefixes that gateways write in front of an answer of this status.
fn of(row: &Row) -> Vec<String> {
    let mut all = vec![
        "Error: ".to_owned(),
        "API Error: ".to_owned(),
        "upstream error: ".to_owned(),
        "Upstream request failed: ".to_owned(),
        "Provider returned error: ".to_owned(),
        "[GoogleGenerativeAI Error]: ".to_owned(),
        "(upstream) ".to_owned(),
        "Error from provider (Some Shop): ".to_owned(),
        "litellm.APIError: APIError: OpenAIException - ".to_owned(),
        "openai.APIStatusError: ".to_owned(),
    ];
    let status = row.status;
    if status >= 400 {
        all.extend([
            format!("HTTP {status}: "),
            format!("[{status}] "),
            format!("Error code: {status} - "),
            format!("Provider returned error {status}: "),
            format!("Upstream returned status {status} - Error: "),
            format!("error, status code: {status}, message: "),
        ]);
    }
    // A class of the gateway's own; where the provider says nothing itself, it may inform.
    if status >= 400 && !matches!(status, 500 | 502) {
        all.extend([
            "litellm.RateLimitError: ".to_owned(),
            "litellm.RateLimitError: RateLimitError: OpenAIException - ".to_owned(),
            "429 Too Many Requests: ".to_owned(),
            "openai.AuthenticationError: ".to_owned(),
        ]);
    }
    all
}

#[test]
fn a_prefix_changes_no_field() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (at, row) in row::all().iter().enumerate() {
        let Some(bare) = prefixed(&row.body, "") else {
            continue;
        };
        let origins = [row.provider.as_deref(), None];
        let wants = origins.map(|origin| row.with_body(bare.as_bytes(), origin));
        for (turn, prefix) in of(row).into_iter().enumerate() {
            // Told and untold in turn: both together are too slow for a debug build.
            let turn = (at + turn) % 2;
            let (origin, want) = (origins[turn], &wants[turn]);
            let body = prefixed(&row.body, &prefix).expect("as before");
            let got = row.with_body(body.as_bytes(), origin);
            // The evidence may be another one of the same weight.
            let got = got.with_evidence(want.evidence().to_owned());
            if got != *want {
                let id = &row.id;
                wrong.push(format!("{prefix}{id} {origin:?}:\n  {got:?}\n  {want:?}"));
            }
            tried += 1;
        }
    }
    assert!(tried > 3_000, "{tried}");
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
