//! The first target of a route is asked, unless a fact speaks against it.

use std::time::Duration;

use http::StatusCode;
use tokio::{task::JoinSet, time::Instant};
use tollgate_test::{Answer, Dialect, Fault};
use tower::ServiceExt;

use crate::{
    chat,
    hang::{SECOND, World, provider, world_of},
};

/// Makes so many calls at once; how many the first one served, and how long the last call took.
async fn burst(world: &World, calls: usize) -> (u64, usize, Duration) {
    let before = world.first.stats().served;
    let start = Instant::now();
    let mut all = JoinSet::new();
    for _ in 0..calls {
        let call = world.client.clone().oneshot(chat(Dialect::OpenAi, false));
        all.spawn(async move { call.await.is_ok_and(|answer| answer.status() == 200) });
    }
    let answered = all.join_all().await.into_iter().filter(|it| *it).count();
    (
        world.first.stats().served - before,
        answered,
        start.elapsed(),
    )
}

/// Fault D3: of 60 calls to a healthy, unlimited first target, 1 to 58 were served by the last one.
#[tokio::test(start_paused = true)]
async fn a_healthy_first_target_serves_the_bursts() {
    for calls in [20, 60, 100, 200] {
        let first = provider(Dialect::Groq).build();
        let second = provider(Dialect::OpenAi).build();
        let world = world_of(first, second, None);
        for round in 0..3 {
            let (served, answered, took) = burst(&world, calls).await;
            assert_eq!(answered, calls);
            let most = calls as u64 * 95 / 100;
            assert!(
                served >= most,
                "{served} of {calls} in round {round}, {took:?}"
            );
            tokio::time::sleep(20 * SECOND).await;
        }
    }
}

/// Fault D4: a call waited for the last target, not for the soonest.
#[tokio::test(start_paused = true)]
async fn the_soonest_is_waited_for() {
    for (first, second) in [(1, 110), (5, 130), (10, 60), (110, 5)] {
        let told = |seconds: u64| {
            let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
            let until = Duration::from_secs(seconds);
            let answer = answer.header("retry-after", seconds.to_string());
            Fault::answer(answer).during(Duration::ZERO..until)
        };
        let groq = provider(Dialect::Groq).fault(told(first)).build();
        let openai = provider(Dialect::OpenAi).fault(told(second)).build();
        let world = world_of(groq, openai, None);
        let start = Instant::now();
        let call = world.client.clone().oneshot(chat(Dialect::OpenAi, false));
        let answer = call.await.expect("answered");
        assert_eq!(answer.status(), 200);
        let most = Duration::from_secs(first.min(second) + 3);
        let took = start.elapsed();
        assert!(took <= most, "{first} s and {second} s: {took:?}");
    }
}
