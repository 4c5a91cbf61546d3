//! What it costs to tell what an answer means: a plain success, one with quota headers, and each
//! dialect's 429.
//!
//! `cargo bench -p tollgate-benches --bench classify` prints a table, `-- --json` a line per row. The `read` rows are the
//! reading alone, without a service around it.

use std::{hint::black_box, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::Full;
use tollgate_benches::{Mock, Row, request, run};
use tollgate_classify::{Answer, Builtin, Classifier, ClassifyLayer};
use tollgate_test::{Dialect, Kind, Limited};
use tower_layer::Layer;

fn main() {
    run(rows);
}

fn rows() -> Vec<Row> {
    let plain = || Mock::answering(StatusCode::OK, usual_headers(), completion());
    let told = || Mock::answering(StatusCode::OK, quota_headers(), completion());
    let layer = ClassifyLayer::new();
    let mut rows = vec![
        Row::new("bare", request(), Mock::bare()),
        Row::new("2xx without headers", request(), layer.layer(Mock::bare())),
        Row::new("2xx, 8 headers, bare", request(), plain()),
        Row::new("2xx, 8 headers", request(), layer.layer(plain())),
        Row::new("2xx, 8 + 6 quota headers, bare", request(), told()),
        Row::new("2xx, 8 + 6 quota headers", request(), layer.layer(told())),
        read("read quota, no headers", HeaderMap::new()),
        read("read quota, 8 headers", usual_headers()),
        read("read quota, 8 + 6 quota headers", quota_headers()),
    ];
    rows.extend(Dialect::ALL.map(too_many));
    rows
}

/// A chat completion of 1 KiB, as the headers say.
fn completion() -> Bytes {
    let start = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790942400,"model":"llama-3.1-8b-instant","choices":[{"index":0,"message":{"role":"assistant","content":""#;
    let end = r#""},"finish_reason":"stop"}],"usage":{"prompt_tokens":300,"completion_tokens":150,"total_tokens":450}}"#;
    let words = "x".repeat(1024 - start.len() - end.len());
    Bytes::from([start, &words, end].concat())
}

/// Just the reading of the quota, as it is done for every answer.
fn read(name: &str, headers: HeaderMap) -> Row {
    Row::plain(name, move || {
        let answer = Answer::new(StatusCode::OK, black_box(&headers));
        let answer = answer.with_origin(Some("api.groq.com"));
        black_box(Builtin.quota(&answer));
    })
}

/// A dialect's 429, from its head and body to the note on the response.
fn too_many(dialect: Dialect) -> Row {
    let limited = Limited::new(Kind::Requests)
        .of(30, 30, 1)
        .retry_after(Duration::from_secs(7));
    let answer = dialect.rate_limited(&limited);
    let mock = Mock::answering(answer.status(), answer.headers().clone(), answer.body());
    let name = format!("429, {}", dialect.as_str());
    Row::new(name, to(dialect), ClassifyLayer::new().layer(mock))
}

fn to(dialect: Dialect) -> Request<Full<Bytes>> {
    let mut request = request();
    let uri = format!("https://{}/v1/chat/completions", dialect.host());
    *request.uri_mut() = uri.parse::<Uri>().expect("hosts are names");
    request
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let parsed = |value: &str| value.parse().expect("a header value");
    pairs
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), parsed(value)))
        .collect()
}

fn usual_headers() -> HeaderMap {
    headers(&[
        ("date", "Fri, 02 Oct 2026 12:00:00 GMT"),
        ("content-type", "application/json"),
        ("content-length", "1024"),
        ("connection", "keep-alive"),
        (
            "cache-control",
            "private, max-age=0, no-store, no-cache, must-revalidate",
        ),
        ("vary", "Origin"),
        ("server", "cloudflare"),
        ("x-request-id", "req_01jbq0000000000000000000"),
    ])
}

fn quota_headers() -> HeaderMap {
    let mut all = usual_headers();
    all.extend(headers(&[
        ("x-ratelimit-limit-requests", "14400"),
        ("x-ratelimit-limit-tokens", "18000"),
        ("x-ratelimit-remaining-requests", "14370"),
        ("x-ratelimit-remaining-tokens", "17997"),
        ("x-ratelimit-reset-requests", "2m59.56s"),
        ("x-ratelimit-reset-tokens", "7.66s"),
    ]));
    all
}
