//! The query for a target.
//!
//! What a caller asks with its query (`limit`, `after`, `include[]`) passes. What may be a key or a
//! signature does not: each target has its own, and a key must not reach another provider.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Keep;

/// Words in a name that show a secret. `sig` and `pwd` are secrets as whole names only.
const SECRET: [&str; 10] = [
    "key",
    "token",
    "secret",
    "passw",
    "auth",
    "credential",
    "signature",
    "session",
    "cookie",
    "jwt",
];
const SECRET_NAMES: [&str; 2] = ["sig", "pwd"];

/// Signed addresses of AWS and Google: all parts belong to the signature.
const SIGNED: [&str; 2] = ["xamz", "xgoog"];

/// Marks of a place in a list, which only look like a secret.
const PAGES: [&str; 4] = [
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
];

/// The version of the interface at the address that the caller wrote for. Another address has its
/// own.
const OF_ADDRESS: [&str; 1] = ["apiversion"];

/// Adds the target's own query, and what may pass of the original's. The target's own parts win.
pub(super) fn write(own: &str, original: Option<&str>, keep: &Keep, path: &mut String) {
    let mut mark = '?';
    let mut push = |part: &str| {
        path.push(mark);
        path.push_str(part);
        mark = '&';
    };
    if !own.is_empty() {
        push(own);
    }
    for part in original.unwrap_or_default().split('&') {
        let name = name(part);
        let is_set = || own.split('&').any(|own| self::name(own) == name);
        let kept = || keep.query.iter().any(|kept| **kept == *name);
        if !part.is_empty() && (kept() || passes(&name)) && !is_set() {
            push(part);
        }
    }
}

/// The name of a part, as it reads.
fn name(part: &str) -> Cow<'_, str> {
    let end = part.find('=').unwrap_or(part.len());
    percent_decode_str(&part[..end]).decode_utf8_lossy()
}

fn passes(name: &str) -> bool {
    // `metadata[key]` is a field of `metadata`.
    let name = name.split('[').next().unwrap_or_default();
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    let letters: String = letters
        .map(|b| char::from(b.to_ascii_lowercase()))
        .collect();
    let is = |all: &[&str]| all.contains(&&*letters);
    let secret = SECRET.iter().any(|word| letters.contains(word))
        || SIGNED.iter().any(|start| letters.starts_with(start))
        || is(&SECRET_NAMES);
    is(&PAGES) || !(secret || is(&OF_ADDRESS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(own: &str, original: &str) -> String {
        let mut path = String::new();
        write(own, Some(original), &Keep::default(), &mut path);
        path
    }

    #[test]
    fn what_is_asked_passes() {
        for query in [
            "limit=20&after=file-1&order=desc",
            "include[]=reasoning.encrypted_content&stream=true&starting_after=7",
            "alt=sse",
            "beta=true",
            "pageToken=abc&pageSize=5",
            "page_token=abc",
            "metadata[user_key]=7",
            "flag",
        ] {
            assert_eq!(written("", query), format!("?{query}"));
        }
        assert_eq!(written("", ""), "");
        assert_eq!(written("", "&&"), "");
    }

    #[test]
    fn secrets_stay() {
        for name in [
            "key",
            "KEY",
            "api-key",
            "api_key",
            "apiKey",
            "x-api-key",
            "subscription-key",
            "access_token",
            "token",
            "oauth_token",
            "sig",
            "signature",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Goog-Algorithm",
            "password",
            "client_secret",
            "authorization",
            "%6bey",
            "api%5Fkey",
            "key[]",
        ] {
            let query = format!("{name}=canary&limit=1");
            assert_eq!(written("", &query), "?limit=1", "{name}");
        }
    }

    #[test]
    fn the_targets_own_parts_win() {
        let own = "api-version=2024-10-21&v=1%202";
        assert_eq!(
            written(own, "api-version=old&v=9&%76=9&n=1"),
            format!("?{own}&n=1")
        );
        assert_eq!(written("", "api-version=old&n=1"), "?n=1");
        let keep = Keep {
            query: vec!["api-version".into(), "key".into()],
            ..Keep::default()
        };
        let mut path = String::new();
        write("", Some("api-version=old&key=mine"), &keep, &mut path);
        assert_eq!(path, "?api-version=old&key=mine");
    }
}
