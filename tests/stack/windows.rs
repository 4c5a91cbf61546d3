//! Calls that wait for the next window of a provider, through the stack as it is built without settings.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tollgate::Stack;
use tollgate_core::Random;
use tollgate_test::{Dialect, Headers, Kind, Provider, Quota};
use tower::ServiceExt;

use crate::{Body, chat};

const MINUTE: Duration = Duration::from_secs(60);

/// How many of so many calls at once are answered, and when the last one ends.
async fn answered(stack: Stack, quota: Quota, headers: Headers, calls: usize) -> (usize, Duration) {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(quota)
        .headers(headers)
        .latency(Duration::from_millis(300), Duration::from_millis(30))
        .travel(Duration::from_millis(25), Duration::from_millis(5))
        .build();
    let random = Random::seeded(7);
    let stack = stack
        .retry(|it| it.random(random.fork()))
        .limit(|it| it.random(random.fork()));
    let client = stack.boxed::<_, Body>(provider.service());
    let client = client.expect("the settings are good");
    let start = Instant::now();
    let mut all = JoinSet::new();
    for _ in 0..calls {
        all.spawn(client.clone().oneshot(chat(Dialect::OpenAi, false)));
    }
    let ends = all.join_all().await;
    let ok = |end: &Result<http::Response<_>, _>| end.as_ref().is_ok_and(|it| it.status() == 200);
    (ends.iter().filter(|end| ok(end)).count(), start.elapsed())
}

fn window(calls: u64) -> Quota {
    Quota::fixed(Kind::Requests, calls, MINUTE)
}

#[tokio::test(start_paused = true)]
async fn fifteen_calls_where_ten_a_minute_are_allowed() {
    for headers in [Headers::Exact, Headers::Seconds, Headers::RetryAfter] {
        let (ok, took) = answered(Stack::new(), window(10), headers, 15).await;
        assert_eq!(ok, 15, "{headers:?}, after {took:?}");
        assert!(took < 2 * MINUTE, "{headers:?}: {took:?}");
    }
}

/// The README's own setting, on a provider with just that limit.
#[tokio::test(start_paused = true)]
async fn a_hundred_calls_where_thirty_a_minute_are_allowed_and_told() {
    let told = || Stack::new().limit(|limit| limit.requests_per_minute(30));
    let bucket = Quota::bucket(Kind::Requests, 30, MINUTE, 30);
    let (ok, took) = answered(told(), bucket, Headers::Dialect, 100).await;
    assert_eq!(ok, 100, "after {took:?}");
    let (ok, took) = answered(told(), window(30), Headers::Dialect, 100).await;
    assert_eq!(ok, 100, "after {took:?}");
}

/// What cannot be served within ten minutes is not, and nobody waits longer.
#[tokio::test(start_paused = true)]
async fn the_queue_ends_with_the_deadline() {
    let told = Stack::new().limit(|limit| limit.requests_per_minute(10));
    let (ok, took) = answered(told, window(10), Headers::Dialect, 200).await;
    assert!((90..=110).contains(&ok), "{ok} after {took:?}");
    assert!(took <= 10 * MINUTE + Duration::from_secs(1), "{took:?}");
}
