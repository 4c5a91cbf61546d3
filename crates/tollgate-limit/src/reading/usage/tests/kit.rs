//! What the test kit says, in every dialect.

use tollgate_test::{Dialect, Success};

use super::*;

const TEXT: &str =
    "The gate is open and the road is dry, so that everybody who waits may go on now.";

fn success() -> Success {
    Success::new("m")
        .with_text(TEXT)
        .with_usage(Usage::new(120, 19).with_cached(16))
}

fn reader(answer: tollgate_test::Answer, length: usize) -> UsageReader {
    let body = answer.body();
    let response: http::Response<bytes::Bytes> = answer.into_response();
    let mut reader = UsageReader::new(response.headers());
    body.chunks(length).for_each(|chunk| reader.read(chunk));
    reader
}

#[test]
fn documents_and_streams_of_all_dialects() {
    for dialect in Dialect::ALL {
        // Sixteen tokens of the prompt come out of a cache.
        let counted = match dialect {
            Dialect::Anthropic | Dialect::Groq => 104,
            _ => 120,
        };
        let whole = reader(dialect.success(&success()), 50);
        assert_eq!(settled(&whole), (counted, 19), "{dialect:?}");
        let stream = reader(dialect.stream(&success()), 50);
        match stream.told() {
            Some(_) => assert_eq!(settled(&stream), (counted, 19), "{dialect:?}"),
            None => assert_eq!(settled(&stream), (1_000, 20), "{dialect:?}"),
        }
    }
}

#[test]
fn text_alone_is_counted_not_what_is_around_it() {
    for dialect in Dialect::ALL {
        let body = dialect.stream(&success()).body();
        let stream = reader(dialect.stream(&success()), 50);
        let delivered = stream.seen.delivered().expect("text came");
        assert_eq!(delivered, TEXT.len() as u64 / 4, "{dialect:?}");
        assert!(body.len() > 10 * TEXT.len(), "{dialect:?}: {}", body.len());
    }
}
