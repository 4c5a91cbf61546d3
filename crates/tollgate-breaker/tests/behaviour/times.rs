//! When it opens and closes: to the nanosecond.

use std::time::Duration;

use tokio::time::{Instant, advance};
use tollgate_breaker::{BreakerLayer, Event, State};
use tollgate_core::Reason;

use crate::support::{drawn, host, jitter, s, status, world};

#[tokio::test(start_paused = true)]
async fn an_outage_is_shut_off_probed_and_taken_back() {
    let mut world = world(BreakerLayer::builder());
    let draws = jitter();
    let start = Instant::now();
    world.play((0..4).map(|_| status(503))).await;
    assert_eq!(world.state(), "closed");
    world.play([status(500)]).await;

    let first = drawn(s(5), &draws);
    let until = Some(start + first);
    assert!(matches!(world.handle.state(&host()), State::Open { until: it, .. } if it == until));
    let refused = world.ask().await.expect_err("open");
    assert_eq!(refused.reason(), Reason::CircuitOpen);
    assert_eq!(refused.target(), Some(&host()));
    assert_eq!(refused.retry_after(), Some(first));

    // To the last nanosecond.
    advance(first - Duration::from_nanos(1)).await;
    let refused = world.ask().await.expect_err("still open");
    assert_eq!(refused.retry_after(), Some(Duration::from_nanos(1)));
    assert_eq!(world.provider.calls(), 5);
    advance(Duration::from_nanos(1)).await;

    // Still ill, for a short time so far.
    world.play([status(503)]).await;
    let second = drawn(s(5), &draws);
    assert_eq!(world.handle.status(&host()).left(), Some(second));
    advance(second).await;
    world.play([status(200)]).await;
    assert_eq!(world.state(), "half-open");
    world.play([status(200)]).await;
    assert_eq!(world.state(), "closed");

    let seen: Vec<_> = world.seen.timed();
    let times: Vec<_> = seen
        .iter()
        .map(|(at, event)| (*at - start, name(event)))
        .collect();
    let (again, back) = (first, first + second);
    assert_eq!(
        times,
        [
            (s(0), "opened"),
            (s(0), "refused"),
            (first - Duration::from_nanos(1), "refused"),
            (again, "half-opened"),
            (again, "probing"),
            (again, "opened"),
            (back, "half-opened"),
            (back, "probing"),
            (back, "probing"),
            (back, "closed"),
        ]
    );
}

pub(crate) fn name(event: &Event) -> &'static str {
    match event {
        Event::Opened { .. } => "opened",
        Event::HalfOpened { .. } => "half-opened",
        Event::Probing { .. } => "probing",
        Event::Closed { .. } => "closed",
        Event::Refused { .. } => "refused",
        Event::Forced { .. } => "forced",
        Event::Unwatched { .. } => "unwatched",
        Event::Abandoned { .. } => "abandoned",
        _ => "unknown",
    }
}

#[tokio::test(start_paused = true)]
async fn half_of_the_calls_in_thirty_seconds() {
    let mut world = world(BreakerLayer::builder());
    // Never five in a row.
    for _ in 0..4 {
        world.play([status(500), status(200)]).await;
        advance(s(2)).await;
    }
    world.play([status(200)]).await;
    assert_eq!(world.state(), "closed", "nine calls are too few");
    world.play([status(500)]).await;
    assert_eq!(world.state(), "open", "five of ten");
}

#[tokio::test(start_paused = true)]
async fn failures_older_than_the_window_do_not_count() {
    let mut world = world(BreakerLayer::builder());
    for _ in 0..4 {
        world.play([status(500), status(200)]).await;
    }
    advance(s(30)).await;
    for _ in 0..4 {
        world.play([status(200), status(500)]).await;
        let status = world.handle.status(&host());
        assert_eq!(status.calls(), 2 * status.failures());
    }
    assert_eq!(world.state(), "closed", "eight calls are too few");
}

#[tokio::test(start_paused = true)]
async fn while_all_probes_are_out_calls_are_sent_away_for_a_second() {
    let mut world = world(BreakerLayer::builder());
    world.half_open().await;
    world.provider.does([crate::support::Step::Hang]);
    let mut other = world.client.clone();
    let mut hanging = tokio_test::task::spawn(async { crate::support::ask(&mut other).await });
    tokio_test::assert_pending!(hanging.poll());
    let refused = world.ask().await.expect_err("one probe is out");
    assert_eq!(refused.retry_after(), Some(s(1)));
    // It never ends: after a minute another may go out.
    advance(s(60)).await;
    world.ask().await.expect("issued again");
}
