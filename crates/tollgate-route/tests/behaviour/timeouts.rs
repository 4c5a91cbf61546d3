//! The time limits of an attempt.

use http::Request;
use http_body_util::BodyExt;
use tokio::time::Instant;
use tollgate_core::{BoxError, Class};
use tollgate_route::timeout::{TimeLimit, TimedOut, TimeoutBuilder, TimeoutLayer};
use tollgate_test::{Fault, KitBody, ProviderBuilder};
use tower::{Layer, ServiceExt};

use crate::support::*;

fn stream() -> Request<Body> {
    asking(r#"{"model":"m","stream":true}"#)
}

/// The whole body, or the error and when it came.
async fn read(
    provider: &ProviderBuilder,
    limits: TimeoutBuilder,
    request: Request<Body>,
) -> Result<usize, (TimeLimit, u128)> {
    let start = Instant::now();
    let service = limits
        .build()
        .unwrap()
        .layer(provider.clone().build().service());
    let read = async {
        let response = service.oneshot(request).await?;
        let body = response.into_body().collect().await?;
        Ok::<_, BoxError>(body.to_bytes().len())
    };
    let read = tokio::time::timeout(s(3_600), read)
        .await
        .expect("it hangs");
    read.map_err(|error| {
        assert_eq!(Class::of_error(error.as_ref()), Some(Class::Timeout));
        let timed = TimedOut::find(error.as_ref()).expect("one of ours");
        (timed.limit(), start.elapsed().as_millis())
    })
}

fn limits() -> TimeoutBuilder {
    TimeoutLayer::builder()
        .attempt(s(30))
        .first_event(s(5))
        .idle(s(10))
}

#[tokio::test(start_paused = true)]
async fn the_head_comes_in_time_or_not_at_all() {
    let hangs = groq().fault(Fault::hang());
    assert_eq!(
        read(&hangs, limits(), request()).await,
        Err((TimeLimit::Attempt, 30_000))
    );
    // A stream has less time, because its first event has.
    assert_eq!(
        read(&hangs, limits(), stream()).await,
        Err((TimeLimit::FirstEvent, 5_000))
    );
    assert!(
        read(&groq().latency(s(29), s(0)), limits(), request())
            .await
            .is_ok()
    );
    let slow = groq().latency(s(6), s(0));
    assert_eq!(
        read(&slow, limits(), stream()).await,
        Err((TimeLimit::FirstEvent, 5_000))
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_may_pause_but_not_for_long() {
    let drips = groq().pace(s(9));
    assert!(read(&drips, limits(), stream()).await.is_ok());
    let stalls = groq().pace(s(11));
    assert_eq!(
        read(&stalls, limits(), stream()).await,
        Err((TimeLimit::Idle, 10_000))
    );
    let stalls = groq().fault(Fault::stall(10));
    assert_eq!(
        read(&stalls, limits(), request()).await,
        Err((TimeLimit::Idle, 10_000))
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_event_is_counted_from_the_start_of_the_attempt() {
    // The head after 3 s, and then nothing.
    let stalls = groq().latency(s(3), s(0)).fault(Fault::stall(0));
    assert_eq!(
        read(&stalls, limits(), stream()).await,
        Err((TimeLimit::FirstEvent, 5_000))
    );
    // What is no stream has no first event.
    assert_eq!(
        read(&stalls, limits(), request()).await,
        Err((TimeLimit::Idle, 13_000))
    );
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_ends() {
    let none = TimeoutLayer::builder();
    let slow = groq().latency(s(600), s(0)).pace(s(60));
    assert!(read(&slow, none, stream()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_first_event_may_follow_what_was_seen() {
    let layer = TimeoutLayer::builder()
        .first_event_between(s(1), s(60))
        .build()
        .unwrap();
    let provider = groq()
        .latency(ms(800), ms(0))
        .fault(Fault::delay(s(90)).calls(25..=26));
    let service = layer.layer(provider.build().service());
    for _ in 0..24 {
        let response = service.clone().oneshot(stream()).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    // 24 took 0.8 s, so the next may take 2.4 s.
    let start = Instant::now();
    let error = service
        .clone()
        .oneshot(stream())
        .await
        .map(drop)
        .unwrap_err();
    assert!(TimedOut::find(error.as_ref()).is_some());
    assert_eq!(start.elapsed(), ms(2_400));
    // That one counts too: the limit rises again when a provider has become slow.
    let start = Instant::now();
    service
        .clone()
        .oneshot(stream())
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(start.elapsed(), ms(7_200));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_timed_out_is_over() {
    let provider = groq().fault(Fault::stall(10)).build();
    let service = limits().build().unwrap().layer(provider.service());
    let response = service.oneshot(stream()).await.unwrap();
    let mut body: tollgate_route::timeout::TimedBody<KitBody> = response.into_body();
    let mut errors = 0;
    while let Some(frame) = body.frame().await {
        errors += usize::from(frame.is_err());
    }
    assert_eq!(errors, 1);
}

#[test]
fn limits_that_make_no_sense_do_not_build() {
    let builder = TimeoutLayer::builder;
    for (bad, culprit) in [
        (builder().attempt(s(0)), "attempt"),
        (builder().first_event(s(0)), "first_event"),
        (builder().idle(s(0)), "idle"),
        (
            builder().first_event_between(s(2), s(1)),
            "first_event_between",
        ),
    ] {
        assert_eq!(bad.build().unwrap_err().culprit(), culprit);
    }
}
