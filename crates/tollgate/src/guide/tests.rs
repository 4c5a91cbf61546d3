//! The table of defaults says what the builders say.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Full, StreamBody};
use tokio::{task::JoinSet, time::Instant};
use tollgate_core::{BoxError, Reason, Rejected, ReplayBody, Target};
use tollgate_limit::{LimitLayer, Limits};
use tollgate_route::{Route, provider::preset};
use tower::{Layer, ServiceExt, service_fn, util::BoxCloneSyncService};

use crate::{Client, Stack};

const TUNING: &str = include_str!("tuning.md");

/// A row of the guide, and what of the builders' `Debug` it stands for.
const ROWS: [(&str, &[&str]); 22] = [
    (
        "| deadline | `deadline` | 10 min for calls that bring none, to the head of the response |",
        &["time: Some(600s), unless_set: true, whole_body: false"],
    ),
    ("| body | `keep_bodies` | 1 MiB |", &["cap: 1048576"]),
    (
        "| off: the deadline of the call; 8 attempts (at most 16) |",
        &["max_wait: None, attempts: 8"],
    ),
    (
        "| 1 s doubling to 60 s, 7 attempts |",
        &["base: 1s, cap: 60s, attempts: 7"],
    ),
    (
        "| 250 ms doubling to 20 s, 4 attempts |",
        &["base: 250ms, cap: 20s, attempts: 4"],
    ),
    (
        "| up to 10 % of it, at least up to 250 ms, at most up to 5 s |",
        &["fraction: 0.1, min: 250ms, max: 5s"],
    ),
    (
        "| the deadline or wait budget of the call; 120 s for a call with neither |",
        &["max: 5s }, max_wait: None"],
    ),
    (
        "| 100 tokens; +0.1 a success, +1 every 10 s; a fault 1, a throttle 0.36, a told wait 0 |",
        &["size: 100.0, deposit: 0.1, transient: 1.0, throttle: 0.36, hinted: 0.0, trickle: 10s"],
    ),
    (
        "| breaker | `consecutive_failures` | 5 |",
        &["consecutive: Some(5)"],
    ),
    (
        "| half of at least 10 calls, in 30 s of 10 steps |",
        &["failure_rate: Some((0.5, 10)), slow: None, window: 30s, buckets: 10"],
    ),
    (
        "| a sixtieth of the outage so far, 5 s to 60 s",
        &["open: 5s, open_max: 60s"],
    ),
    ("| 1: how often a call is sent again", &["timeouts: 1"]),
    ("| 2, 60 s |", &["successes: 2, probe_timeout: 60s"]),
    (
        "| 10 min, 5 min, none (",
        &["attempt: Some(600s), first: None, idle: Some(300s)"],
    ),
    (
        "| time limits | `comments_count` | false",
        &["idle: Some(300s), comments: false"],
    ),
    (
        "| a target's `tries`, `weight`, `wait_budget` | 1, 1, zero",
        &["weight: 1.0, price: None, context: None, wait_budget: None, tries: (1, 0ns)"],
    ),
    ("| `slow_calls` | off |", &["slow: None"]),
    (
        "| failures | `Overloaded`, `ServerError`, `Timeout`, `Transport` |",
        &["classes: [Overloaded, ServerError, Timeout, Transport]"],
    ),
    (
        "| limits, `concurrency`, `spacing` | none: headers and rejections count |",
        &["limits: [], concurrency: None, spacing: 0ns"],
    ),
    (
        "| counted by | provider, model and account |",
        &["by: Model"],
    ),
    (
        "| all | keys, or hosts, that are kept | 10,000 |",
        &["hosts: 10000", "keys: 10000"],
    ),
    (
        "| 16 KiB, 2 s |",
        &["max_peek: 16384, peek_time: 2s, max_first_event: 65536, hold: Some(10s)"],
    ),
];

