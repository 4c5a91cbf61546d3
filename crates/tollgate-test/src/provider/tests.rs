//! The provider as a service, on the paused clock.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::{Instant, advance, sleep, timeout};
use tollgate_core::{Class, Usage, Window};
use tower::{ServiceExt, service_fn};

use super::*;
use crate::{Answer, Asked, Fault, Kind, KitBody, Quota};

mod faults;
mod neighbours;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn ask(body: &Value) -> Request<KitBody> {
    let body = KitBody::new(body.to_string());
    Request::post("/v1/chat/completions")
        .body(body)
        .expect("a request")
}

fn plain() -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": "Say hello." }] })
}

fn stream() -> Value {
    json!({ "model": "m", "stream": true, "stream_options": { "include_usage": true } })
}

async fn call(provider: &Provider, body: &Value) -> io::Result<Response<KitBody>> {
    provider.service().oneshot(ask(body)).await
}

async fn status(provider: &Provider) -> u16 {
    let response = call(provider, &plain()).await.expect("an answer");
    response.status().as_u16()
}

async fn text(response: Response<KitBody>) -> String {
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_answered_with_its_headers_and_its_wait() {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(Quota::bucket(Kind::Requests, 600, SECOND * 60, 2))
        .build();
    let first = call(&provider, &plain()).await.expect("an answer");
    assert_eq!(first.headers()["x-ratelimit-limit-requests"], "2");
    assert_eq!(first.headers()["x-ratelimit-remaining-requests"], "1");
    assert_eq!(first.headers()["x-ratelimit-reset-requests"], "100ms");
    assert_eq!(status(&provider).await, 200);
    let third = call(&provider, &plain()).await.expect("an answer");
    assert_eq!(third.status(), 429);
    assert_eq!(third.headers()["retry-after-ms"], "100");
    assert!(
        text(third)
            .await
            .contains("on requests per min (RPM): Limit 2, Used 2")
    );
    sleep(99 * MS).await;
    assert_eq!(status(&provider).await, 429);
    sleep(MS).await;
    assert_eq!(status(&provider).await, 200);
    let stats = provider.stats();
    assert_eq!((stats.calls, stats.served, stats.rate_limited), (5, 3, 2));
}

#[tokio::test(start_paused = true)]
async fn headers_are_as_exact_as_they_were_told_to_be() {
    for (headers, quota, reset, after, after_ms) in [
        (Headers::Exact, true, "1.15s", Some("2"), Some("1150")),
        (Headers::Seconds, true, "2s", Some("2"), None),
        (Headers::RetryAfter, false, "", Some("2"), None),
        (Headers::Silent, false, "", None, None),
    ] {
        let provider = Provider::builder(Dialect::Plain)
            .quota(Quota::fixed(Kind::Requests, 1, SECOND * 60).met_at(58_850 * MS))
            .headers(headers)
            .build();
        let first = call(&provider, &plain()).await.expect("an answer");
        let shown = first.headers().get("x-ratelimit-reset-requests");
        assert_eq!(shown.is_some(), quota, "{headers:?}");
        if let Some(shown) = shown {
            assert_eq!(shown, reset, "{headers:?}");
        }
        assert!(!first.headers().contains_key("retry-after"));
        let second = call(&provider, &plain()).await.expect("an answer");
        let says = |name: &str| {
            second
                .headers()
                .get(name)
                .map(|it| it.to_str().expect("text"))
        };
        assert_eq!(second.status(), 429);
        assert_eq!(says("retry-after"), after, "{headers:?}");
        assert_eq!(says("retry-after-ms"), after_ms, "{headers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_provider_states_no_wait_in_its_text_either() {
    for (headers, says) in [(Headers::Dialect, true), (Headers::Silent, false)] {
        let provider = Provider::builder(Dialect::OpenAi)
            .quota(Quota::fixed(Kind::Requests, 1, SECOND * 60))
            .headers(headers)
            .build();
        assert_eq!(status(&provider).await, 200);
        let limited = call(&provider, &plain()).await.expect("an answer");
        let text = text(limited).await;
        assert_eq!(text.contains("Please try again in 1m0s."), says, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn latency_is_for_successes_and_travel_for_all() {
    let provider = Provider::builder(Dialect::Plain)
        .quota(Quota::fixed(Kind::Requests, 1, SECOND * 60))
        .latency(SECOND, Duration::ZERO)
        .travel(25 * MS, Duration::ZERO)
        .build();
    let start = Instant::now();
    assert_eq!(status(&provider).await, 200);
    assert_eq!(start.elapsed(), 1_050 * MS);
    assert_eq!(provider.log()[0].at(), start + 25 * MS);
    let start = Instant::now();
    assert_eq!(status(&provider).await, 429);
    assert_eq!(start.elapsed(), 50 * MS);
}

#[tokio::test(start_paused = true)]
async fn jitter_is_within_its_bounds_and_repeats() {
    let run = || async {
        let provider = Provider::builder(Dialect::Plain)
            .latency(30 * MS, 10 * MS)
            .fault(Fault::status(529).chance(0.3))
            .seed(7)
            .build();
        let mut trace = Vec::new();
        for _ in 0..50 {
            let start = Instant::now();
            let status = status(&provider).await;
            trace.push((status, start.elapsed()));
        }
        trace
    };
    let trace = run().await;
    assert_eq!(trace, run().await);
    let served = trace.iter().filter(|(status, _)| *status == 200);
    let within = |time: &Duration| (20 * MS..=41 * MS).contains(time);
    assert!(served.clone().all(|(_, time)| within(time)), "{trace:?}");
    assert!((25..=45).contains(&served.count()), "{trace:?}");
}

#[tokio::test(start_paused = true)]
async fn a_place_is_held_until_the_end_of_the_body() {
    let provider = Provider::builder(Dialect::Kimi)
        .quota(Quota::concurrency(1))
        .build();
    let first = call(&provider, &stream()).await.expect("an answer");
    assert_eq!(provider.stats().in_flight, 1);
    let refused = call(&provider, &plain()).await.expect("an answer");
    assert_eq!(refused.status(), 429);
    assert!(
        text(refused)
            .await
            .contains("max organization concurrency: 1, please try again after 1 seconds")
    );

    let mut body = first.into_body();
    loop {
        let frame = body.frame().await.expect("a frame").expect("no error");
        if frame.into_data().expect("data") == "data: [DONE]\n\n" {
            break;
        }
        assert_eq!(provider.stats().in_flight, 1);
    }
    assert_eq!(provider.stats().in_flight, 0, "held after the last byte");
    let second = call(&provider, &stream()).await.expect("an answer");
    assert_eq!(second.status(), 200);
    drop(second);
    assert_eq!(
        status(&provider).await,
        200,
        "held after the body was dropped"
    );

    let slow = Provider::builder(Dialect::Kimi)
        .quota(Quota::concurrency(1))
        .latency(SECOND, Duration::ZERO)
        .build();
    let cancelled = timeout(10 * MS, call(&slow, &plain())).await;
    assert!(cancelled.is_err());
    assert_eq!(slow.stats().in_flight, 0, "held after the call was dropped");
}

#[tokio::test(start_paused = true)]
async fn what_comes_out_of_a_cache_may_be_free() {
    let builder = Provider::builder(Dialect::Plain)
        .quota(Quota::fixed(Kind::InputTokens, 1_000, SECOND * 60))
        .quota(Quota::fixed(Kind::Tokens, 1_000, SECOND * 60))
        .usage(|_| Usage::new(100, 50).with_cached(90));
    for (builder, left) in [
        (builder.clone(), "900"),
        (builder.free_cache_reads(), "990"),
    ] {
        let first = call(&builder.build(), &plain()).await.expect("an answer");
        assert_eq!(first.headers()["x-ratelimit-remaining-tokens"], left);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_can_take_headers_away() {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(Quota::fixed(Kind::Requests, 10, SECOND * 60))
        .edit(|_, answer| {
            answer.map_headers(|headers| drop(headers.remove("x-ratelimit-limit-requests")))
        })
        .build();
    let first = call(&provider, &plain()).await.expect("an answer");
    assert!(!first.headers().contains_key("x-ratelimit-limit-requests"));
    assert_eq!(first.headers()["x-ratelimit-remaining-requests"], "9");
}

#[tokio::test(start_paused = true)]
async fn tokens_are_charged_when_they_are_used_or_reserved_and_settled() {
    let build = |reserve: bool| {
        let builder = Provider::builder(Dialect::Plain)
            .quota(Quota::fixed(Kind::Tokens, 1_000, SECOND * 60))
            .usage(|_| Usage::new(100, 50));
        if reserve {
            builder.reserve_output()
        } else {
            builder
        }
        .build()
    };
    let left =
        |response: &Response<KitBody>| response.headers()["x-ratelimit-remaining-tokens"].clone();
    let body = json!({ "model": "m", "max_tokens": 400 });

    let provider = build(false);
    let first = call(&provider, &body).await.expect("an answer");
    assert_eq!(left(&first), "900");
    text(first).await;
    assert_eq!(
        left(&call(&provider, &body).await.expect("an answer")),
        "750"
    );

    let provider = build(true);
    let first = call(&provider, &body).await.expect("an answer");
    assert_eq!(left(&first), "500");
    text(first).await;
    assert_eq!(
        left(&call(&provider, &body).await.expect("an answer")),
        "350"
    );
}

#[tokio::test(start_paused = true)]
async fn streams_tell_their_usage() {
    let usage = |_: &Asked| Usage::new(12, 34);
    let provider = Provider::builder(Dialect::OpenAi).usage(usage).build();
    let response = call(&provider, &stream()).await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-length"));
    let body = text(response).await;
    assert!(body.contains(r#""completion_tokens":34"#), "{body}");
    assert!(body.ends_with("data: [DONE]\n\n"));
    let silent = call(&provider, &json!({ "model": "m", "stream": true })).await;
    assert!(!text(silent.expect("an answer")).await.contains("usage"));
    assert_eq!(provider.stats().output_tokens, 68);

    let provider = Provider::builder(Dialect::Anthropic).usage(usage).build();
    let body = text(call(&provider, &stream()).await.expect("an answer")).await;
    // The path asks for chat completions, and gets them.
    assert!(body.contains("chat.completion.chunk"), "{body}");
    let request = Request::post("/v1/messages").body(KitBody::new(stream().to_string()));
    let response = provider
        .service()
        .oneshot(request.expect("a request"))
        .await;
    let body = text(response.expect("an answer")).await;
    assert!(body.contains(r#""usage":{"output_tokens":34}"#), "{body}");
}

#[tokio::test(start_paused = true)]
async fn events_come_at_their_pace() {
    let provider = Provider::builder(Dialect::OpenAi)
        .text("a b c")
        .pace(SECOND)
        .build();
    let start = Instant::now();
    let response = call(&provider, &stream()).await.expect("an answer");
    let mut body = response.into_body();
    let mut times = Vec::new();
    while let Some(frame) = body.frame().await {
        frame.expect("no error");
        times.push(start.elapsed().as_secs());
    }
    // The role, three words, the end, the usage, and [DONE].
    assert_eq!(times, [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn keys_models_and_contexts_are_checked() {
    let provider = Provider::builder(Dialect::OpenAi)
        .key("sk-canary")
        .models(["m"])
        .context(100)
        .build();
    let code = async |body: Value, key: &str| {
        let mut request = ask(&body);
        let key = key.parse().expect("a header");
        request.headers_mut().insert("authorization", key);
        let response = provider.service().oneshot(request).await;
        response.expect("an answer").status().as_u16()
    };
    assert_eq!(status(&provider).await, 401);
    assert_eq!(code(plain(), "Bearer other").await, 401);
    assert_eq!(code(plain(), "Bearer sk-canary").await, 200);
    assert_eq!(code(json!({ "model": "n" }), "Bearer sk-canary").await, 404);
    let long = json!({ "model": "m", "messages": "x".repeat(401) });
    assert_eq!(code(long, "Bearer sk-canary").await, 400);
    assert_eq!(provider.stats().served, 1);
    let shown = format!(
        "{provider:?} {:?} {:?}",
        provider.log(),
        provider.log()[0].asked()
    );
    assert!(
        !shown.contains("canary") && !shown.contains("Say hello"),
        "{shown}"
    );
}

#[tokio::test(start_paused = true)]
async fn times_of_day_follow_tokios_clock() {
    let provider = Provider::builder(Dialect::Anthropic)
        .quota(Quota::fixed(Kind::InputTokens, 1_000, SECOND * 60).named(Window::Minute))
        .starts_at(SystemTime::UNIX_EPOCH)
        .build();
    call(&provider, &plain()).await.expect("an answer");
    advance(SECOND * 10).await;
    let response = call(&provider, &plain()).await.expect("an answer");
    let headers = response.headers();
    assert_eq!(headers["date"], "Thu, 01 Jan 1970 00:00:10 GMT");
    assert_eq!(
        headers["anthropic-ratelimit-input-tokens-reset"],
        "1970-01-01T00:01:00Z"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_can_be_edited() {
    let lie = |_: &Asked, answer: Answer| answer.header("retry-after", "1e400");
    let provider = Provider::builder(Dialect::Groq).edit(lie).build();
    let response = call(&provider, &plain()).await.expect("an answer");
    assert_eq!(response.headers()["retry-after"], "1e400");
}

#[tokio::test(start_paused = true)]
async fn the_first_window_starts_with_the_first_call() {
    let provider = Provider::builder(Dialect::Plain)
        .quota(Quota::fixed(Kind::Requests, 1, SECOND * 60))
        .fault(Fault::status(503).call(1))
        .build();
    assert_eq!(status(&provider).await, 503);
    advance(SECOND * 50).await;
    assert_eq!(status(&provider).await, 200);
    advance(SECOND * 10).await;
    assert_eq!(status(&provider).await, 200, "the second window");
}

proptest! {
    /// Whatever the limits, faults and calls: at the end nothing is in flight, and all calls are
    /// accounted for.
    #[test]
    fn nothing_leaks(
        seed in 0..1_000_u64,
        calls in prop::collection::vec((0..300_u64, 0..120_u64), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let provider = Provider::builder(Dialect::Groq)
                .quota(Quota::concurrency(3))
                .quota(Quota::sliding(Kind::Requests, 5, SECOND))
                .latency(50 * MS, 50 * MS)
                .pace(5 * MS)
                .fault(Fault::hang().chance(0.1))
                .fault(Fault::stall(20).chance(0.1))
                .fault(Fault::cut(20).chance(0.1))
                .seed(seed)
                .build();
            let mut tasks = tokio::task::JoinSet::new();
            for (gap, patience) in calls.iter().copied() {
                sleep(MS * u32::try_from(gap).expect("small")).await;
                let provider = provider.clone();
                tasks.spawn(timeout(MS * u32::try_from(patience).expect("small"), async move {
                    let response = call(&provider, &stream()).await?;
                    response.into_body().collect().await.map(drop)
                }));
            }
            while tasks.join_next().await.is_some() {}
            let stats = provider.stats();
            assert_eq!((stats.in_flight, stats.hanging), (0, 0));
            assert!(stats.most_in_flight <= calls.len() as u64);
            assert_eq!(stats.calls, provider.log().len() as u64);
        });
    }
}
