//! Probes that are dropped, in whatever state, and code of others that panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http_body_util::BodyExt;
use tokio_test::task::spawn;
use tollgate_breaker::BreakerLayer;
use tollgate_core::{Class, Observe, Reason, Rejected};
use tower::{Service, ServiceExt};
use tower_layer::Layer;

use crate::support::{Client, Provider, Step, World, ask, host, request, status, world};

/// The one place of a probe is free.
async fn assert_free(world: &mut World) {
    assert_eq!(world.handle.status(&host()).probes(), 0, "a place is taken");
    let refused = Step::Refuse(Rejected::new(Reason::QueueFull));
    world.provider.does([refused]);
    let refused = world.ask().await.expect_err("below");
    assert_eq!(refused.reason(), Reason::QueueFull, "it came through");
    assert_eq!(world.state(), "half-open");
}

/// Waits for its head in three polls, and for each frame in one more.
async fn whole_call(mut client: Client) {
    let client = client.ready().await.expect("ready");
    let response = client.call(request()).await.expect("let in");
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        frame.expect("a good one");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_dropped_at_any_poll_gives_its_place_back() {
    for polls in 1.. {
        let mut world = world(BreakerLayer::builder().whole_body());
        world.half_open().await;
        world.provider.does([Step::Yield(3)]);
        let mut call = spawn(whole_call(world.client.clone()));
        let done = (0..polls).any(|_| call.poll().is_ready());
        let out = usize::from(!done && !call_is_over(polls));
        assert_eq!(world.handle.status(&host()).probes(), out, "{polls} polls");
        drop(call);
        assert_free(&mut world).await;
        if done {
            assert!(polls > 6, "the sweep covers the head and the body");
            return;
        }
    }
}

/// The last frame is read in the sixth poll; the seventh finds nothing more.
const fn call_is_over(polls: u32) -> bool {
    polls > 5
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_never_polled_gives_its_place_back() {
    let mut world = world(BreakerLayer::builder());
    world.half_open().await;
    for _ in 0..3 {
        let client = world.client.ready().await.expect("ready");
        let call = client.call(request());
        assert_eq!(world.handle.status(&host()).probes(), 1);
        drop(call);
        assert_free(&mut world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_panics_leaves_no_place_taken() {
    let mut world = world(BreakerLayer::builder());
    world.half_open().await;
    world.client.ready().await.expect("ready");
    world.provider.does([Step::PanicInCall]);
    let call = AssertUnwindSafe(|| drop(world.client.call(request())));
    catch_unwind(call).expect_err("it panics");
    assert_free(&mut world).await;

    world.provider.does([Step::PanicInPoll]);
    let client = world.client.ready().await.expect("ready");
    let mut call = spawn(client.call(request()));
    catch_unwind(AssertUnwindSafe(|| call.poll().is_ready())).expect_err("it panics");
    drop(call);
    assert_free(&mut world).await;
}

#[tokio::test(start_paused = true)]
async fn a_judge_that_panics_leaves_no_place_taken() {
    let builder = BreakerLayer::builder().judge(|seen| match seen.class() {
        Class::InvalidRequest => None,
        Class::Auth => panic!("in the judge"),
        _ => None,
    });
    let mut world = world(builder);
    world.half_open().await;
    world.provider.does([status(401)]);
    let client = world.client.ready().await.expect("ready");
    let mut call = spawn(client.call(request()));
    catch_unwind(AssertUnwindSafe(|| call.poll().is_ready())).expect_err("it panics");
    drop(call);
    assert_free(&mut world).await;
}

/// Panics at each probe.
struct Unsteady;

impl Observe<tollgate_breaker::Event> for Unsteady {
    fn observe(&self, event: &tollgate_breaker::Event) {
        assert!(
            !matches!(event, tollgate_breaker::Event::Probing { .. }),
            "in the observer"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_leaves_no_place_taken_and_no_lock_held() {
    let builder = BreakerLayer::builder().observer(Unsteady);
    let (layer, handle) = builder.build_with_handle().expect("good settings");
    handle.force_open(&host(), std::time::Duration::ZERO);
    let mut client = layer.layer(Provider::default());
    client.ready().await.expect("ready");
    let call = AssertUnwindSafe(|| drop(client.call(request())));
    catch_unwind(call).expect_err("it panics");
    assert_eq!(handle.status(&host()).probes(), 0);
}

#[tokio::test(start_paused = true)]
async fn cancelled_calls_are_neither_failures_nor_successes() {
    let world = world(BreakerLayer::builder().consecutive_failures(1));
    for _ in 0..20 {
        world.provider.does([Step::Hang]);
        let mut client = world.client.clone();
        let mut call = spawn(async { ask(&mut client).await });
        tokio_test::assert_pending!(call.poll());
    }
    assert_eq!(world.handle.status(&host()).calls(), 0);
    assert_eq!(world.state(), "closed");
}