/// Rows that no `Debug` shows; each has a test of its own below.
const IN_USE: [&str; 10] = [
    "| `idle` | a key is forgotten after 10 min without use |",
    "| `max_first_event`, `hold` | 64 KiB, 10 s |",
    "| client | `connect_timeout`, `idle_timeout`, `ping_interval` | 10 s, 90 s, 30 s |",
    "| cooldown without a told wait | the window that is named, else 5 min; 1 s for concurrency |",
    "| longest cooldown | 24 h |",
    "| `max_wait`, `queue` | off: the deadline of the call; 10,000 calls for each key |",
    "| a new key | 6 calls at once, then more after each round trip without a rejection |",
    "| longest pause after a rejection without a wait | 20 s |",
    "| estimate | 4 bytes a token, 1,000 tokens an image; for an answer its cap where the provider reserves it, else the usual length, else 500 |",
    "| `json::read` | the largest answer | 32 MiB |",
];

/// A row that is in neither list is one that nobody checks.
#[test]
fn every_row_of_the_table_is_checked() {
    let table = TUNING.split_once("## Every default").expect("the table").1;
    let rows = table.lines().filter(|line| line.starts_with("| "));
    for row in rows.skip(1) {
        let known = ROWS.iter().map(|(row, _)| *row).chain(IN_USE);
        assert!(known.into_iter().any(|one| row.contains(one)), "{row}");
    }
    for row in IN_USE {
        assert!(table.contains(row), "the guide does not say: {row}");
    }
}

#[test]
fn the_defaults_are_those_of_the_builders() {
    let groq = preset::groq().key("gsk_not_a_real_key");
    let route = Route::new("chat").ordered([groq.model("m")]);
    let stack = format!("{:?}", Stack::new().route(route));
    for (row, settings) in ROWS {
        assert!(TUNING.contains(row), "the guide does not say: {row}");
        for setting in settings {
            assert!(
                stack.contains(setting),
                "{row}: {setting} is not in {stack}"
            );
        }
    }
    let client = format!("{:?}", Client::builder());
    assert!(
        client.contains("connect: 10s, idle: 90s, ping: 30s"),
        "{client}"
    );
    assert!(
        TUNING.contains("`connect_timeout`, `idle_timeout`, `ping_interval` | 10 s, 90 s, 30 s |")
    );
}

type Body = Full<Bytes>;

fn chat() -> Request<Body> {
    let body = r#"{"model":"m","messages":[]}"#;
    let request = Request::post("http://llm.example/v1/chat/completions");
    request.body(Full::from(body)).expect("a request")
}

/// The first of two targets answers so, once.
async fn cooldown_after(body: &'static str) -> Duration {
    let route = Route::new("chat").ordered([
        preset::groq().key("k").model("m"),
        preset::openai().key("k").model("m"),
    ]);
    let layer = Stack::new().route(route).build().expect("a stack");
    let handle = layer.handle();
    let client = service_fn(move |request: Request<ReplayBody<Body>>| async move {
        let first = request.uri().host() == Some("api.groq.com");
        let (status, text) = if first { (429, body) } else { (200, "{}") };
        let response = Response::builder().status(status);
        Ok::<_, BoxError>(
            response
                .body(Full::<Bytes>::from(text))
                .expect("a response"),
        )
    });
    let answer = layer.layer(client).oneshot(chat()).await.expect("answered");
    assert_eq!(answer.status(), 200);
    let cooldowns = handle.route().expect("a router").cooldowns();
    Duration::from_millis(cooldowns[0].left_ms)
}

