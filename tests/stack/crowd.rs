//! Many calls at once, told the same wait.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tollgate_test::{Dialect, Headers, Kind, Provider, Quota};
use tower::ServiceExt;

use crate::{chat, stack};

/// 300 calls at once against 10 a second, with nothing but retry: how many are answered.
async fn answered(headers: Headers) -> usize {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(Quota::bucket(
            Kind::Requests,
            10,
            Duration::from_secs(1),
            10,
        ))
        .headers(headers)
        .latency(Duration::from_millis(300), Duration::from_millis(30))
        .travel(Duration::from_millis(25), Duration::from_millis(5))
        .build();
    let (client, _) = stack(&provider);
    let mut calls = JoinSet::new();
    for _ in 0..300 {
        calls.spawn(client.clone().oneshot(chat(Dialect::OpenAi, false)));
    }
    let start = Instant::now();
    let all = calls.join_all().await;
    assert!(start.elapsed() < Duration::from_secs(300));
    let statuses = all
        .into_iter()
        .map(|call| call.expect("no connection breaks").status());
    let answered = statuses.filter(|status| *status == 200).count();
    // The answers are gone now, and with them everything that was held for them.
    assert_eq!(provider.stats().in_flight, 0);
    answered
}

/// Whole seconds are the worst: everybody is told the same, and returns together.
#[tokio::test(start_paused = true)]
async fn a_crowd_that_is_told_whole_seconds_gets_through() {
    let answered = answered(Headers::Seconds).await;
    assert!(answered * 100 > 300 * 95, "{answered} of 300");
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_is_told_exact_waits_gets_through() {
    let answered = answered(Headers::Exact).await;
    assert!(answered * 100 > 300 * 95, "{answered} of 300");
}
