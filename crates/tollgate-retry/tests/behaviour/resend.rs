//! What a resend carries, and what the copy of a request costs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use http::{Request, Version};
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, StaleConnection, Target};
use tollgate_retry::RetryLayer;
use tower::{Layer, ServiceExt};

use crate::support::{Body, Provider, request, s, status, throttled};

async fn send(layer: &RetryLayer, provider: &Provider, request: Request<Body>) {
    let sent = layer.layer(provider.clone()).oneshot(request).await;
    assert_eq!(sent.expect("a response").status(), 200);
}

#[tokio::test(start_paused = true)]
async fn the_same_request_is_sent_again() {
    let provider = Provider::of_statuses(&[503, 500, 200]);
    let mut request = request();
    *request.version_mut() = Version::HTTP_2;
    *request.body_mut() = Body::Whole("the same");
    send(&RetryLayer::new(), &provider, request).await;
    let memory = provider.memory();
    let [first, .., last] = &memory.seen[..] else {
        panic!()
    };
    assert_eq!(memory.seen.len(), 3);
    assert_eq!(first.request.method(), last.request.method());
    assert_eq!(first.request.uri(), last.request.uri());
    assert_eq!(first.request.version(), last.request.version());
    assert_eq!(first.request.headers(), last.request.headers());
    assert_eq!(first.request.body(), last.request.body());
}

#[tokio::test(start_paused = true)]
async fn a_call_is_put_on_real_resends_only() {
    let slow = (s(3), Ok(throttled(2)));
    let provider = Provider::new([slow, (s(0), Ok(throttled(2))), (s(0), Ok(status(200)))]);
    let start = Instant::now();
    send(&RetryLayer::new(), &provider, request()).await;
    let calls = provider.calls();
    assert_eq!(calls[0], None);
    for (i, call) in calls.iter().enumerate().skip(1) {
        let call = call.as_ref().expect("a resend says so");
        assert_eq!(call.attempt() as usize, i);
        assert_eq!(call.arrival(), Some(start), "of the first attempt");
        assert_eq!((call.deadline(), call.wait_budget()), (None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_user_said_is_kept() {
    let provider = Provider::new([(s(0), Ok(throttled(7))), (s(0), Ok(status(200)))]);
    let arrival = Instant::now();
    tokio::time::advance(s(4)).await;
    let call = Call::new()
        .with_target(Target::new("groq", "m"))
        .with_arrival(arrival)
        .with_deadline_in(s(30))
        .with_wait_budget(s(20))
        .with_attempt(3);
    let mut request = request();
    request.extensions_mut().insert(call.clone());
    send(&RetryLayer::new(), &provider, request).await;
    let calls = provider.calls();
    assert_eq!(
        calls[0].as_ref(),
        Some(&call),
        "the first attempt is not touched"
    );
    let resent = calls[1].clone().expect("a resend says so");
    let slept = provider.times()[1];
    let left = resent.wait_budget().expect("still there");
    // The sleep ends with the next full millisecond.
    assert!(left <= s(20) - slept + Duration::from_millis(1) && left >= s(20) - slept);
    assert_eq!(resent.with_wait_budget(s(20)), call.with_attempt(4));
}

/// Counts how often it is cloned.
#[derive(Debug, Default)]
struct Counted(Arc<AtomicU32>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn one_copy_per_attempt() {
    let provider = Provider::of_statuses(&[429, 429, 429, 429, 429, 429, 200]);
    let (mut request, clones) = (request(), Counted::default());
    request.extensions_mut().insert(Call::new());
    request.extensions_mut().insert(Counted(clones.0.clone()));
    send(&RetryLayer::new(), &provider, request).await;
    let memory = provider.memory();
    assert!(
        memory
            .seen
            .iter()
            .all(|one| one.request.extensions().get::<Counted>().is_some())
    );
    // One for the last attempt too, which may meet a stale connection.
    assert_eq!(clones.0.load(Ordering::Relaxed), 7, "for 7 attempts");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_copied_where_nothing_can_be_sent_again() {
    let provider = Provider::of_statuses(&[503, 503]);
    let clones = Counted::default();
    let mut once = request();
    *once.body_mut() = Body::Once;
    let layer = RetryLayer::builder().only_safe().build().unwrap();
    for (layer, mut request) in [(RetryLayer::new(), once), (layer, request())] {
        request.extensions_mut().insert(Counted(clones.0.clone()));
        let sent = layer.layer(provider.clone()).oneshot(request).await;
        assert_eq!(sent.expect("a response").status(), 503);
    }
    assert_eq!(clones.0.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn the_count_header_is_opt_in() {
    for (layer, expected) in [
        (RetryLayer::new(), [None, None, None]),
        (
            RetryLayer::builder().count_header().build().unwrap(),
            [None, Some("1"), Some("2")],
        ),
    ] {
        let provider = Provider::of_statuses(&[503, 503, 200]);
        send(&layer, &provider, request()).await;
        let memory = provider.memory();
        let counts = memory.seen.iter().map(|one| {
            let count = one.request.headers().get("x-stainless-retry-count");
            count.map(|count| count.to_str().unwrap())
        });
        assert_eq!(counts.collect::<Vec<_>>(), expected);
    }
}

fn stale() -> Result<http::Response<()>, BoxError> {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Err(StaleConnection::new(reset).into())
}

/// They are no attempts: those that are left after them are as many as ever.
#[tokio::test(start_paused = true)]
async fn stale_connections_are_replaced_at_once_up_to_three_times() {
    let script = [stale(), stale(), stale()]
        .into_iter()
        .chain([503, 503, 503, 200].map(|code| Ok(status(code))));
    let provider = Provider::new(script.map(|answer| (s(0), answer)));
    send(&RetryLayer::new(), &provider, request()).await;
    let times = provider.times();
    assert_eq!(times[..4], [s(0); 4]);
    assert_eq!(times.len(), 7);
    let attempts = provider.calls().into_iter().skip(1);
    let attempts: Vec<_> = attempts
        .map(|call| call.map(|call| call.attempt()))
        .collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 6].map(Some));
}

/// From the fourth on they are faults like any other.
#[tokio::test(start_paused = true)]
async fn connections_that_always_break_are_a_fault() {
    let script = (0..7).map(|_| (s(0), stale()));
    let provider = Provider::new(script);
    let layer = RetryLayer::new();
    let sent = layer.layer(provider.clone()).oneshot(request()).await;
    sent.expect_err("it always breaks");
    assert_eq!(
        provider.times().len(),
        7,
        "three at once, and four attempts"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_connection_does_not_repeat_what_must_not_be_repeated() {
    let once = RetryLayer::builder().attempts(1).build();
    let safe = RetryLayer::builder().only_safe().build();
    for layer in [once, safe] {
        let provider = Provider::new([(s(0), stale())]);
        let layer = layer.expect("good settings");
        let sent = layer.layer(provider.clone()).oneshot(request()).await;
        sent.expect_err("it is sent once");
    }
}

/// It counts as none, so there is still one to make.
#[tokio::test(start_paused = true)]
async fn a_stale_connection_of_the_last_attempt_is_replaced() {
    let script = [Ok(status(503)), stale(), Ok(status(200))];
    let provider = Provider::new(script.map(|answer| (s(0), answer)));
    let layer = RetryLayer::builder()
        .attempts(2)
        .build()
        .expect("good settings");
    let sent = layer.layer(provider.clone()).oneshot(request()).await;
    assert_eq!(sent.expect("it is sent again").status(), 200);
}
