//! Prefixes of gateways.

use super::{Prefix, of, tags};

/// Prefix, status, exception.
type Row = (&'static str, Option<u16>, Option<&'static str>);

#[test]
fn prefixes_of_gateways() {
    let rows: &[Row] = &[
        ("litellm.RateLimitError: ", None, Some("RateLimitError")),
        (
            "litellm.RateLimitError: RateLimitError: OpenAIException - ",
            None,
            Some("OpenAIException"),
        ),
        (
            "litellm.RateLimitError: AzureException RateLimitError - Error code: 429 - ",
            Some(429),
            Some("RateLimitError"),
        ),
        ("litellm.Timeout: ", None, Some("Timeout")),
        ("Provider returned error 403: ", Some(403), None),
        ("Provider returned error: ", None, None),
        ("[GoogleGenerativeAI Error]: ", None, None),
        (
            "[GoogleGenerativeAI Error]: Error fetching from https://g.example/v1/models/m-1:generateContent?key=AIza: [429 Too Many Requests] ",
            Some(429),
            None,
        ),
        ("got status: 429 Too Many Requests. ", Some(429), None),
        ("Error: ", None, None),
        ("API Error: ", None, None),
        ("OpenAI API error: ", None, None),
        ("Error code: 429 - ", Some(429), None),
        ("429 Too Many Requests: ", Some(429), None),
        ("429 ", Some(429), None),
        ("429: ", Some(429), None),
        ("[429] ", Some(429), None),
        ("(upstream) ", None, None),
        ("[openai/gpt-5.4] [400]: ", Some(400), None),
        ("upstream error: ", None, None),
        ("Upstream request failed: ", None, None),
        ("Upstream responded with status 529: ", Some(529), None),
        ("Error from provider (Some Shop): ", None, None),
        ("HTTP 429: ", Some(429), None),
        ("HTTP/1.1 429 Too Many Requests: ", Some(429), None),
        ("429 Client Error: ", Some(429), None),
        ("API error (402): ", Some(402), None),
        (
            "error, status code: 429, status: 429 Too Many Requests, message: ",
            Some(429),
            None,
        ),
        (
            "Client error: `POST https://a.example/v1/chat/completions` resulted in a `429 Too Many Requests` response:\n",
            Some(429),
            None,
        ),
        (
            "An error occurred (ThrottlingException) when calling the InvokeModelWithResponseStream operation (reached max retries: 4): ",
            None,
            Some("ThrottlingException"),
        ),
        (
            "google.api_core.exceptions.ResourceExhausted: 429 ",
            Some(429),
            Some("ResourceExhausted"),
        ),
        ("错误：", None, None),
        ("上游返回错误: ", None, None),
    ];
    for &(prefix, status, exception) in rows {
        for rest in ["You have run out of credits.", "余额不足", "{\"error\":{}}"] {
            let text = format!("{prefix}{rest}");
            let got = of(&text);
            let cut = &text[got.len..];
            assert_eq!((cut, got.status, got.exception), (rest, status, exception));
        }
    }
}

#[test]
fn bytes_of_python() {
    let text = r#"VertexAIException BadRequestError - b'{"error":1}'"#;
    assert_eq!(&text[of(text).len..], r#"{"error":1}'"#);
}

#[test]
fn what_is_no_prefix() {
    for text in [
        "Rate limit error: too many tokens",
        "Rate limit reached for gpt-4o: try again",
        "Model rate limit exceeded. RPM limit=60",
        "error code: 1015",
        "error code: 1015 | ray: 8f",
        "Error Code: 03",
        "Portkey Error: Rate limit exceeded",
        "Authentication Error, ExceededBudget: over",
        "Invalid value: 'Your credit balance is too low'",
        "messages.0.content: Error: Your credit balance is too low",
        "500 tokens remain: wait",
        "4290 Requests",
        "Too Many Requests",
        "upstream connect error or disconnect/reset before headers. reset reason: overflow",
        "The model is overloaded: try later",
        "Error",
        "Error:",
        "Error: 5",
        "[",
        "[1,2]",
        "(",
        "[GoogleGenerativeAI Error",
        "https://a.example/error",
        "",
    ] {
        assert_eq!(of(text).len, 0, "{text}");
    }
}

#[test]
fn a_message_that_is_a_status() {
    for text in [
        "Request failed with status code 429",
        "429 Too Many Requests",
        "HTTP error 429",
    ] {
        let want = Prefix {
            status: Some(429),
            ..Prefix::default()
        };
        assert_eq!(of(text), want, "{text}");
    }
}

#[test]
fn a_long_chain_ends() {
    let text = "Error: ".repeat(1_000) + "x";
    assert_eq!(of(&text).len, 8 * "Error: ".len());
    let words = "error ".repeat(1_000);
    assert_eq!(of(&words).len, 0);
}

#[test]
fn tags_in_front() {
    for (text, width) in [
        ("[INFO] Insufficient", 7),
        ("[2026-10-02T12:00:00Z] (node 3): No", 33),
        ("(eu-1) No", 7),
        ("[\"quoted\"] No", 0),
        ("[open", 0),
        ("[all]", 0),
        ("No [tag]", 0),
        ("", 0),
    ] {
        assert_eq!(tags(text), width, "{text}");
    }
}
