//! A provider that comes and goes, and one that comes back after a long outage.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tollgate::{BoxClient, Stack};
use tollgate_core::Random;
use tollgate_test::{Dialect, Fault, Provider};
use tower::ServiceExt;

use crate::{
    Body, chat,
    hang::{SECOND, provider},
};

const MINUTE: Duration = Duration::from_secs(60);

/// Down for so long, up for so long, again and again.
fn flaps(down: Duration, up: Duration, times: u32) -> Provider {
    let mut flapping = Provider::builder(Dialect::OpenAi)
        .latency(SECOND / 2, SECOND / 10)
        .travel(Duration::from_millis(25), Duration::from_millis(5));
    for n in 0..times {
        let start = (down + up) * n + up;
        flapping = flapping.fault(Fault::status(503).during(start..start + down));
    }
    flapping.build()
}

/// Calls that come every so often, each with a deadline: when it came, and whether it was answered.
async fn load(client: BoxClient<Body>, every: Duration, calls: u32) -> Vec<(Duration, bool)> {
    let mut all = JoinSet::new();
    let start = Instant::now();
    for n in 0..calls {
        let client = client.clone();
        all.spawn(async move {
            tokio::time::sleep(every * n).await;
            let came = start.elapsed();
            let answer = client.oneshot(chat(Dialect::OpenAi, false)).await;
            (came, answer.is_ok_and(|answer| answer.status() == 200))
        });
    }
    all.join_all().await
}

fn client(provider: &Provider, seed: u64) -> BoxClient<Body> {
    let random = Random::seeded(seed);
    let stack = Stack::new()
        .retry(|it| it.random(random.fork()))
        .breaker(|it| it.random(random.fork()))
        .limit(|it| it.random(random.fork()));
    stack.boxed(provider.service()).expect("good settings")
}

/// Fault B6: of the calls that came while it was up, 94 % were rejected.
#[tokio::test(start_paused = true)]
async fn calls_are_served_while_it_is_up() {
    let half = 20 * SECOND;
    for seed in 0..3 {
        let flapping = flaps(half, half, 15);
        let all = load(client(&flapping, seed), SECOND / 10, 6_000).await;
        let up = |came: Duration| came.as_secs() % 40 < 20;
        let came = all.iter().filter(|(came, _)| up(*came)).count();
        let served = all.iter().filter(|(came, ok)| up(*came) && *ok).count();
        assert!(served * 100 >= came * 80, "{served} of {came}");
    }
}

/// After ten minutes of outage it was back 115 s after the provider.
#[tokio::test(start_paused = true)]
async fn it_is_back_soon_after_a_long_outage() {
    for seed in 0..3 {
        let down = Fault::status(503).during(MINUTE..11 * MINUTE);
        let long = provider(Dialect::OpenAi).fault(down).build();
        let all = load(client(&long, seed), SECOND / 10, 7_800).await;
        let after = all.iter().filter(|(came, _)| *came >= 11 * MINUTE);
        let lost = after.clone().filter(|(_, ok)| !ok).map(|(came, _)| *came);
        let back = lost.max().unwrap_or_default().saturating_sub(11 * MINUTE);
        assert!(back <= 15 * SECOND, "{back:?}");
    }
}
