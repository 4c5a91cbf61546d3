//! Tokens that came out of a cache: each provider counts them in its own way.

use super::{answers::cases, *};

/// What an answer settles as, and what it reports.
fn both(form: &str, body: &str) -> (u64, u64) {
    let reader = read(form, body.as_bytes(), usize::MAX);
    let told = reader.told().expect("usage is reported");
    (settled(&reader).0, told.input())
}

#[test]
fn anthropic_counts_no_cache_reads() {
    let usage = r#"{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":25}"#;
    let document = format!(r#"{{"type":"message","content":[],"usage":{usage}}}"#);
    assert_eq!(both(JSON, &document), (210, 3210));
    let start =
        format!("data: {{\"type\":\"message_start\",\"message\":{{\"usage\":{usage}}}}}\n\n");
    assert_eq!(both(EVENTS, &start), (210, 3210));
    let end = "data: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":7}}\n\n";
    assert_eq!(both(EVENTS, &(start + end)), (210, 3210));
}

#[test]
fn bedrock_counts_no_cache_reads() {
    let converse = r#"{"output":{},"usage":{"inputTokens":18,"outputTokens":3,"totalTokens":7921,"cacheReadInputTokens":7000,"cacheWriteInputTokens":900}}"#;
    assert_eq!(both(JSON, converse), (918, 7918));
    let invoke = r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":16,"outputTokenCount":3,"cacheReadInputTokenCount":30}}"#;
    assert_eq!(both(JSON, invoke), (16, 46));
}

#[test]
fn groq_counts_no_cache_reads() {
    let usage = r#""usage":{"queue_time":0.04,"prompt_tokens":4641,"prompt_time":0.01,"completion_tokens":9,"total_tokens":4650,"prompt_tokens_details":{"cached_tokens":4608}}"#;
    assert_eq!(both(JSON, &format!("{{{usage}}}")), (33, 4641));
    let chunk = format!("data: {{\"choices\":[],\"x_groq\":{{{usage}}}}}\n\n");
    assert_eq!(both(EVENTS, &chunk), (33, 4641));
}

#[test]
fn everybody_else_counts_them() {
    for usage in [
        r#"{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":90}}"#,
        r#"{"input_tokens":100,"output_tokens":1,"input_tokens_details":{"cached_tokens":90},"total_tokens":101}"#,
        r#"{"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":90}"#,
        // A gateway that translates Anthropic's answer keeps its keys beside a whole prompt.
        r#"{"prompt_tokens":100,"completion_tokens":1,"cache_read_input_tokens":90}"#,
    ] {
        let body = format!(r#"{{"usage":{usage}}}"#);
        assert_eq!(both(JSON, &body), (100, 100), "{usage}");
    }
    let gemini = r#"{"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":1,"cachedContentTokenCount":90}}"#;
    assert_eq!(both(JSON, gemini), (100, 100));
}

#[test]
fn nothing_settles_above_what_is_reported() {
    for (name, form, body, (input, output, cached)) in cases() {
        let (counted, answer) = settled(&read(form, &body, usize::MAX));
        assert_eq!(answer, output, "{name} ({form})");
        assert!(
            (input - cached..=input).contains(&counted),
            "{name} ({form})"
        );
    }
}
