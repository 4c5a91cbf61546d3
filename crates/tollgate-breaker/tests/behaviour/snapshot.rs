//! What a program that starts again still knows.

use std::time::Duration;

use tokio::time::advance;
use tollgate_breaker::{BreakerLayer, Builder, Snapshot};
use tollgate_core::Target;
use tollgate_test::ManualClock;

use crate::support::{World, host, s, status, world};

fn at(clock: &ManualClock) -> Builder {
    BreakerLayer::builder().wall_clock(clock.clone())
}

async fn open_for_ten_seconds(clock: &ManualClock) -> World {
    let world = world(at(clock));
    world.handle.force_open(&host(), s(10));
    world
}

#[tokio::test(start_paused = true)]
async fn the_time_between_two_runs_counts() {
    let clock = ManualClock::at("2026-10-02T12:00:00Z");
    let before = open_for_ten_seconds(&clock).await;
    let kept = before.handle.snapshot();
    clock.advance(s(7));

    let mut after = world(at(&clock));
    after.handle.restore(&kept);
    let refused = after.ask().await.expect_err("open");
    assert_eq!(refused.retry_after(), Some(s(3)));
    advance(s(3)).await;
    after.play([status(200), status(200)]).await;
    assert_eq!(after.state(), "closed");

    // After its end it is open still, and the next call is a probe.
    clock.advance(s(3_600));
    let late = world(at(&clock));
    late.handle.restore(&kept);
    assert_eq!(late.handle.status(&host()).left(), Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn how_long_it_was_ill_is_kept() {
    let clock = ManualClock::at("2026-10-02T12:00:00Z");
    let mut before = world(at(&clock));
    before.half_open().await;
    advance(s(600)).await;
    let ill = before.handle.status(&host()).ill().expect("ill");
    assert!(ill > s(600), "{ill:?}");
    let kept = before.handle.snapshot();
    let mut after = world(at(&clock));
    after.handle.restore(&kept);
    after.play([status(503)]).await;
    // A sixtieth of that.
    let left = after.handle.status(&host()).left().expect("an end");
    assert!((s(10)..s(12)).contains(&left), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_held_by_hand_is_kept_and_what_is_closed_is_not() {
    let clock = ManualClock::at("2026-10-02T12:00:00Z");
    let mut before = world(at(&clock));
    before.play([status(200)]).await;
    assert!(before.handle.snapshot().is_empty());
    let (open, closed) = (
        Target::new("a", "m").with_account("k"),
        Target::new("b", "m"),
    );
    before.handle.force_open(&open, None);
    before.handle.force_closed(&closed);
    let kept = before.handle.snapshot();

    let after = world(at(&clock));
    after.handle.restore(&kept);
    assert_eq!(after.handle.list().len(), 2);
    for target in [&open, &closed] {
        let status = after.handle.status(target);
        assert!(status.is_held());
        assert_eq!(status.state(), before.handle.state(target));
    }
    assert_eq!(after.seen.count(), 2, "told");
    assert_eq!(after.handle.snapshot(), kept);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_never_opens_earlier_what_is_open_for_longer() {
    let clock = ManualClock::at("2026-10-02T12:00:00Z");
    let kept = open_for_ten_seconds(&clock).await.handle.snapshot();
    let after = world(at(&clock));
    after.handle.force_open(&host(), s(60));
    after.handle.restore(&kept);
    assert_eq!(after.handle.status(&host()).left(), Some(s(60)));
    after.handle.force_open(&host(), None);
    after.handle.restore(&kept);
    assert_eq!(after.handle.status(&host()).left(), None);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_keeps_it_open_for_a_day_at_most() {
    let clock = ManualClock::at("2026-10-02T12:00:00Z");
    let kept = open_for_ten_seconds(&clock).await.handle.snapshot();
    let early = ManualClock::at("1999-12-31T23:59:59Z");
    let after = world(at(&early));
    after.handle.restore(&kept);
    assert_eq!(after.handle.status(&host()).left(), Some(s(86_400)));
    after.handle.restore(&Snapshot::default());
}

#[cfg(feature = "serde")]
#[tokio::test(start_paused = true)]
async fn a_snapshot_is_written_and_read() {
    let clock = ManualClock::at("2026-10-02T12:00:00Z");
    let before = open_for_ten_seconds(&clock).await;
    before
        .handle
        .force_closed(&Target::new("b", "m").with_account("k"));
    let kept = before.handle.snapshot();
    let text = serde_json::to_string(&kept).expect("written");
    assert_eq!(
        text,
        concat!(
            r#"{"keys":[{"provider":"api.test","model":null,"account":null,"#,
            r#""state":{"open_until":1790942410000},"ill_ms":0},"#,
            r#"{"provider":"b","model":"m","account":"k","state":"held_closed","ill_ms":0}]}"#
        )
    );
    let read: Snapshot = serde_json::from_str(&text).expect("read");
    assert_eq!(read, kept);
}
