//! Rejected calls come back to the limiter's queue at once, and wait there instead of sleeping apart.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tollgate::{BoxClient, Stack};
use tollgate_core::Random;
use tollgate_limit::Limit;
use tollgate_test::{Dialect, Headers, Kind, Provider, Quota};
use tower::ServiceExt;

use crate::{Body, chat};

const CROWD: usize = 300;
const MINUTE: Duration = Duration::from_secs(60);

/// What became of a crowd that goes out within half a second, because the limiter is told too much,
/// against a window of a minute.
struct Story {
    provider: Provider,
    start: Instant,
    /// When each call was answered.
    ends: Vec<Duration>,
}

async fn story(allowed: u64, headers: Headers, seed: u64) -> Story {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(Quota::fixed(Kind::Requests, allowed, MINUTE))
        .headers(headers)
        .latency(Duration::from_millis(300), Duration::from_millis(30))
        .travel(Duration::from_millis(25), Duration::from_millis(5))
        .seed(seed)
        .build();
    let random = Random::seeded(seed);
    let stack = Stack::new()
        .retry(|it| it.random(random.fork()))
        .limit(|it| {
            let too_much = Limit::requests(6_000, MINUTE).bucket(CROWD as u64);
            it.random(random.fork()).limit(too_much)
        });
    let client: BoxClient<Body> = stack.boxed(provider.service()).expect("good settings");
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..CROWD {
        let call = client.clone().oneshot(chat(Dialect::OpenAi, false));
        calls.spawn(async move {
            let status = call.await.expect("an answer").status();
            assert_eq!(status, 200);
            start.elapsed()
        });
    }
    let ends = calls.join_all().await;
    Story {
        provider,
        start,
        ends,
    }
}

impl Story {
    fn mean(&self) -> Duration {
        self.ends.iter().sum::<Duration>() / CROWD as u32
    }

    /// Arrivals in each window. In the first one they come in its first second, or not at all.
    fn arrivals(&self) -> Vec<usize> {
        let mut windows = vec![0; 12];
        for entry in self.provider.log() {
            let after = (entry.at() - self.start).as_secs();
            windows[(after / MINUTE.as_secs()) as usize] += 1;
            assert!(!(1..60).contains(&after), "earlier than stated: {after} s");
        }
        windows
    }
}

/// 100 a minute: a third is served at once, after one minute and after two, 60.3 s in the mean at best.
#[tokio::test(start_paused = true)]
async fn a_crowd_behind_a_window_is_served_when_it_ends() {
    const SEEDS: u32 = 5;
    for headers in [Headers::Exact, Headers::Seconds, Headers::RetryAfter] {
        let (mut mean, mut last) = (Duration::ZERO, Duration::ZERO);
        for seed in 0..SEEDS {
            let story = story(100, headers, seed.into()).await;
            mean += story.mean() / SEEDS;
            last += *story.ends.iter().max().expect("a crowd") / SEEDS;
            // All go at once, as the exact limit says, and nobody comes before the window ends.
            let stats = story.provider.stats();
            assert!(
                stats.rate_limited < 215,
                "{headers:?}: {}",
                stats.rate_limited
            );
            let arrivals = story.arrivals();
            assert!(
                arrivals[1] < 120 && arrivals[2] < 120,
                "{headers:?}: {arrivals:?}"
            );
        }
        // Measured: 60.7 to 61.3 s, and 120.8 to 122.7 s for the last.
        assert!(
            mean < Duration::from_millis(61_500),
            "{headers:?}: {mean:?}"
        );
        assert!(
            last < Duration::from_millis(123_500),
            "{headers:?}: {last:?}"
        );
    }
}

/// More windows than a call has attempts.
#[tokio::test(start_paused = true)]
async fn a_crowd_behind_ten_windows_is_served() {
    for headers in [Headers::Seconds, Headers::RetryAfter] {
        let story = story(40, headers, 1).await;
        let stats = story.provider.stats();
        assert!(
            stats.rate_limited < 300,
            "{headers:?}: {}",
            stats.rate_limited
        );
    }
}
