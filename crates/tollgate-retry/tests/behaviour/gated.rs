//! A limiter below holds the next attempt: it is sent at once, to wait there.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Response;
use tollgate_core::{Call, Note};
use tollgate_retry::{Event, RetryLayer};
use tower::{Layer, ServiceExt};

use crate::support::{Provider, request, s, status, throttled};

/// A response, as a limiter hands it on that holds the next call for so long.
fn gated(mut response: Response<()>, seconds: u64) -> Response<()> {
    Note::update(&mut response, |note| note.set_gated(s(seconds)));
    response
}

/// When each attempt came, and what was told.
async fn run(
    answers: impl IntoIterator<Item = Response<()>>,
    call: Call,
) -> (Vec<Duration>, Vec<Event>, Provider) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let recorded = heard.clone();
    let layer = RetryLayer::builder()
        .observer(move |event: &Event| recorded.lock().unwrap().push(event.clone()))
        .build()
        .unwrap();
    let provider = Provider::new(answers.into_iter().map(|answer| (s(0), Ok(answer))));
    let mut request = request();
    request.extensions_mut().insert(call);
    let call = layer.layer(provider.clone()).oneshot(request);
    call.await.expect("a response");
    let heard = heard.lock().unwrap().clone();
    (provider.times(), heard, provider)
}

/// The seconds between two attempts.
async fn pause(answer: Response<()>, call: Call) -> Option<u64> {
    let (times, ..) = run([answer, status(200)], call).await;
    times.get(1).map(Duration::as_secs)
}

#[tokio::test(start_paused = true)]
async fn the_next_attempt_goes_at_once_and_the_event_says_the_wait() {
    let mut held = status(200);
    Note::update(&mut held, |note| note.set_queued(s(31)));
    let (times, heard, provider) = run([gated(throttled(30), 31), held], Call::new()).await;
    assert_eq!(times, [s(0); 2]);
    let [
        Event::Retrying {
            wait,
            hint,
            queued: true,
            ..
        },
        Event::Recovered { waited, .. },
    ] = &heard[..]
    else {
        panic!("{heard:?}")
    };
    assert_eq!((*wait, *hint, *waited), (s(31), Some(s(30)), s(31)));
    let line = heard[0].to_string();
    assert!(line.ends_with("next in 31.0s (told 30.0s)"), "{line}");
    // It keeps its turn.
    let again = provider.calls()[1].clone().expect("a resend has one");
    assert_eq!(again.attempt(), 1);
    assert!(again.arrival().is_some());
}

#[tokio::test(start_paused = true)]
async fn without_a_stated_wait_or_a_rate_limit_it_sleeps() {
    // 503 is an overload.
    let mut busy = throttled(30);
    *busy.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    assert!(pause(gated(busy, 31), Call::new()).await >= Some(30));
    let (times, heard, _) = run([gated(status(429), 31), status(200)], Call::new()).await;
    assert!(times[1] > s(0), "drawn");
    assert!(matches!(heard[0], Event::Retrying { queued: false, .. }));
    assert!(pause(throttled(30), Call::new()).await >= Some(30));
}

/// A gate that opens before the stated wait is over is no reason to come back earlier.
#[tokio::test(start_paused = true)]
async fn a_stated_wait_that_the_gate_does_not_cover_is_slept() {
    assert!(pause(gated(throttled(30), 29), Call::new()).await >= Some(30));
    assert_eq!(pause(gated(throttled(30), 30), Call::new()).await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_is_handed_up_or_slept_as_ever() {
    let answer = |told, gate| gated(throttled(told), gate);
    let budget = || Call::new().with_wait_budget(s(20));
    let deadline = || Call::new().with_deadline_in(s(20));
    for call in [&budget as &dyn Fn() -> Call, &deadline] {
        // The stated wait does not fit.
        assert_eq!(pause(answer(30, 31), call()).await, None);
        // It does, and the limiter's jitter on top does not.
        assert_eq!(pause(answer(19, 25), call()).await, Some(19));
        assert_eq!(pause(answer(18, 19), call()).await, Some(0));
    }
    assert_eq!(pause(answer(121, 122), Call::new()).await, None);
}

/// Waits that turn out too short again and again must not use up all attempts in no time.
#[tokio::test(start_paused = true)]
async fn short_waits_in_vain_are_slept_with_what_grows_on_top() {
    let short = (0..6).map(|_| gated(throttled(1), 1));
    let (times, ..) = run(short.chain([status(200)]), Call::new()).await;
    assert_eq!(times[1], s(0), "the first is held");
    for pair in times[1..].windows(2) {
        assert!(pair[1] - pair[0] >= s(1), "{times:?}");
    }
    let long = (0..6).map(|_| gated(throttled(40), 41));
    let (times, ..) = run(long.chain([status(200)]), Call::new()).await;
    assert_eq!(times, [s(0); 7]);
}

#[tokio::test(start_paused = true)]
async fn attempts_count_as_ever() {
    let answers = (0..7).map(|_| gated(throttled(40), 41));
    let (times, heard, _) = run(answers, Call::new()).await;
    assert_eq!(times.len(), 7);
    let last = heard.last().map(ToString::to_string).unwrap_or_default();
    assert!(last.ends_with("given up: attempts"), "{last}");
}
