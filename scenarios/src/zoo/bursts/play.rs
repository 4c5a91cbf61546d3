//! One small burst, in virtual time.

use std::{ops::Range, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tollgate::BoxClient;
use tollgate_limit::Handle;

use super::case::{BEFORE, Case, KeyState};
use crate::zoo::{
    outcome::End,
    play::in_virtual_time,
    policy::Policy,
    provider::provider,
    request::{answer, request},
    story::Listener,
    wire::Wire,
    world::World,
};

/// What a burst paid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::zoo) struct Paid {
    /// How much later than its latency an answer came at worst, in seconds.
    pub(super) worst: f64,
    pub(super) answered: usize,
}

pub(in crate::zoo) fn play(case: &Case) -> Paid {
    in_virtual_time(run(case))
}

async fn run(case: &Case) -> Paid {
    let world = case.world();
    let wire = Wire::new(&world, &provider(&world));
    let policy = match case.key {
        KeyState::Configured => Policy::Told,
        KeyState::New | KeyState::Idle | KeyState::Restored => Policy::Default,
    };
    let stack = || policy.client(&world, wire.clone(), Listener::default());
    let (mut client, handle) = stack();
    let burst = BEFORE..BEFORE + case.calls;
    if matches!(case.key, KeyState::Idle | KeyState::Restored) {
        all_at_once(&world, &client, 0..BEFORE).await;
    }
    if case.key == KeyState::Idle {
        sleep(Duration::from_secs(3_600)).await;
    }
    if case.key == KeyState::Restored {
        let before = handle.limit().map(Handle::snapshot);
        sleep(Duration::from_secs(5)).await;
        let (next, handle) = stack();
        if let (Some(limit), Some(snapshot)) = (handle.limit(), before) {
            limit.restore(&snapshot);
        }
        client = next;
    }
    let ends = all_at_once(&world, &client, burst).await;
    let late = |end: &End| match end {
        End::Answered(took) => Some(took.as_secs_f64() - case.latency),
        _ => None,
    };
    Paid {
        worst: ends.iter().filter_map(late).fold(0.0, f64::max),
        answered: ends.iter().filter_map(late).count(),
    }
}

/// Makes these calls at the same time, and waits until each has ended.
async fn all_at_once(
    world: &Arc<World>,
    client: &BoxClient<Full<Bytes>>,
    numbers: Range<usize>,
) -> Vec<End> {
    let now = Instant::now();
    let mut running = JoinSet::new();
    for number in numbers {
        running.spawn(answer(client.clone(), request(world, number), now));
    }
    running.join_all().await
}