#[tokio::test(start_paused = true)]
async fn cooldowns_without_a_wait() {
    for (body, time) in [
        (r#"{"error":{"message":"Rate limit exceeded"}}"#, 300),
        (
            r#"{"error":{"message":"Rate limit: 100 requests per hour"}}"#,
            3_600,
        ),
        (r#"{"error":{"message":"Too many concurrent requests"}}"#, 1),
    ] {
        assert_eq!(
            cooldown_after(body).await,
            Duration::from_secs(time),
            "{body}"
        );
    }
    let route = Route::new("chat").ordered([preset::groq().key("k").model("m")]);
    let stack = Stack::new().route(route).build().expect("a stack").handle();
    let router = stack.route().expect("a router");
    assert!(router.cool(&Target::new("groq", "m"), Duration::MAX));
    assert_eq!(router.cooldowns()[0].left_ms, 86_400_000);
}

#[tokio::test(start_paused = true)]
async fn a_key_without_use() {
    let layer = LimitLayer::new();
    let handle = layer.handle();
    let client = service_fn(|_: Request<Body>| {
        std::future::ready(Ok::<_, BoxError>(Response::new(Body::default())))
    });
    let client = layer.layer(client);
    client.clone().oneshot(chat()).await.expect("answered");
    tokio::time::advance(Duration::from_secs(599)).await;
    assert_eq!(handle.keys().len(), 1);
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(handle.keys().len(), 0);
}

/// A limiter over a provider that never answers, and how many calls reach it.
fn limiter(
    limits: Limits,
) -> (
    BoxCloneSyncService<Request<Body>, (), BoxError>,
    Arc<AtomicUsize>,
) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let client = service_fn(move |_: Request<Body>| {
        count.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<Result<Response<Body>, BoxError>>()
    });
    let layer = LimitLayer::builder().limits(limits).build();
    let client = layer.expect("good limits").layer(client);
    (BoxCloneSyncService::new(client.map_response(drop)), sent)
}

#[tokio::test(start_paused = true)]
async fn a_new_key_and_a_full_queue() {
    let (client, sent) = limiter(Limits::new());
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        calls.spawn(client.clone().oneshot(chat()));
    }
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sent.load(Ordering::Relaxed), 6);

    let (client, _) = limiter(Limits::new().concurrency(1));
    let mut calls = JoinSet::new();
    for _ in 0..10_002 {
        calls.spawn(client.clone().oneshot(chat()));
    }
    let first = calls.join_next().await.expect("a call").expect("no panic");
    let error = first.map(drop).expect_err("the queue is full");
    let rejected = Rejected::find(error.as_ref()).expect("rejected");
    assert_eq!(rejected.reason(), Reason::QueueFull);
    assert_eq!(calls.len(), 10_001, "one is sent, and 10,000 wait");
}

#[tokio::test(start_paused = true)]
async fn the_longest_pause() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&times);
    let client = service_fn(move |_: Request<Body>| {
        log.lock().expect("no panic").push(Instant::now());
        let response = Response::builder().status(429).body(Body::default());
        std::future::ready(Ok::<_, BoxError>(response.expect("a response")))
    });
    let client = LimitLayer::new().layer(client);
    for _ in 0..60 {
        let answer = client.clone().oneshot(chat()).await.expect("answered");
        assert_eq!(answer.status(), 429);
    }
    let times = times.lock().expect("no panic");
    let pauses = times.windows(2).map(|two| two[1] - two[0]);
    let longest = pauses.max().expect("several calls").as_secs_f64();
    assert!((19.0..21.0).contains(&longest), "{longest}");
}

#[tokio::test]
async fn the_largest_answer() {
    let answer = |mebibytes: usize| {
        let piece = Bytes::from(vec![b' '; 1 << 20]);
        let pieces = std::iter::repeat_n(piece, mebibytes).chain([Bytes::from("1")]);
        let frames = pieces.map(|piece| Ok::<_, BoxError>(http_body::Frame::data(piece)));
        Response::new(StreamBody::new(futures_util::stream::iter(frames)))
    };
    assert_eq!(
        crate::json::read::<u8, _>(answer(31))
            .await
            .expect("it fits"),
        1
    );
    crate::json::read::<u8, _>(answer(32))
        .await
        .expect_err("a byte too many");
}
