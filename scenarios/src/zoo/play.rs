//! One play: a world and a policy, in virtual time.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    runtime::Builder,
    task::JoinSet,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tollgate_test::Provider;

use super::{
    governor::Governor,
    outcome::{End, Outcome},
    policy::Policy,
    provider::provider,
    request::{answer, request},
    story::Listener,
    wire::Wire,
    world::World,
};

/// A call that has not ended by then has failed.
const CURTAIN: Duration = Duration::from_secs(6 * 3_600);

/// Plays a world to its end.
pub(super) fn play(world: &Arc<World>, policy: Policy, listener: Listener) -> Outcome {
    in_virtual_time(run(world, policy, listener)).0
}

/// Plays a world to its end, and says when each request arrived at the provider.
pub(super) fn play_and_log(
    world: &Arc<World>,
    policy: Policy,
    listener: Listener,
) -> (Outcome, Vec<Duration>) {
    in_virtual_time(async {
        let start = Instant::now();
        let (outcome, provider) = run(world, policy, listener).await;
        let log = provider.log();
        let arrivals = log.iter().map(|entry| entry.at() - start);
        (outcome, arrivals.collect())
    })
}

/// Runs a future on a paused clock that moves on whenever there is nothing to do.
pub(super) fn in_virtual_time<F: Future>(future: F) -> F::Output {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(future)
}

async fn run(world: &Arc<World>, policy: Policy, listener: Listener) -> (Outcome, Provider) {
    let start = Instant::now();
    listener.start();
    let provider = provider(world);
    let (client, _) = policy.client(world, Wire::new(world, &provider), listener);
    let governor = (policy == Policy::Governor).then(|| Arc::new(Governor::of(world)));
    let mut running = JoinSet::new();
    for number in 0..world.calls.len() {
        let (world, client, governor) = (world.clone(), client.clone(), governor.clone());
        running.spawn(async move {
            let call = &world.calls[number];
            let arrival = start + call.arrival;
            sleep_until(arrival).await;
            let answer = async {
                if let Some(governor) = governor {
                    governor.until_ready(call).await;
                }
                answer(client, request(&world, number), arrival).await
            };
            let end = match call.patience {
                Some(patience) => timeout_at(arrival + patience, answer).await,
                None => Ok(answer.await),
            };
            (number, end.unwrap_or(End::GivenUp))
        });
    }
    let mut ends = vec![End::Failed; world.calls.len()];
    let all = async {
        while let Some(done) = running.join_next().await {
            let (number, end) = done.expect("no call panics");
            ends[number] = end;
        }
    };
    let _ = timeout(CURTAIN, all).await;
    let rejections = provider.stats().rate_limited;
    (Outcome { ends, rejections }, provider)
}
