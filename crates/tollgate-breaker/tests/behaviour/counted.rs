//! What counts as a failure, what as a success, and what as neither.

use std::{io::ErrorKind, time::Duration};

use http::Response;
use tollgate_breaker::{BreakerLayer, Verdict};
use tollgate_core::{Class, Classification, Note, Reason, Rejected};
use tower::{Service, ServiceExt, timeout::TimeoutLayer};
use tower_layer::Layer;

use crate::support::{
    Frames, Provider, Step, World, ask, host, layer, ms, request, response, s, status, world,
};

/// A status with a classifier's word on it.
fn noted(code: u16, class: Class) -> Step {
    Step::Answer(with_note(code, |note| {
        note.set_classification(Classification::new(class));
    }))
}

fn with_note(code: u16, change: impl FnOnce(&mut Note)) -> Response<Frames> {
    let mut response = response(code);
    Note::update(&mut response, change);
    response
}

async fn counts(world: &mut World, step: Step) -> (u32, u32) {
    let before = world.handle.status(&host());
    world.play([step]).await;
    let after = world.handle.status(&host());
    let calls = after.calls() - before.calls();
    (calls, after.failures() - before.failures())
}

const FAILURE: (u32, u32) = (1, 1);
const SUCCESS: (u32, u32) = (1, 0);
const NEUTRAL: (u32, u32) = (0, 0);

/// Never opens, so that all can be counted.
fn patient() -> World {
    world(
        BreakerLayer::builder()
            .consecutive_failures(1_000)
            .no_failure_rate(),
    )
}

