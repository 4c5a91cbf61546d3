//! Decides from the head of an answer what must be read of its body.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    encoded::{Coding, coding},
    scan::Scan,
};

/// What to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Hand it on: a success that says nothing else.
    Pass,
    /// Classify it by its head.
    Head,
    /// Classify it when its start was read.
    Peek(What),
}

/// What to read of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The body of an error.
    Error,
    /// The body of an error that is compressed.
    Compressed,
    /// The first event of a stream.
    FirstEvent,
    /// The first frame of an AWS event stream.
    FirstFrame,
    /// The first line of newline-delimited JSON.
    FirstLine,
    /// A JSON success of a provider that is known to put errors there.
    Json,
    /// A JSON success, of which the first bytes tell whether it may be an error.
    Shape,
    /// A few words that may be an error of a proxy.
    Words,
}

/// Streams of JSON with a line for each event, as Ollama sends them
/// (<https://github.com/ollama/ollama/blob/main/docs/api.md>, 2026-09).
const LINES: [&str; 4] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
];

impl What {
    /// How to find the events of a body that is a stream of them.
    pub(crate) fn stream(self) -> Option<Scan> {
        Some(match self {
            Self::FirstEvent => Scan::events(),
            Self::FirstFrame => Scan::frames(),
            Self::FirstLine => Scan::lines(),
            Self::Error | Self::Compressed | Self::Json | Self::Shape | Self::Words => return None,
        })
    }
}

/// The longest text that counts as a few words, in bytes.
const WORDS: u64 = 64;

/// What to do with an answer of this head. `hides_errors` is asked at most once, and only about a
/// JSON success.
pub(crate) fn plan(
    status: StatusCode,
    headers: &HeaderMap,
    hides_errors: impl FnOnce() -> bool,
) -> Plan {
    let error = status.as_u16() >= 400;
    let what = match status.as_u16() {
        400.. => Some(What::Error),
        // Without a body.
        204 | 205 => None,
        200..=299 => headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| of_success(kind, headers, hides_errors)),
        _ => None,
    };
    match what {
        None => Plan::Pass,
        Some(what) => match coding(headers) {
            Some(Coding::Identity) => Plan::Peek(what),
            Some(_) if error => Plan::Peek(What::Compressed),
            // Not a word of it can be read.
            None if error => Plan::Head,
            // A success is not decoded to look for an error in it.
            _ => Plan::Pass,
        },
    }
}

fn of_success(
    kind: &HeaderValue,
    headers: &HeaderMap,
    hides_errors: impl FnOnce() -> bool,
) -> Option<What> {
    let is_json = || {
        Some(match hides_errors() {
            true => What::Json,
            false => What::Shape,
        })
    };
    // What most of them say, in one comparison.
    if kind == "application/json" {
        return is_json();
    }
    let kind = essence(kind.as_bytes());
    let is = |name: &str| kind.eq_ignore_ascii_case(name.as_bytes());
    if is("text/event-stream") {
        Some(What::FirstEvent)
    } else if is("application/vnd.amazon.eventstream") {
        Some(What::FirstFrame)
    } else if LINES.iter().any(|name| is(name)) {
        Some(What::FirstLine)
    } else if kind.len() >= 4 && kind[kind.len() - 4..].eq_ignore_ascii_case(b"json") {
        is_json()
    } else if is("text/plain") || is("text/html") {
        let few = length(headers).is_some_and(|length| length <= WORDS);
        few.then_some(What::Words)
    } else {
        None
    }
}

/// A media type without its parameters.
fn essence(kind: &[u8]) -> &[u8] {
    let end = kind.iter().position(|byte| *byte == b';');
    kind[..end.unwrap_or(kind.len())].trim_ascii()
}

fn length(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, headers: &[(&'static str, &'static str)]) -> Plan {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let name = http::HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect();
        let status = StatusCode::from_u16(status).expect("a status");
        plan(status, &headers, || true)
    }

    #[test]
    fn errors_are_read_where_they_can_be() {
        for status in [400, 404, 429, 500, 529, 999] {
            assert_eq!(of(status, &[]), Plan::Peek(What::Error));
            assert_eq!(
                of(status, &[("content-encoding", "Identity")]),
                Plan::Peek(What::Error)
            );
            let read = match cfg!(feature = "compressed") {
                true => Plan::Peek(What::Compressed),
                false => Plan::Head,
            };
            assert_eq!(of(status, &[("content-encoding", "gzip")]), read);
            let one = [("content-encoding", "identity"), ("content-encoding", "br")];
            assert_eq!(of(status, &one), read);
            for unknown in ["gzip, br", "compress", "aws-chunked"] {
                let head = [("content-encoding", unknown)];
                assert_eq!(of(status, &head), Plan::Head, "{unknown}");
            }
        }
    }

    #[test]
    fn successes_are_read_by_their_type() {
        for (kind, what) in [
            ("text/event-stream", Plan::Peek(What::FirstEvent)),
            (
                "application/vnd.amazon.eventstream",
                Plan::Peek(What::FirstFrame),
            ),
            (
                "Text/Event-Stream; charset=utf-8",
                Plan::Peek(What::FirstEvent),
            ),
            ("application/json", Plan::Peek(What::Json)),
            (
                "application/problem+JSON ; charset=utf-8",
                Plan::Peek(What::Json),
            ),
            ("application/octet-stream", Plan::Pass),
            ("text/plain", Plan::Pass),
            ("json", Plan::Peek(What::Json)),
            ("son", Plan::Pass),
            ("", Plan::Pass),
        ] {
            assert_eq!(of(200, &[("content-type", kind)]), what, "{kind}");
            let packed = [("content-type", kind), ("content-encoding", "gzip")];
            assert_eq!(of(200, &packed), Plan::Pass, "{kind}");
            assert_eq!(of(302, &[("content-type", kind)]), Plan::Pass, "{kind}");
        }
        assert_eq!(of(200, &[]), Plan::Pass);
    }

    #[test]
    fn few_words_are_read() {
        for (length, plan) in [
            ("0", Plan::Peek(What::Words)),
            ("64", Plan::Peek(What::Words)),
            ("65", Plan::Pass),
            ("-1", Plan::Pass),
        ] {
            for kind in ["text/plain; charset=UTF-8", "text/html"] {
                let head = [("content-type", kind), ("content-length", length)];
                assert_eq!(of(200, &head), plan);
            }
        }
    }
}
