//! Answers in the words of the providers: those that push back, and those that only look like it.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tollgate_core::{Class, LimitKind, Window};
use tollgate_test::{Answer, Dialect, Limited, Success};

/// An answer, the host that gave it, and what it is.
pub(super) struct Said {
    pub(super) host: &'static str,
    pub(super) name: String,
    pub(super) answer: Answer,
    pub(super) class: Class,
    /// The same call can not succeed at the same place, however long it waits.
    pub(super) hopeless: bool,
    /// The wait that it tells.
    pub(super) told: Option<Duration>,
}

fn said(host: &'static str, name: impl Into<String>, answer: Answer, class: Class) -> Said {
    Said {
        host,
        name: name.into(),
        answer,
        class,
        hopeless: false,
        told: None,
    }
}

/// Everything the test kit can say when a limit is met: each dialect, each kind of limit, each
/// window, told waits and untold ones.
pub(super) fn limits_of_all_dialects() -> Vec<Said> {
    use LimitKind::{Concurrency, Images, InputTokens, OutputTokens, Requests, Tokens};
    use Window::{Day, Hour, Minute, Second};
    let waits = [None, Some(0), Some(644), Some(2_000), Some(1_366_848)];
    let mut all = Vec::new();
    for dialect in Dialect::ALL {
        for kind in [
            Requests,
            Tokens,
            InputTokens,
            OutputTokens,
            Concurrency,
            Images,
        ] {
            for window in [Second, Minute, Hour, Day] {
                for wait in waits {
                    let told = wait.map(Duration::from_millis);
                    let limit = Limited::new(kind).window(window).retry_after(told);
                    let answer = dialect.rate_limited(&limit);
                    let name = format!("{dialect}: {kind} per {window}, told {wait:?} ms");
                    let limited = said(dialect.host(), name, answer, Class::RateLimited);
                    all.push(Said { told, ..limited });
                }
            }
        }
    }
    all
}

/// No capacity, in each dialect, as an answer (529, 503, 498 or 429) and as the first event of a
/// stream that began with 200. MiniMax has no words for it.
pub(super) fn overloads_of_all_dialects() -> Vec<Said> {
    let speaks = |dialect: &Dialect| *dialect != Dialect::MiniMax;
    let both = |dialect: Dialect| {
        let whole = format!("{dialect}: no capacity");
        let stream = format!("{dialect}: no capacity, in a stream");
        let class = Class::Overloaded;
        [
            said(dialect.host(), whole, dialect.overloaded("m"), class),
            said(dialect.host(), stream, dialect.stream_error("m"), class),
        ]
    };
    let all = Dialect::ALL.into_iter().filter(speaks);
    all.flat_map(both).collect()
}

