//! Streams: when a call has succeeded, and what it means when one breaks.

use std::{
    io::ErrorKind,
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tollgate_breaker::{BreakerLayer, Builder, Event};
use tollgate_core::{Class, Classification, Note, StreamReport};
use tower::{Service, ServiceExt, service_fn};
use tower_layer::Layer;

use crate::support::{Frames, Guarded, Step, World, host, request, response, status, world};

/// A 200 with such a body.
fn streaming(frames: Frames) -> Step {
    Step::Answer(response(200).map(|_| frames))
}

fn whole() -> Frames {
    Frames::of([Ok("a"), Ok("b")])
}

fn breaking() -> Frames {
    Frames::of([Ok("a"), Err(ErrorKind::ConnectionReset)])
}

async fn get(world: &mut World, frames: Frames) -> Guarded {
    world.provider.does([streaming(frames)]);
    let client = world.client.ready().await.expect("ready");
    client.call(request()).await.expect("let in")
}

async fn read(world: &mut World, frames: Frames) {
    let response = get(world, frames).await;
    // That it breaks is the reader's business here.
    drop(response.into_body().collect().await);
}

fn heads() -> Builder {
    BreakerLayer::builder()
}

fn whole_bodies() -> Builder {
    BreakerLayer::builder().whole_body()
}

fn counts(world: &World) -> (u32, u32, u32) {
    let status = world.handle.status(&host());
    (status.calls(), status.failures(), status.consecutive())
}

#[tokio::test(start_paused = true)]
async fn a_head_is_a_success_until_its_body_breaks() {
    let mut world = world(heads());
    let response = get(&mut world, breaking()).await;
    assert_eq!(counts(&world), (1, 0, 0));
    let broken = response.into_body().collect().await;
    assert_eq!(
        broken.expect_err("broken").kind(),
        ErrorKind::ConnectionReset
    );
    assert_eq!(counts(&world), (1, 1, 1), "the same call, now a failure");
}

/// Else nobody who watches would ever hear of it: its head was a success.
#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_is_told() {
    for builder in [heads(), whole_bodies()] {
        let mut world = world(builder);
        read(&mut world, whole()).await;
        assert_eq!(world.seen.count(), 0);
        read(&mut world, breaking()).await;
        let target = host();
        assert!(
            matches!(&world.seen.take()[..], [Event::BodyFailed { target: of, .. }] if *of == target)
        );
    }
}

/// A stream in which a classifier below has found an error event.
fn failing(class: Class) -> Step {
    let mut response = response(200).map(|_| whole());
    let report = StreamReport::default();
    report.fail(Classification::new(class));
    Note::update(&mut response, |note| note.set_stream(report));
    Step::Answer(response)
}

async fn read_failing(world: &mut World, class: Class) {
    world.provider.does([failing(class)]);
    let client = world.client.ready().await.expect("ready");
    let response = client.call(request()).await.expect("let in");
    response.into_body().collect().await.expect("a whole body");
}

