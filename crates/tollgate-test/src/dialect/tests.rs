//! Every dialect says what its provider says.

use std::time::Duration;

use serde_json::Value;
use tollgate_core::{LimitKind, Usage, Window};

use super::*;

const MODEL: &str = "kit/model-1";

fn limited(kind: LimitKind, window: Window) -> Limited {
    let wait = Duration::from_millis(7_660);
    Limited::new(kind)
        .window(window)
        .of(6_000, 5_500, 1_266)
        .retry_after(wait)
        .model(MODEL)
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body().to_vec()).expect("text")
}

/// Looks for a number anywhere in a value.
fn holds(value: &Value, number: u64) -> bool {
    match value {
        Value::Number(n) => n.as_u64() == Some(number),
        Value::Array(items) => items.iter().any(|item| holds(item, number)),
        Value::Object(fields) => fields.values().any(|field| holds(field, number)),
        _ => false,
    }
}

#[test]
fn successes_carry_text_model_and_usage() {
    let success = Success::new(MODEL)
        .with_text("one two three")
        .with_usage(Usage::new(1_234, 5_678));
    for dialect in Dialect::ALL {
        let answer = dialect.success(&success);
        assert_eq!(answer.status(), 200, "{dialect}");
        assert!(text(&answer).contains("one two three"), "{dialect}");
        let value = answer.value().expect("JSON");
        assert!(
            holds(&value, 1_234) && holds(&value, 5_678),
            "{dialect}: {value}"
        );
        // Converse and Cohere do not name the model.
        let names = !matches!(dialect, Dialect::Bedrock | Dialect::Cohere);
        assert_eq!(text(&answer).contains(MODEL), names, "{dialect}");
    }
}

#[test]
fn streams_are_events_and_end_with_the_usage() {
    let success = Success::new(MODEL).with_usage(Usage::new(1_234, 5_678));
    let all = Dialect::ALL.into_iter();
    for dialect in all.filter(|it| *it != Dialect::Bedrock) {
        let answer = dialect.stream(&success);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut said = Vec::new();
        for piece in answer.pieces() {
            let event = std::str::from_utf8(piece).expect("text");
            assert!(event.ends_with("\n\n"), "{dialect}: {event:?}");
            assert_eq!(event.matches("\n\n").count(), 1, "{dialect}: {event:?}");
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let data = data.expect("data");
            if data != "[DONE]" {
                said.push(serde_json::from_str::<Value>(data).expect("JSON"));
            }
        }
        assert!(said.iter().any(|value| holds(value, 5_678)), "{dialect}");
        assert!(said.len() >= 5, "{dialect}: a stream of one event is none");
    }
}

#[test]
fn bedrock_streams_in_the_frames_of_aws() {
    let success = Success::new(MODEL).with_usage(Usage::new(1_234, 5_678));
    let answer = Dialect::Bedrock.stream(&success);
    let kind = "application/vnd.amazon.eventstream";
    assert_eq!(answer.headers()["content-type"], kind);
    let pieces = answer.pieces();
    assert_eq!(pieces.len(), 5 + 4);
    for piece in pieces {
        let length = u32::from_be_bytes([piece[0], piece[1], piece[2], piece[3]]);
        assert_eq!(length as usize, piece.len());
    }
    let said = |piece: &[u8], words: &str| String::from_utf8_lossy(piece).contains(words);
    assert!(said(&pieces[0], ":event-type\u{7}\u{0}\u{c}messageStart"));
    assert!(said(&pieces[8], "\"outputTokens\":5678"));
    let error = Dialect::Bedrock.stream_error(MODEL);
    assert_eq!(error.headers()["content-type"], kind);
    assert!(said(&error.body(), "serviceUnavailableException"));
}

#[test]
fn openai_tells_the_usage_of_a_stream_only_when_asked() {
    let success = Success::new(MODEL);
    let untold = Dialect::OpenAi.stream_as(Wire::Chat, &success, false);
    assert!(!text(&untold).contains("usage"));
    let always = Dialect::Groq.stream_as(Wire::Chat, &success, false);
    assert!(text(&always).contains("x_groq"));
}

