//! Whether an answer shows that its provider counts what is written, and reserves no cap.

use super::*;
use crate::{Expected, Learned};

fn reserves_cap(reader: &UsageReader) -> bool {
    let mut learned = Learned::new();
    reader.teach(&Expected::set(estimate()), &mut learned);
    learned.reserves_cap()
}

#[test]
fn messages_and_gemini_count_what_is_written() {
    for (body, reserves) in [
        (r#"{"usage":{"input_tokens":9,"output_tokens":9}}"#, false),
        (
            r#"{"usage":{"input_tokens":9,"cache_read_input_tokens":0,"output_tokens":9}}"#,
            false,
        ),
        (
            r#"{"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}}"#,
            false,
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":9}}"#,
            true,
        ),
        (
            r#"{"usage":{"input_tokens":9,"output_tokens":9,"total_tokens":18}}"#,
            true,
        ),
        (
            r#"{"usage":{"inputTokens":9,"outputTokens":9,"totalTokens":18}}"#,
            true,
        ),
        (
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":9}}"#,
            true,
        ),
        ("{}", true),
    ] {
        let reader = read(JSON, body.as_bytes(), usize::MAX);
        assert_eq!(reserves_cap(&reader), reserves, "{body}");
    }
}

#[test]
fn headers_show_it_in_any_dialect() {
    let mut headers = headers(JSON);
    headers.insert("anthropic-ratelimit-output-tokens-limit", 8_000.into());
    let mut reader = UsageReader::new(&headers);
    reader.read(br#"{"usage":{"prompt_tokens":9,"completion_tokens":9}}"#);
    assert!(!reserves_cap(&reader));
}