#[tokio::test(start_paused = true)]
async fn an_error_event_is_a_failure_by_its_class() {
    for builder in [heads, whole_bodies] {
        let mut world = world(builder());
        read_failing(&mut world, Class::Overloaded).await;
        assert_eq!(counts(&world), (1, 1, 1));
        let seen = world.seen.take();
        let [Event::BodyFailed { class, .. }] = &seen[..] else {
            panic!("{seen:?}");
        };
        assert_eq!(*class, Class::Overloaded);
        for neutral in [Class::RateLimited, Class::InvalidRequest] {
            read_failing(&mut world, neutral).await;
            assert_eq!(world.seen.count(), 0, "{neutral}");
        }
        assert_eq!(world.handle.status(&host()).failures(), 1);
        // With the first one they are five in a row.
        for _ in 0..4 {
            assert_eq!(world.state(), "closed");
            read_failing(&mut world, Class::ServerError).await;
        }
        assert_eq!(world.state(), "open");
        let seen = world.seen.take();
        let last = &seen[seen.len() - 2..];
        assert!(
            matches!(last, [Event::BodyFailed { .. }, Event::Opened { .. }]),
            "the cause comes first: {last:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn five_bodies_that_break_one_after_the_other_open_it() {
    for builder in [heads(), whole_bodies()] {
        let mut world = world(builder);
        for call in 1..=5 {
            assert_eq!(world.state(), "closed", "call {call}");
            read(&mut world, breaking()).await;
        }
        assert_eq!(world.state(), "open");
    }
}

#[tokio::test(start_paused = true)]
async fn whole_bodies_end_the_streak() {
    for builder in [heads(), whole_bodies()] {
        let mut world = world(builder);
        for _ in 0..4 {
            read(&mut world, breaking()).await;
        }
        read(&mut world, whole()).await;
        assert_eq!(counts(&world), (5, 4, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dropped_says_nothing() {
    let mut world = world(whole_bodies());
    for _ in 0..10 {
        let mut body = get(&mut world, breaking()).await.into_body();
        body.frame().await.expect("a frame").expect("a good one");
    }
    assert_eq!(counts(&world), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_probe_keeps_its_place_until_its_body_ends() {
    let mut world = world(whole_bodies());
    world.half_open().await;
    let response = get(&mut world, whole()).await;
    world.ask().await.expect_err("the probe is still out");
    response.into_body().collect().await.expect("whole");
    // Dropped: neither here nor there, and the place is free.
    drop(get(&mut world, whole()).await);
    drop(get(&mut world, whole()).await);
    assert_eq!(world.state(), "half-open");
    read(&mut world, whole()).await;
    assert_eq!(world.state(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_body_breaks_has_failed() {
    for builder in [heads(), whole_bodies()] {
        let mut world = world(builder);
        world.half_open().await;
        read(&mut world, breaking()).await;
        assert_eq!(world.state(), "open");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_from_before_that_breaks_later_counts_nothing() {
    let mut world = world(heads());
    let old = get(&mut world, breaking()).await;
    world.half_open().await;
    drop(old.into_body().collect().await);
    assert_eq!(world.state(), "open", "due, and nobody has asked");
    world.play([status(200), status(200)]).await;
    assert_eq!(world.state(), "closed");
    assert_eq!(counts(&world), (0, 0, 0));
}

/// A client that knows the length does not ask for more after the last byte, and none at all of a
/// body without any.
#[tokio::test(start_paused = true)]
async fn the_end_is_seen_where_nobody_asks_for_it() {
    let mut world = world(whole_bodies());
    drop(get(&mut world, Frames::default()).await);
    assert_eq!(counts(&world), (1, 0, 0));
    let mut body = get(&mut world, Frames::of([Ok("all")])).await.into_body();
    body.frame().await.expect("a frame").expect("a good one");
    assert!(body.is_end_stream());
    assert_eq!(counts(&world), (2, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_broken_body_of_an_answer_that_did_not_count_is_a_failure_too() {
    let mut world = world(heads());
    let step = Step::Answer(response(400).map(|_| breaking()));
    world.provider.does([step]);
    let client = world.client.ready().await.expect("ready");
    let response = client.call(request()).await.expect("let in");
    assert_eq!(counts(&world), (0, 0, 0));
    drop(response.into_body().collect().await);
    assert_eq!(counts(&world), (1, 1, 1));
    // One of an answer that failed already is no second failure.
    let step = Step::Answer(response_503());
    world.provider.does([step]);
    let client = world.client.ready().await.expect("ready");
    let response = client.call(request()).await.expect("let in");
    drop(response.into_body().collect().await);
    assert_eq!(counts(&world), (2, 2, 2));
}

fn response_503() -> http::Response<Frames> {
    response(503).map(|_| breaking())
}

/// A body of trailers only, that does not know its end.
#[derive(Debug)]
struct Trailers;

impl Body for Trailers {
    type Data = &'static [u8];
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(Some(Ok(Frame::trailers(http::HeaderMap::new()))))
    }
}

/// Trailers are the last of a body: a server that hands it on asks for no more after them.
#[tokio::test(start_paused = true)]
async fn trailers_are_the_end() {
    let (layer, handle) = whole_bodies().build_with_handle().expect("good settings");
    let inner = service_fn(|_: http::Request<()>| async {
        Ok::<_, std::io::Error>(http::Response::new(Trailers))
    });
    let answer = layer.layer(inner).oneshot(request()).await;
    let mut body = answer.expect("let in").into_body();
    let frame = body.frame().await.expect("a frame").expect("a good one");
    assert!(frame.is_trailers());
    assert_eq!(handle.status(&host()).calls(), 1);
}

/// Else a provider that came back, and whose streams end in rate limits, would stay half open for ever.
#[tokio::test(start_paused = true)]
async fn a_probe_whose_stream_ends_in_a_rate_limit_closes_it() {
    for builder in [heads(), whole_bodies()] {
        let mut world = world(builder);
        world.half_open().await;
        for _ in 0..10 {
            read_failing(&mut world, Class::RateLimited).await;
        }
        assert_eq!(world.state(), "closed");
    }
}
