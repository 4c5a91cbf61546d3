//! A provider that hangs, and callers who do not wait for it to the end.

use std::time::Duration;

use tokio::time::{Instant, advance};
use tollgate_breaker::{BreakerLayer, Event};
use tollgate_core::{AttemptListener, BoxError, Target, TimeLimit, TimedOut};
use tower::{Service, ServiceExt, service_fn};
use tower_layer::Layer;

use crate::support::{Frames, host, layer, request, s, status, world};

/// Fault D1: the breaker said "0 of 0 calls failed" while every call was lost.
#[tokio::test(start_paused = true)]
async fn who_hears_of_callers_that_leave_opens() {
    let mut world = world(BreakerLayer::builder());
    world.play([status(200)]).await;
    for left in 1..=5 {
        assert_eq!(world.state(), "closed", "{left}");
        let sent = Instant::now();
        advance(s(30)).await;
        world.handle.abandoned(&host(), sent);
    }
    assert_eq!(world.state(), "open");
    let told = world.seen.take();
    let abandoned =
        |event: &&Event| matches!(event, Event::Abandoned { after, .. } if *after == s(30));
    assert_eq!(told.iter().filter(abandoned).count(), 5);
    let line = "api.test: no answer when the caller left after 30.0s";
    assert_eq!(told[0].to_string(), line);
    let status = world.handle.status(&host()).to_string();
    assert!(
        status.ends_with("opened 0.0ns ago: 5 failures in a row"),
        "{status}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_not_known_makes_no_breaker() {
    let world = world(BreakerLayer::builder());
    let sent = Instant::now();
    advance(s(30)).await;
    world
        .handle
        .abandoned(&Target::provider_only("other"), sent);
    assert!(world.handle.list().is_empty());
}

/// What a call ends with whose deadline left it so much time.
fn late(limit: TimeLimit, after: Duration) -> BoxError {
    TimedOut::new(limit, after).into_error()
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_shorter_than_answers_take_says_nothing() {
    use TimeLimit::{Attempt, Deadline, Share};
    for (limit, after, counts) in [
        (Deadline, s(2), false),
        (Deadline, s(3), true),
        (Share, s(1), false),
        // What somebody set for this very purpose counts.
        (Attempt, s(1), true),
    ] {
        let (breaker, handle, _) = layer(BreakerLayer::builder());
        let hangs = service_fn(move |_: http::Request<()>| async move {
            Err::<http::Response<Frames>, _>(late(limit, after))
        });
        let mut client = breaker.layer(hangs);
        for _ in 0..5 {
            let call = client.ready().await.expect("ready").call(request());
            call.await.expect_err("late");
        }
        let open = handle.state(&host()).as_str() == "open";
        assert_eq!(open, counts, "{limit} after {after:?}");
    }
}
