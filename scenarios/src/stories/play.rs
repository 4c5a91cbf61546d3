//! One run: a story, a client and a seed, in virtual time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::Builder,
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tollgate_breaker::Event;
use tollgate_core::Random;
use tower::ServiceExt;

use super::{
    Story,
    end::End,
    internet::Internet,
    outcome::Outcome,
    seen::{Call, Seen},
    stack,
};
use crate::clients::Client;

/// Who has no answer by then has lost.
const CURTAIN: Duration = Duration::from_secs(3 * 3_600);

/// Plays it to the end, or until the curtain falls.
pub(super) fn play(story: Story, client: Client, seed: u64) -> Outcome {
    begin(story, client, seed, usize::MAX)
}

/// Plays only the first so many calls.
pub(super) fn begin(story: Story, client: Client, seed: u64, calls: usize) -> Outcome {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let seen = watch(story, client, seed, calls);
    let seen = runtime.expect("a runtime").block_on(seen);
    Outcome::of(&seen, story.extra(&seen))
}

/// All that can be seen of it.
async fn watch(story: Story, client: Client, seed: u64, most: usize) -> Seen {
    let (mut world, start) = (story.world(seed), Instant::now());
    world.calls = world.calls.min(most);
    let internet = Internet::of(&world.providers);
    let random = Random::seeded(seed ^ 0x7374_6f72_6965);
    let said: Arc<Mutex<Vec<(Duration, Event)>>> = Arc::default();
    let heard = said.clone();
    let observer = move |event: &Event| {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push((start.elapsed(), event.clone()));
    };
    let caller = match client {
        Client::Tollgate => stack::tollgate(&world, internet.clone(), &random, observer),
        _ => stack::sdk(&internet, &random),
    };
    let mut running: JoinSet<(usize, Call)> = JoinSet::new();
    let turn = Arc::new(Semaphore::new(world.at_once()));
    for n in 0..world.calls {
        let (caller, at, turn) = (caller.clone(), start + world.arrival(n), turn.clone());
        let (request, patience) = (world.request, world.patience);
        running.spawn(async move {
            sleep_until(at).await;
            let turn = turn.acquire().await;
            let (arrival, now) = (start.elapsed(), Instant::now());
            let call = timeout(patience.unwrap_or(CURTAIN), caller.oneshot(request(n)));
            let end = call
                .await
                .map_or(End::Lost, |end| end.expect("errors are ends"));
            drop(turn);
            let took = now.elapsed();
            (n, Call { arrival, took, end })
        });
    }
    let (took, end) = (Duration::ZERO, End::Lost);
    #[rustfmt::skip]
    let arrived = |n| Call { arrival: world.arrival(n), took, end };
    let mut calls: Vec<Call> = (0..world.calls).map(arrived).collect();
    let all = async {
        while let Some(done) = running.join_next().await {
            let (n, call) = done.expect("no panic");
            calls[n] = call;
        }
    };
    // Whoever was cut off is lost.
    let _ = timeout(CURTAIN, all).await;
    let said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    Seen {
        calls,
        traces: internet.traces(),
        breaker: said,
    }
}
