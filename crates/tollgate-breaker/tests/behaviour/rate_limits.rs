//! Sustained rate limiting, with and without being told to open on it.

use tokio::time::{Instant, advance};
use tollgate_breaker::{BreakerLayer, Event};
use tollgate_core::Class;

use crate::{
    support::{World, drawn, jitter, ms, s, status, told, world},
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
    let second = drawn(s(10), &draws);
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
    use tower::ServiceExt;
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
            let call = client.clone().oneshot(crate::support::request());
            call.await.expect("let in");
        }
        let sixth = client.clone().oneshot(crate::support::request()).await;
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
