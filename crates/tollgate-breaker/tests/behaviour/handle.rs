//! The breakers seen and moved by hand.

use std::time::Duration;

use tokio::time::advance;
use tollgate_breaker::{BreakerLayer, State};
use tollgate_core::{Cost, Outlook, Target, View};

use crate::{
    support::{Step, ask, host, s, status, world},
    times::name,
};

#[tokio::test(start_paused = true)]
async fn forced_open_for_a_time_it_is_probed_after_that() {
    let mut world = world(BreakerLayer::builder());
    world.handle.force_open(&host(), s(10));
    let refused = world.ask().await.expect_err("open");
    assert_eq!(refused.retry_after(), Some(s(10)));
    assert!(!world.handle.status(&host()).is_held());
    advance(s(10)).await;
    world.play([status(200)]).await;
    assert_eq!(world.state(), "half-open");
    world.play([status(200)]).await;
    assert_eq!(world.state(), "closed");
}

#[tokio::test(start_paused = true)]
async fn forced_open_without_a_time_it_stays_so_until_reset() {
    let mut world = world(BreakerLayer::builder());
    world.handle.force_open(&host(), None);
    advance(s(1_000_000)).await;
    let refused = world.ask().await.expect_err("open");
    assert_eq!(refused.retry_after(), None);
    assert_eq!(world.handle.status(&host()).left(), None);
    assert!(world.handle.status(&host()).is_held());
    world.handle.reset(&host());
    world.play([status(200)]).await;
    assert_eq!(world.handle.status(&host()).refused(), 1);
}

#[tokio::test(start_paused = true)]
async fn forced_closed_it_counts_and_does_not_open() {
    let mut world = world(BreakerLayer::builder());
    world.handle.force_closed(&host());
    world.play((0..50).map(|_| status(500))).await;
    let seen = world.handle.status(&host());
    assert_eq!((seen.failures(), seen.consecutive()), (50, 50));
    assert_eq!(seen.state(), State::Closed);
    assert!(seen.is_held());
    world.handle.reset(&host());
    world.play((0..5).map(|_| status(500))).await;
    assert_eq!(world.state(), "open");
}

#[tokio::test(start_paused = true)]
async fn a_call_from_before_a_reset_counts_nothing() {
    let world = world(BreakerLayer::builder().consecutive_failures(1));
    world.provider.does([Step::After(s(1), 500)]);
    let mut client = world.client.clone();
    let late = tokio::spawn(async move { ask(&mut client).await });
    tokio::task::yield_now().await;
    world.handle.reset(&host());
    assert_eq!(late.await.expect("no panic"), Ok(500));
    assert_eq!(world.state(), "closed");
}

#[tokio::test(start_paused = true)]
async fn the_list_shows_every_key() {
    let mut world = world(BreakerLayer::builder());
    assert!(world.handle.list().is_empty());
    world.play([status(500), status(200), status(503)]).await;
    world.handle.force_open(&Target::new("groq", "m"), s(5));
    let mut list = world.handle.list();
    list.sort_by(|a, b| a.target().cmp(b.target()));
    let names: Vec<_> = list
        .iter()
        .map(|it| (it.target().to_string(), it.state().as_str()))
        .collect();
    let open = ("groq (m)".to_owned(), "open");
    assert_eq!(names, [("api.test".to_owned(), "closed"), open]);
    assert_eq!((list[0].calls(), list[0].failures()), (3, 2));
    assert_eq!(list[1].left(), Some(s(5)));
    // To look at a key that nobody called makes none.
    assert_eq!(
        world.handle.state(&Target::provider_only("x")),
        State::Closed
    );
    assert_eq!(world.handle.list().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_subscribed_hears_the_latest_change() {
    let mut world = world(BreakerLayer::builder());
    let mut changes = world.handle.subscribe(&host());
    assert_eq!(changes.borrow().state(), State::Closed);
    assert!(!changes.has_changed().expect("it lives"));
    world.half_open().await;
    assert!(matches!(
        changes.borrow_and_update().state(),
        State::Open { .. }
    ));
    world.play([status(200)]).await;
    assert_eq!(changes.borrow_and_update().state(), State::HalfOpen);
    world.play([status(200)]).await;
    changes.changed().await.expect("it lives");
    assert_eq!(changes.borrow_and_update().state(), State::Closed);
    world.handle.force_closed(&host());
    assert!(changes.borrow_and_update().is_held());
    // Not a change of state.
    world.play([status(200)]).await;
    assert!(!changes.has_changed().expect("it lives"));
    // The same channel for all who come later.
    assert!(world.handle.subscribe(&host()).borrow().is_held());
}

#[tokio::test(start_paused = true)]
async fn a_router_hears_when_a_call_would_pass() {
    let mut world = world(BreakerLayer::builder());
    let view = |handle: &tollgate_breaker::Handle| handle.view(&host(), &Cost::default());
    assert_eq!(view(&world.handle), View::OPEN);
    world.handle.force_open(&host(), s(10));
    advance(s(4)).await;
    assert_eq!(view(&world.handle).wait, Some(s(6)));
    advance(s(6)).await;
    assert_eq!(view(&world.handle).wait, Some(Duration::ZERO), "as a probe");
    world.provider.does([Step::Hang]);
    let mut client = world.client.clone();
    let mut probe = tokio_test::task::spawn(async { ask(&mut client).await });
    tokio_test::assert_pending!(probe.poll());
    assert_eq!(view(&world.handle).wait, Some(s(1)));
    advance(s(60)).await;
    assert_eq!(
        view(&world.handle).wait,
        Some(Duration::ZERO),
        "it counts as lost"
    );
    world.handle.force_open(&host(), None);
    assert_eq!(view(&world.handle).wait, None);
    drop(probe);
    assert_eq!(world.ask().await.expect_err("open").retry_after(), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_done_by_hand_is_told() {
    let world = world(BreakerLayer::builder());
    world.handle.force_open(&host(), s(1));
    world.handle.force_closed(&host());
    world.handle.reset(&host());
    let lines: Vec<_> = world
        .seen
        .events()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "api.test: open by hand",
            "api.test: closed by hand until it is reset",
            "api.test: closed by hand",
        ]
    );
    assert!(
        world
            .seen
            .events()
            .iter()
            .all(|event| name(event) == "forced")
    );
}