#[test]
fn limits_are_said_in_the_providers_words() {
    let tokens = limited(LimitKind::Tokens, Window::Minute);
    let requests = limited(LimitKind::Requests, Window::Day);
    for (dialect, limited, words) in [
        (
            Dialect::OpenAi,
            &tokens,
            "on tokens per min (TPM): Limit 6000, Used 5500, Requested 1266. Please try again in 7.66s.",
        ),
        (
            Dialect::OpenAi,
            &requests,
            "on requests per day (RPD): Limit 6000",
        ),
        (
            Dialect::Groq,
            &tokens,
            "service tier `on_demand` on tokens per minute (TPM): Limit 6000, Used 5500, Requested 1266. Please try again in 7.66s.",
        ),
        (
            Dialect::Azure,
            &tokens,
            "have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 8 seconds.",
        ),
        (
            Dialect::Anthropic,
            &tokens,
            "rate limit of 6,000 tokens per minute (org:",
        ),
        (Dialect::Gemini, &requests, "Please retry in 7.66s."),
        (
            Dialect::Gemini,
            &requests,
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        ),
        (Dialect::Gemini, &tokens, r#""retryDelay":"7s""#),
        (Dialect::Mistral, &requests, "Requests rate limit exceeded"),
        (Dialect::Mistral, &tokens, r#""code":"1300""#),
        (
            Dialect::Cerebras,
            &requests,
            "Requests per day limit exceeded",
        ),
        (Dialect::OpenRouter, &requests, "free-models-per-day"),
        (
            Dialect::Kimi,
            &tokens,
            "TPM rate limit, current: 5500, limit: 6000, please try again after 8 seconds",
        ),
        (Dialect::MiniMax, &requests, r#""status_code":1002"#),
        (
            Dialect::Xai,
            &tokens,
            "Tokens per Minute (actual/limit): 5500/6000",
        ),
        (
            Dialect::Bedrock,
            &requests,
            "Too many requests per day, please wait before trying again.",
        ),
        (Dialect::Together, &tokens, "6000 tokens per minute"),
        (
            Dialect::Cohere,
            &requests,
            "limited to 6000 API calls / day",
        ),
        (Dialect::Zhipu, &requests, r#""code":"1302""#),
        (Dialect::Perplexity, &requests, "Too Many Requests"),
        (Dialect::Plain, &requests, "Too Many Requests"),
    ] {
        let answer = dialect.rate_limited(limited);
        let status = if dialect == Dialect::MiniMax {
            200
        } else {
            429
        };
        assert_eq!(answer.status(), status, "{dialect}");
        assert!(
            text(&answer).contains(words),
            "{dialect}: {}",
            text(&answer)
        );
    }
}

#[test]
fn waits_are_stated_where_the_provider_states_them() {
    let limited = limited(LimitKind::Requests, Window::Minute);
    let silent = limited.clone().retry_after(None);
    for dialect in Dialect::ALL {
        let answer = dialect.rate_limited(&limited);
        let headers = answer.headers();
        match dialect.voice().told {
            Told::Nowhere => assert!(!headers.contains_key("retry-after"), "{dialect}"),
            Told::Seconds => assert_eq!(headers["retry-after"], "8", "{dialect}"),
            Told::Millis => {
                assert_eq!(headers["retry-after"], "8", "{dialect}");
                assert_eq!(headers["retry-after-ms"], "7660", "{dialect}");
            }
        }
        let answer = dialect.rate_limited(&silent);
        assert!(!answer.headers().contains_key("retry-after"), "{dialect}");
        // Kimi always says one, "1 seconds" where it does not know.
        let quiet = !text(&answer).contains("again in") && !text(&answer).contains("retry after");
        assert!(quiet, "{dialect}: {}", text(&answer));
    }
}

#[test]
fn quota_headers_have_the_providers_names() {
    let level = |kind, window| {
        Level::new(kind, Some(window), 100, 40).with_reset(Duration::from_millis(90_500))
    };
    let levels = [
        level(LimitKind::Requests, Window::Minute),
        level(LimitKind::Requests, Window::Day),
        level(LimitKind::Tokens, Window::Minute),
        level(LimitKind::InputTokens, Window::Minute),
    ];
    let now = SystemTime::UNIX_EPOCH;
    for (dialect, name, value) in [
        (Dialect::OpenAi, "x-ratelimit-reset-requests", "1m30.5s"),
        (Dialect::Groq, "x-ratelimit-remaining-tokens", "60"),
        (Dialect::Azure, "x-ratelimit-reset-tokens", "90.5"),
        (
            Dialect::Anthropic,
            "anthropic-ratelimit-input-tokens-reset",
            "1970-01-01T00:01:31Z",
        ),
        (Dialect::Mistral, "x-ratelimitbysize-remaining-minute", "60"),
        (Dialect::Mistral, "ratelimitbysize-reset", "91"),
        (Dialect::Cerebras, "x-ratelimit-reset-requests-day", "90.5"),
        (Dialect::Cerebras, "x-ratelimit-limit-tokens-minute", "100"),
        (Dialect::Together, "x-ratelimit-remaining", "60"),
        (
            Dialect::Fireworks,
            "x-ratelimit-remaining-tokens-prompt",
            "60",
        ),
        (Dialect::Cohere, "x-trial-endpoint-call-remaining", "60"),
        (Dialect::Plain, "x-ratelimit-limit-requests", "100"),
    ] {
        let headers = dialect.quota_headers(&levels, now);
        assert_eq!(headers.get(name).expect(name), value, "{dialect}");
    }
    let none = [
        Dialect::Gemini,
        Dialect::Kimi,
        Dialect::MiniMax,
        Dialect::Bedrock,
        Dialect::DeepSeek,
    ];
    assert!(
        none.iter()
            .all(|it| it.quota_headers(&levels, now).is_empty())
    );
}

#[test]
fn groq_shows_requests_per_day_and_tokens_per_minute_only() {
    let minute = Level::new(LimitKind::Requests, Some(Window::Minute), 30, 30);
    let day = Level::new(LimitKind::Tokens, Some(Window::Day), 100, 50);
    let headers = Dialect::Groq.quota_headers(&[minute, day], SystemTime::UNIX_EPOCH);
    assert!(headers.is_empty(), "{headers:?}");
}

#[test]
fn what_can_never_succeed_says_so() {
    let hopeless = limited(LimitKind::Tokens, Window::Minute).too_large();
    let groq = Dialect::Groq.rate_limited(&hopeless);
    assert_eq!(groq.status(), 413);
    assert!(text(&groq).contains("Request too large for model"));
    let openai = Dialect::OpenAi.rate_limited(&hopeless);
    assert_eq!(openai.status(), 429);
    assert!(text(&openai).contains("must be reduced in order to run successfully"));
    assert!(!openai.headers().contains_key("retry-after"));
}

#[test]
fn every_other_trouble_has_its_status() {
    for (dialect, overloaded, exhausted, auth, missing) in [
        (Dialect::OpenAi, 503, 429, 401, 404),
        (Dialect::Azure, 503, 403, 401, 404),
        (Dialect::Anthropic, 529, 400, 401, 404),
        (Dialect::Groq, 498, 400, 401, 404),
        (Dialect::Gemini, 503, 429, 400, 404),
        (Dialect::Mistral, 429, 402, 401, 400),
        (Dialect::Cerebras, 429, 402, 401, 404),
        (Dialect::OpenRouter, 503, 402, 401, 400),
        (Dialect::Kimi, 429, 429, 401, 404),
        (Dialect::MiniMax, 200, 200, 200, 200),
        (Dialect::Xai, 503, 429, 400, 404),
        (Dialect::Bedrock, 503, 400, 403, 400),
        (Dialect::Together, 503, 402, 401, 404),
        (Dialect::Fireworks, 429, 412, 401, 404),
        (Dialect::DeepSeek, 503, 402, 401, 400),
        (Dialect::Cohere, 503, 402, 401, 404),
        (Dialect::Zhipu, 429, 429, 401, 400),
        (Dialect::Perplexity, 503, 401, 401, 400),
        (Dialect::Plain, 503, 402, 401, 404),
    ] {
        assert_eq!(dialect.overloaded(MODEL).status(), overloaded, "{dialect}");
        assert_eq!(
            dialect.quota_exhausted(MODEL).status(),
            exhausted,
            "{dialect}"
        );
        assert_eq!(dialect.unauthorized().status(), auth, "{dialect}");
        assert_eq!(
            dialect.model_not_found(MODEL).status(),
            missing,
            "{dialect}"
        );
        assert!(!dialect.context_too_long(8_192, 9_000).body().is_empty());
        assert!(!dialect.server_error().body().is_empty());
    }
}

#[test]
fn a_status_can_be_asked_for() {
    for dialect in Dialect::ALL {
        for status in [401, 402, 404, 413, 429, 498, 500, 503, 529, 599] {
            let status = StatusCode::from_u16(status).expect("three digits");
            assert_eq!(dialect.with_status(status, MODEL).status(), status);
        }
    }
}

#[test]
fn the_first_event_can_be_an_error() {
    for dialect in Dialect::ALL {
        let answer = dialect.stream_error(MODEL);
        assert_eq!(answer.status(), 200);
        assert!(answer.is_stream());
        if dialect != Dialect::Bedrock {
            assert!(text(&answer).contains("data: {"), "{dialect}");
        }
    }
    let anthropic = text(&Dialect::Anthropic.stream_error(MODEL));
    assert!(anthropic.starts_with("event: error\n"));
}
