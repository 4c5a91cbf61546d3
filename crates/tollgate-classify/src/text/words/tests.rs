//! What texts say about limits.

use tollgate_core::{
    LimitKind::{self, Concurrency, Images, InputTokens, OutputTokens, Requests, Tokens},
    Window::{self, Day, Hour, Minute, Month, Second},
};

use super::{named, split};

#[test]
fn words_are_cut_at_humps_and_digits() {
    assert_eq!(
        split("GenerateRequestsPerDay"),
        ["Generate", "Requests", "Per", "Day"]
    );
    assert_eq!(
        split("TPMRateLimit 60rpm, calls/min"),
        ["TPM", "Rate", "Limit", "60", "rpm", "calls", "/", "min"]
    );
    assert_eq!(split("naïve–x"), ["na", "ve", "x"]);
    assert_eq!(split(""), [""; 0]);
}

#[test]
fn limits_in_words() {
    let rows: &[(&str, Option<LimitKind>, Option<Window>)] = &[
        (
            "a limit of 30,000 input tokens per minute",
            Some(InputTokens),
            Some(Minute),
        ),
        (
            "8,000 output tokens per minute",
            Some(OutputTokens),
            Some(Minute),
        ),
        (
            "on tokens per min (TPM): Limit 10",
            Some(Tokens),
            Some(Minute),
        ),
        (
            "on requests per day (RPD): Limit 10",
            Some(Requests),
            Some(Day),
        ),
        ("60 requests/minute", Some(Requests), Some(Minute)),
        (
            "limited to 20 API calls / minute",
            Some(Requests),
            Some(Minute),
        ),
        ("5 req/s", Some(Requests), Some(Second)),
        ("120 queries per second", Some(Requests), Some(Second)),
        ("reached max RPM: 20", Some(Requests), Some(Minute)),
        ("exceeds your ITPM", Some(InputTokens), Some(Minute)),
        ("OTPM limit", Some(OutputTokens), Some(Minute)),
        ("the TPD limit", Some(Tokens), Some(Day)),
        ("5 images per minute", Some(Images), Some(Minute)),
        ("predict_requests_per_base_model", Some(Requests), None),
        ("limit reached for Token Plan Pro", None, None),
        (
            "the token quota of the current month",
            Some(Tokens),
            Some(Month),
        ),
        ("100 requests per 60 seconds", Some(Requests), Some(Minute)),
        (
            "Rate limit of 50 per 86400s exceeded for UserByDay",
            None,
            Some(Day),
        ),
        (
            "GenerateContentInputTokensPerModelPerMinute",
            Some(InputTokens),
            Some(Minute),
        ),
        (
            "generate_content_requests_per_minute_per_project",
            Some(Requests),
            Some(Minute),
        ),
        ("TPMRateLimitExceeded", Some(Tokens), Some(Minute)),
        ("too many concurrent requests", Some(Concurrency), None),
        (
            "Max parallel request limit reached",
            Some(Concurrency),
            None,
        ),
        ("too many requests in flight", Some(Concurrency), None),
        ("have exceeded token rate limit", Some(Tokens), None),
        ("have exceeded call rate limit", Some(Requests), None),
        ("Too many tokens, please wait", Some(Tokens), None),
        ("Too many requests", Some(Requests), None),
        ("Rate limit reached for requests", Some(Requests), None),
        (
            "the number of request tokens has exceeded your per-minute rate limit",
            Some(Tokens),
            Some(Minute),
        ),
        (
            "6.0 queries and 180000000 tokens per minute",
            None,
            Some(Minute),
        ),
        ("your monthly spend limit", None, Some(Month)),
        ("daily request limit", Some(Requests), Some(Day)),
        ("10 requests a minute", Some(Requests), Some(Minute)),
        ("1000 requests within 24 hours", Some(Requests), Some(Day)),
        ("hourly quota", None, Some(Hour)),
        ("60 requests per 10 seconds", Some(Requests), None),
        ("3 RPM and 10K TPM", None, Some(Minute)),
        ("your limit for this month", None, Some(Month)),
        ("too many connections", Some(Concurrency), None),
        ("quota of 100 requests exceeded", Some(Requests), None),
        ("please try again in 20 s", None, None),
        ("wait a minute", None, None),
        ("your 5-hour limit", None, None),
        ("limit of 100 requests", Some(Requests), None),
        ("limit of 100 credits", None, None),
        ("your 24-hour limit", None, Some(Day)),
        ("a rolling 24 hour window", None, Some(Day)),
        ("50 messages over the last 24 hours", None, Some(Day)),
        ("your 1h limit", None, Some(Hour)),
        ("60-second window", None, Some(Minute)),
        ("minute rate limit exceeded", None, Some(Minute)),
        ("day quota used up", None, Some(Day)),
        ("daily limit", None, Some(Day)),
        ("resets at midnight UTC", None, Some(Day)),
        ("come back tomorrow", None, Some(Day)),
        ("try again in 24 hours", None, None),
        ("try again in 1 hour", None, None),
        ("every hour", None, Some(Hour)),
        ("hourly token quota", Some(Tokens), Some(Hour)),
        (
            "seconds of audio per hour (ASPH): Limit 7200",
            None,
            Some(Hour),
        ),
        ("audio seconds per day (ASD)", None, Some(Day)),
        ("Enqueued token limit reached", Some(Tokens), None),
        (
            "cached input tokens per minute",
            Some(InputTokens),
            Some(Minute),
        ),
        (
            "priority output tokens per minute",
            Some(OutputTokens),
            Some(Minute),
        ),
        (
            "image generations: 5 images per minute",
            Some(Images),
            Some(Minute),
        ),
        ("project tokens per minute", Some(Tokens), Some(Minute)),
        ("每日请求次数已达上限", Some(Requests), Some(Day)),
        ("rate limit exceeded", None, None),
    ];
    for &(text, limit, window) in rows {
        let got = named(text);
        assert_eq!((got.limit, got.window), (limit, window), "{text}");
    }
}
