//! Failures come back at once, answers take their time: what is still out may yet be served.

use std::io::ErrorKind;

use tokio::task::JoinHandle;
use tollgate_breaker::BreakerLayer;

use crate::{
    evict::above,
    support::{Step, World, ask, ms, s, status, world},
};

/// Makes so many calls that each do this, and lets them begin.
async fn start(world: &World, calls: usize, step: impl Fn() -> Step) -> Vec<JoinHandle<()>> {
    world.provider.does((0..calls).map(|_| step()));
    let calls = (0..calls).map(|_| {
        let mut client = world.client.clone();
        tokio::spawn(async move {
            let _ = ask(&mut client).await;
        })
    });
    let calls = calls.collect();
    tokio::time::sleep(ms(1)).await;
    calls
}

/// 300 at once, of which a provider sheds one in twenty: no outage.
#[tokio::test(start_paused = true)]
async fn the_failures_of_a_crowd_come_first_and_do_not_open_it() {
    let mut world = world(BreakerLayer::builder());
    start(&world, 285, || Step::After(s(3), 200)).await;
    world.play((0..15).map(|_| status(529))).await;
    assert_eq!(world.state(), "closed");
    tokio::time::sleep(s(4)).await;
    world.play((0..4).map(|_| status(529))).await;
    assert_eq!(world.state(), "closed", "the others were served");
    world.play([status(529)]).await;
    assert_eq!(
        world.state(),
        "open",
        "now five in a row, and nobody is out"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quarter_as_many_failures_as_are_out_open_it() {
    for (out, failures) in [(0, 5), (3, 5), (20, 5), (24, 6), (100, 25)] {
        let mut world = world(BreakerLayer::builder());
        start(&world, out, || Step::Hang).await;
        world.play((1..failures).map(|_| status(503))).await;
        assert_eq!(world.state(), "closed", "{out} out");
        world.play([status(503)]).await;
        assert_eq!(world.state(), "open", "{out} out");
    }
}

/// The rate as well: 5 of 10 is half, but not if a crowd is out.
#[tokio::test(start_paused = true)]
async fn a_rate_counts_those_that_are_out() {
    let rate = || BreakerLayer::builder().no_consecutive_failures();
    for (out, opens) in [(0, true), (10, false), (3, true)] {
        let mut world = world(rate());
        start(&world, out, || Step::Hang).await;
        let mixed = (0..10).map(|n| status(if n % 2 == 0 { 200 } else { 500 }));
        world.play(mixed).await;
        assert_eq!(world.state() == "open", opens, "{out} out");
    }
}

/// Where nobody answers all are out, and that is the outage.
#[tokio::test(start_paused = true)]
async fn time_outs_open_it_whatever_is_out() {
    let mut world = world(BreakerLayer::builder());
    start(&world, 100, || Step::Hang).await;
    world
        .play((0..5).map(|_| Step::Fail(ErrorKind::TimedOut)))
        .await;
    assert_eq!(world.state(), "open");
}

#[tokio::test(start_paused = true)]
async fn those_that_wait_below_or_were_dropped_are_not_out() {
    let (mut world, queue) = above();
    start(&world, 100, || Step::Hang).await;
    queue.holds(98);
    world.play((0..5).map(|_| status(503))).await;
    assert_eq!(world.state(), "open");

    let mut world = crate::support::world(BreakerLayer::builder());
    let calls = start(&world, 100, || Step::Hang).await;
    for call in &calls[3..] {
        call.abort();
    }
    tokio::time::sleep(ms(1)).await;
    world.play((0..5).map(|_| status(503))).await;
    assert_eq!(world.state(), "open");
}
