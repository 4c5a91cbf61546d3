//! Sustained rate limiting, with and without being told to open on it.

use std::io::ErrorKind;

use http_body_util::BodyExt;
use tokio::time::{Instant, advance};
use tollgate_breaker::{BreakerLayer, Event, Verdict};
use tollgate_core::{Class, Classification, Reason, Rejected};
use tower::{Service, ServiceExt};

use crate::{
    support::{
        Frames, Step, World, drawn, host, jitter, ms, request, response, s, status, told, world,
    },
    times::name,
};

fn with_rate_limits() -> World {
    world(BreakerLayer::builder().trip_on(Class::RateLimited))
}

/// The events and their times in milliseconds since the start.
fn story(world: &World, start: Instant) -> Vec<(u128, &'static str)> {
    let timed = world.seen.timed();
    let times = timed
        .iter()
        .map(|(at, event)| ((*at - start).as_millis(), name(event)));
    times.filter(|(_, name)| *name != "refused").collect()
}

/// The hypothesis of the whole: a provider that keeps saying 429 is left alone for as long as it
/// asks, then asked by one call, then by two, and then by all.
#[tokio::test(start_paused = true)]
async fn sustained_rate_limiting_opens_it_for_as_long_as_the_provider_says() {
    let mut world = with_rate_limits();
    let start = Instant::now();
    // Five 429s, a second apart; each tells the same end, but the last one less.
    for seconds in [30, 29, 28, 27, 1] {
        world.play([told(429, seconds)]).await;
        if seconds > 1 {
            advance(s(1)).await;
        }
    }
    assert_eq!(world.state(), "open");
    // Everybody is sent away until second 30, whatever is asked in between.
    for second in 4..30 {
        let refused = world.ask().await.expect_err("open");
        assert_eq!(refused.retry_after(), Some(s(30 - second)));
        advance(s(1)).await;
    }
    assert_eq!(world.provider.calls(), 5);

    // Not yet: the probe is told two more seconds, which is less than what is drawn of ten.
    world.play([told(429, 2)]).await;
    let draws = jitter();
    drawn(s(5), &draws);
    let second = drawn(s(5), &draws);
    advance(second).await;
    world.play([status(200)]).await;
    advance(ms(250)).await;
    world.play([status(200)]).await;
    assert_eq!(world.state(), "closed");
    world.play((0..100).map(|_| status(200))).await;

    let back = 30_000 + second.as_millis();
    assert_eq!(
        story(&world, start),
        [
            (4_000, "opened"),
            (30_000, "half-opened"),
            (30_000, "probing"),
            (30_000, "opened"),
            (back, "half-opened"),
            (back, "probing"),
            (back + 250, "probing"),
            (back + 250, "closed"),
        ]
    );
    let waits: Vec<_> = world.seen.events();
    let waits = waits.iter().filter_map(|event| match event {
        Event::Opened { wait, .. } => Some(*wait),
        _ => None,
    });
    assert_eq!(waits.collect::<Vec<_>>(), [s(26), second]);
}

#[tokio::test(start_paused = true)]
async fn rate_limits_alone_are_no_outage() {
    let mut world = world(BreakerLayer::builder());
    world.play((0..1_000).map(|_| told(429, 30))).await;
    assert_eq!(world.state(), "closed");
    assert_eq!(world.seen.count(), 0);
    // Nor do they help: five failures with 429s in between are five in a row.
    for _ in 0..4 {
        world.play([status(503), told(429, 1)]).await;
    }
    assert_eq!(world.state(), "closed");
    world.play([status(503)]).await;
    assert_eq!(world.state(), "open");
}