/// What providers and what stands before them were seen to say, in statuses and places where one does
/// not look for a rate limit.
pub(super) fn look_alikes() -> Vec<Said> {
    let (limited, overloaded) = (Class::RateLimited, Class::Overloaded);
    let (openai, anthropic) = (Dialect::OpenAi.host(), Dialect::Anthropic.host());
    let (groq, router) = (Dialect::Groq.host(), Dialect::OpenRouter.host());
    let vertex = "us-central1-aiplatform.googleapis.com";
    let rate_limit_error =
        json!({"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}});
    let groq_413 = json!({"error": {"code": "rate_limit_exceeded", "type": "tokens", "message":
        "Request too large for model `m` in organization `o` on tokens per minute (TPM): Limit 6000, \
         Requested 9001, please reduce your message size and try again."}});
    let exhausted = |message| json!({"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}});
    let bedrock = |name, text| {
        let kind = format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/");
        say(400, json!({ "message": text })).header("x-amzn-errortype", kind)
    };
    let mut groq_413 = said(
        groq,
        "413: above the tokens of a minute",
        say(413, groq_413),
        limited,
    );
    groq_413.hopeless = true;
    let mut no_numbers = said(
        groq,
        "413: it says no more than that",
        say(
            413,
            json!({"error": {"code": "rate_limit_exceeded", "message": "Request too large"}}),
        ),
        limited,
    );
    no_numbers.hopeless = true;
    vec![
        groq_413,
        no_numbers,
        said(
            anthropic,
            "529",
            say(529, json!({"error": {"type": "overloaded_error"}})),
            overloaded,
        ),
        said(anthropic, "529 without a body", bare(529), overloaded),
        said(
            anthropic,
            "a rate limit in a stream",
            event("error", &rate_limit_error),
            limited,
        ),
        said(
            openai,
            "a rate limit in a stream",
            Answer::events([format!(
                "data: {}\n\n",
                json!({"error": {"code": "rate_limit_exceeded", "message": "wait"}})
            )]),
            limited,
        ),
        said(
            openai,
            "503, slow down",
            say(
                503,
                json!({"error": {"message": "Slow Down", "type":
            "service_unavailable_error", "code": "slow_down"}}),
            ),
            overloaded,
        ),
        said(
            router,
            "a 429 inside a 200",
            say(
                200,
                json!({"error": {"code": 429, "message":
            "Provider returned error", "metadata": {"raw": "m is temporarily rate-limited upstream"}}}),
            ),
            limited,
        ),
        said(
            router,
            "a 429 inside a stream",
            Answer::events([
                ": OPENROUTER PROCESSING\n\n".to_owned(),
                format!(
                    "data: {}\n\n",
                    json!({"error": {"code": 429, "message": "Rate limit exceeded"}})
                ),
            ]),
            limited,
        ),
        said(
            vertex,
            "a quota of requests",
            say(
                429,
                exhausted(
                    "Quota exceeded for \
            aiplatform.googleapis.com/generate_content_requests_per_minute_per_project_per_base_model \
            with base model: gemini-2.0-flash.",
                ),
            ),
            limited,
        ),
        said(
            vertex,
            "the shared quota",
            say(
                429,
                exhausted(
                    "Resource exhausted. Please try again \
            later.",
                ),
            ),
            overloaded,
        ),
        said(
            Dialect::Bedrock.host(),
            "throttled with a 400",
            bedrock(
                "ThrottlingException",
                "Too many requests, please wait before trying again.",
            ),
            limited,
        ),
        said(
            "kit.openai.azure.com",
            "high demand",
            say(
                429,
                json!({"error": {"code": "429", "message":
            "The system is currently experiencing high demand and cannot process your request. Your \
             request exceeds the maximum usage size allowed during peak load."}}),
            ),
            overloaded,
        ),
        said(
            "api-inference.huggingface.co",
            "429, but overloaded",
            say(
                429,
                json!({"error":
            "Model is overloaded", "error_type": "overloaded"}),
            ),
            overloaded,
        ),
        said(
            "llm.example",
            "503 with Retry-After",
            bare(503).header("retry-after", "7"),
            overloaded,
        ),
        said("llm.example", "429 without a body", bare(429), limited),
        said(
            "llm.example",
            "429 as a page of HTML",
            Answer::text(
                code(429),
                "<html><head><title>429 Too Many Requests</title></head><body>nginx</body></html>",
            )
            .header("content-type", "text/html"),
            limited,
        ),
        said(
            "llm.example",
            "429 with broken JSON",
            Answer::text(code(429), "{\"error\": {\"mess")
                .header("content-type", "application/json"),
            limited,
        ),
        said(
            "llm.example",
            "429 that is compressed",
            Answer::text(code(429), "\u{1f}\u{8b}").header("content-encoding", "gzip"),
            limited,
        ),
        said(
            "llm.example",
            "a proxy's 1015",
            say(
                429,
                json!({"title": "Error 1015: You are being rate \
            limited", "status": 429, "error_code": 1015, "error_name": "rate_limited"}),
            ),
            limited,
        ),
    ]
}

/// Other answers, some of which speak of 429s and rate limits: none of them is one.
pub(super) fn no_push_backs() -> Vec<Said> {
    let mut all = Vec::new();
    for dialect in Dialect::ALL {
        let quota = dialect.quota_exhausted("m");
        let success = Success::new("m").with_text(
            "HTTP 429 means Too Many Requests: rate_limit_exceeded, overloaded_error, Retry-After: 7",
        );
        for (name, answer, class) in [
            ("a wrong key", dialect.unauthorized(), Class::Auth),
            (
                "no such model",
                dialect.model_not_found("gpt-429"),
                Class::InvalidRequest,
            ),
            (
                "too long",
                dialect.context_too_long(4_290, 42_900),
                Class::InvalidRequest,
            ),
            ("no credit", quota, Class::QuotaExhausted),
            ("broken", dialect.server_error(), Class::ServerError),
            (
                "a success that speaks of 429s",
                dialect.success(&success),
                Class::Ok,
            ),
            (
                "a stream that speaks of 429s",
                dialect.stream(&success),
                Class::Ok,
            ),
        ] {
            all.push(said(
                dialect.host(),
                format!("{dialect}: {name}"),
                answer,
                class,
            ));
        }
    }
    let host = "llm.example";
    let error = |status, text: &str| say(status, json!({"error": {"message": text, "code": null}}));
    all.extend([
        said(
            host,
            "400 that quotes a 429",
            error(400, "unknown field: retry_on_429"),
            Class::InvalidRequest,
        ),
        said(
            host,
            "404 that quotes a 429",
            error(404, "no route /v1/429"),
            Class::InvalidRequest,
        ),
        said(
            host,
            "401 that speaks of limits",
            error(401, "key has no rate limit"),
            Class::Auth,
        ),
        said(
            host,
            "500 with a 429 in its id",
            error(500, "internal error, request 429-529-503"),
            Class::ServerError,
        ),
        said(
            host,
            "422",
            error(422, "max_tokens: 429 is above the limit"),
            Class::InvalidRequest,
        ),
        said(host, "204", bare(204), Class::Ok),
    ]);
    all
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("three digits")
}

fn bare(status: u16) -> Answer {
    Answer::new(code(status))
}

#[expect(clippy::needless_pass_by_value, reason = "bodies are written in place")]
fn say(status: u16, body: Value) -> Answer {
    Answer::json(code(status), &body)
}

fn event(name: &str, value: &Value) -> Answer {
    Answer::events([format!("event: {name}\ndata: {value}\n\n")])
}