#[tokio::test(start_paused = true)]
async fn plain_statuses_and_errors_without_a_classifier() {
    let mut world = patient();
    for (code, expected) in [
        (200, SUCCESS),
        (204, SUCCESS),
        (302, SUCCESS),
        (400, NEUTRAL),
        (401, NEUTRAL),
        (402, NEUTRAL),
        (403, NEUTRAL),
        (404, NEUTRAL),
        (408, FAILURE),
        (429, NEUTRAL),
        (500, FAILURE),
        (502, FAILURE),
        (503, FAILURE),
        (504, FAILURE),
        (529, FAILURE),
    ] {
        assert_eq!(counts(&mut world, status(code)).await, expected, "{code}");
    }
    for kind in [ErrorKind::ConnectionReset, ErrorKind::TimedOut] {
        assert_eq!(
            counts(&mut world, Step::Fail(kind)).await,
            FAILURE,
            "{kind}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_word_of_a_classifier_comes_before_the_status() {
    let mut world = patient();
    for (code, class, expected) in [
        (200, Class::Overloaded, FAILURE),
        (429, Class::QuotaExhausted, NEUTRAL),
        (429, Class::Overloaded, FAILURE),
        (500, Class::InvalidRequest, NEUTRAL),
        (503, Class::RateLimited, NEUTRAL),
        (400, Class::Ok, SUCCESS),
    ] {
        let seen = counts(&mut world, noted(code, class)).await;
        assert_eq!(seen, expected, "{code} {class}");
    }
    // A note that says something else only.
    let quota_only = Step::Answer(with_note(200, |note| note.set_queued(s(1))));
    assert_eq!(counts(&mut world, quota_only).await, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_below_refused_is_not_the_providers_doing() {
    let mut world = world(BreakerLayer::builder().consecutive_failures(1));
    for reason in [Reason::QueueFull, Reason::WaitTooLong, Reason::CircuitOpen] {
        world.provider.does([Step::Refuse(Rejected::new(reason))]);
        let refused = world.ask().await.expect_err("refused below");
        assert_eq!(refused.reason(), reason);
        assert_eq!(world.state(), "closed");
        assert_eq!(world.handle.status(&host()).calls(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_classes_are_a_choice() {
    let builder = BreakerLayer::builder().consecutive_failures(1_000);
    let mut world = world(
        builder
            .on_classes([Class::Auth])
            .trip_on(Class::RateLimited),
    );
    for (code, expected) in [
        (401, FAILURE),
        (429, FAILURE),
        (500, NEUTRAL),
        (503, NEUTRAL),
    ] {
        assert_eq!(counts(&mut world, status(code)).await, expected, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_judge_of_ones_own_comes_before_the_classes() {
    let builder = BreakerLayer::builder().consecutive_failures(1_000);
    let mut world = world(builder.judge(|seen| match seen.class() {
        Class::Ok => Some(Verdict::Failure),
        Class::ServerError => Some(Verdict::Success),
        Class::Transport => Some(Verdict::Neutral),
        _ => None,
    }));
    for (step, expected) in [
        (status(200), FAILURE),
        (status(500), SUCCESS),
        (Step::Fail(ErrorKind::ConnectionReset), NEUTRAL),
        (Step::Fail(ErrorKind::TimedOut), FAILURE),
        (status(503), FAILURE),
        (status(400), NEUTRAL),
    ] {
        assert_eq!(counts(&mut world, step).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_opens_it_by_the_timeout_between() {
    let (layer, handle, _) = layer(BreakerLayer::builder());
    let provider = Provider::default();
    provider.does((0..6).map(|_| Step::Hang));
    let mut client = layer.layer(TimeoutLayer::new(s(10)).layer(provider.clone()));
    for call in 1..=5 {
        assert_eq!(ask(&mut client).await, Ok(0), "an error, not a refusal");
        assert_eq!(handle.state(&host()).as_str() == "open", call == 5);
    }
    ask(&mut client).await.expect_err("open");
    assert_eq!(provider.calls(), 5);
}

/// Slow means more than 2 s; half of 4 calls.
fn watching_slowness() -> World {
    world(BreakerLayer::builder().slow_calls(s(2), 0.5, 4))
}

#[tokio::test(start_paused = true)]
async fn slow_calls_open_it_although_they_succeed() {
    let mut world = watching_slowness();
    let after = |millis| Step::After(ms(millis), 200);
    world.play([after(2_000), after(2_000), after(2_001)]).await;
    assert_eq!(world.handle.status(&host()).slow(), 1);
    assert_eq!(world.state(), "closed");
    world.play([after(2_001)]).await;
    assert_eq!(world.state(), "open");
    let left = world.handle.status(&host()).left().expect("an end");
    tokio::time::advance(left).await;
    // A slow probe says that it is still ill.
    world.play([after(2_001)]).await;
    assert_eq!(world.state(), "open");
}

#[tokio::test(start_paused = true)]
async fn the_time_a_limiter_held_a_call_is_not_slowness() {
    let world = watching_slowness();
    for held in [s(60), Duration::MAX] {
        let step = Step::Answer(with_note(200, |note| note.set_queued(held)));
        world.provider.does([step]);
        answered_late(&world, s(60)).await;
        assert_eq!(world.handle.status(&host()).slow(), 0);
    }
    answered_late(&world, s(60)).await;
    let slow = world.handle.status(&host()).slow();
    assert_eq!(slow, 1, "nobody says it was held");
}

/// A call that is out for so long before its answer is there to be looked at.
async fn answered_late(world: &World, time: Duration) {
    let mut client = world.client.clone();
    let call = client.ready().await.expect("ready").call(request());
    tokio::time::advance(time).await;
    call.await.expect("let in");
}

/// A server that closed an idle connection says nothing, however often.
#[tokio::test(start_paused = true)]
async fn a_stale_connection_is_neutral() {
    let mut world = world(BreakerLayer::builder());
    for _ in 0..20 {
        assert_eq!(counts(&mut world, Step::Stale).await, NEUTRAL);
    }
    assert_eq!(world.state(), "closed");
    let broken = Step::Fail(ErrorKind::ConnectionReset);
    assert_eq!(counts(&mut world, broken).await, FAILURE);
}