#[tokio::test(start_paused = true)]
async fn the_preset_counts_rate_limits_and_the_default_does_not() {
    use tower_layer::Layer;

    for (layer, opens) in [
        (BreakerLayer::new(), false),
        (BreakerLayer::outages(), false),
        (BreakerLayer::with_rate_limits(), true),
    ] {
        let provider = crate::support::Provider::default();
        let client = layer.layer(provider.clone());
        for _ in 0..5 {
            provider.does([told(429, 60)]);
            let call = client.clone().oneshot(request());
            call.await.expect("let in");
        }
        let sixth = client.clone().oneshot(request()).await;
        assert_eq!(sixth.is_err(), opens);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_told_with_an_overload_is_a_floor_too() {
    let mut world = world(BreakerLayer::builder());
    world.play((0..5).map(|_| told(503, 17))).await;
    let refused = world.ask().await.expect_err("open");
    assert_eq!(refused.retry_after(), Some(s(17)));
}

/// What a host says that was shut off shows that it is there again, whatever it says: it is not
/// kept half open, one call at a time, for as long as it rate limits or the key is wrong.
#[tokio::test(start_paused = true)]
async fn a_host_that_answers_is_taken_back_whatever_it_answers() {
    for code in [400, 401, 402, 404, 429] {
        let mut world = world(BreakerLayer::builder());
        world.half_open().await;
        world.play([told(code, 600)]).await;
        assert_eq!(world.state(), "half-open", "{code}: one of two");
        world.play([told(code, 600)]).await;
        assert_eq!(world.state(), "closed", "{code}");
        world.play((0..100).map(|_| told(code, 600))).await;
        let status = world.handle.status(&host());
        assert_eq!((status.calls(), world.state()), (0, "closed"), "{code}");
    }
}

/// Unless one says so oneself; nor is there anything to be learned from what never reached it.
#[tokio::test(start_paused = true)]
async fn what_is_neutral_by_ones_own_word_or_did_not_reach_it_takes_nothing_back() {
    let own = |seen: &Classification| {
        let limited = seen.class() == Class::RateLimited;
        limited.then_some(Verdict::Neutral)
    };
    let no_errors = BreakerLayer::builder().on_classes([Class::ServerError]);
    let mut world = world(no_errors.judge(own));
    world.play((0..5).map(|_| status(500))).await;
    let left = world.handle.status(&host()).left().expect("an end");
    advance(left).await;
    for _ in 0..10 {
        world.play([told(429, 600)]).await;
        world.play([Step::Fail(ErrorKind::ConnectionReset)]).await;
        world
            .provider
            .does([Step::Refuse(Rejected::new(Reason::WaitTooLong))]);
        let refused = world.ask().await.expect_err("refused below");
        assert_eq!(refused.reason(), Reason::WaitTooLong);
        let status = world.handle.status(&host());
        assert_eq!((world.state(), status.probes()), ("half-open", 0));
    }
    world.play([status(200), status(200)]).await;
    assert_eq!(world.state(), "closed");
}

/// A slow answer that says nothing proves nothing either.
#[tokio::test(start_paused = true)]
async fn a_slow_answer_that_does_not_count_takes_nothing_back() {
    let mut world = world(BreakerLayer::builder().slow_calls(s(2), 0.5, 4));
    world.half_open().await;
    world
        .play([Step::After(s(3), 429), Step::After(s(3), 429)])
        .await;
    assert_eq!(world.state(), "half-open");
    assert_eq!(world.handle.status(&host()).probes(), 0);
}

/// Twice: before it has been taken back, and after.
#[tokio::test(start_paused = true)]
async fn a_probe_that_did_not_count_and_whose_body_breaks_has_failed() {
    for (probes, state) in [(0, "open"), (1, "closed")] {
        let mut world = world(BreakerLayer::builder());
        world.half_open().await;
        world.play((0..probes).map(|_| told(429, 1))).await;
        let frames = Frames::of([Ok("a"), Err(ErrorKind::ConnectionReset)]);
        let step = Step::Answer(response(429).map(|_| frames));
        world.provider.does([step]);
        let client = world.client.ready().await.expect("ready");
        let answer = client.call(request()).await.expect("let in");
        drop(answer.into_body().collect().await);
        assert_eq!(world.state(), state);
    }
}
