//! One end for each call, each attempt and each body.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::timeout;
use tollgate::{
    AttemptLayer, Event, OperationLayer,
    core::{Call, Observe, Reason, Rejected, Replay},
};
use tollgate_test::{Fault, Provider};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::*;

/// One provider, without any layer but the one around the call.
async fn alone(provider: &Provider, lines: &Lines) -> Result<Answer, io::Error> {
    let layer = OperationLayer::new().observer(lines.observer());
    let request = Request::post("https://API.groq.com/openai/v1/chat/completions");
    let request = request
        .body(Full::<Bytes>::from(r#"{"model":"m"}"#))
        .expect("one");
    let response = layer.layer(provider.service()).oneshot(request).await?;
    Ok(response.map(BodyExt::boxed_unsync))
}

#[tokio::test(start_paused = true)]
async fn a_success_is_told_once_and_its_usage_at_the_end_of_the_body() {
    let lines = Lines::default();
    let provider = groq().latency(s(2), s(0)).build();
    let response = alone(&provider, &lines).await.expect("an answer");
    assert_eq!(
        lines.of("call/"),
        ["finished api.groq.com (m): ok after 2.0s"]
    );
    response.into_body().collect().await.expect("all of it");
    let last = lines.of("call/delivered");
    assert_eq!(last.len(), 1, "{last:?}");
    assert!(
        last[0].starts_with("api.groq.com (m): body complete after 2.0s, "),
        "{last:?}"
    );
    assert!(last[0].ends_with(" out"), "{last:?}");
    assert_eq!(lines.of("").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_or_is_dropped_is_told_so() {
    let lines = Lines::default();
    let provider = groq().fault(Fault::cut(10).call(1)).build();
    let response = alone(&provider, &lines).await.expect("an answer");
    response.into_body().collect().await.expect_err("it breaks");
    drop(alone(&provider, &lines).await.expect("an answer"));
    let ends = lines.of("call/delivered api.groq.com (m): body ");
    assert_eq!(ends, ["broken after 0.0ns", "dropped after 0.0ns"]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_is_over_at_once() {
    let lines = Lines::default();
    let empty = service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, io::Error>(Response::new(Full::<Bytes>::default()))
    });
    let layer = OperationLayer::new().observer(lines.observer());
    let response = layer.layer(empty).oneshot(request()).await.expect("one");
    assert_eq!(lines.of("call/delivered").len(), 1);
    drop(response);
    assert_eq!(lines.of("call/").len(), 2);
}

/// A server knows the length of what it hands on, and does not ask for more.
#[tokio::test(start_paused = true)]
async fn a_body_is_complete_with_its_last_byte() {
    let lines = Lines::default();
    let hello = service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, io::Error>(Response::new(Full::new(Bytes::from("hello"))))
    });
    let layer = OperationLayer::new().observer(lines.observer());
    let response = layer.layer(hello).oneshot(request()).await.expect("one");
    let mut body = response.into_body();
    body.frame().await.expect("a frame").expect("a good one");
    assert!(lines.of("call/delivered")[0].contains("body complete"));
    drop(body);
    assert_eq!(lines.of("call/delivered").len(), 1);
}

/// The stack as a whole: success, fallback, all limited, dropped, wrong.
#[tokio::test(start_paused = true)]
async fn every_call_through_the_stack_ends_exactly_once() {
    let lines = Lines::default();
    let limited = Fault::status(429);
    let internet = internet(
        groq().fault(limited.clone().calls(2..=9)),
        openai().fault(limited.calls(2..=9)),
    );
    let (client, _) = stack(internet, lines.observer(), false);
    for _ in 0..2 {
        let answer = send(&client, request()).await.expect("served");
        read(answer).await.expect("whole");
    }
    let mut hurried = request();
    let call = Call::new().with_deadline_in(Duration::from_millis(500));
    hurried.extensions_mut().insert(call);
    let error = send(&client, hurried)
        .await
        .map(drop)
        .expect_err("nobody is left");
    assert!(Rejected::find(error.as_ref()).is_some());
    drop(client.clone().oneshot(request()));
    let mut later = client.clone();
    drop(later.ready().await.expect("ready").call(request()));
    let wrong = send(&client, asking("[]")).await.map(drop);
    wrong.expect_err("no model can be written into it");
    let ends = lines.of("call/finished");
    let expected = [
        "groq (big) as team-a: ok after 0.0ns",
        "openai (mini): ok after 0.0ns",
        "openai (mini): no_target after",
        "cancelled after 0.0ns",
        "invalid_request after 0.0ns",
    ];
    assert_eq!(ends.len(), expected.len(), "{ends:?}");
    for (end, expected) in ends.iter().zip(expected) {
        assert!(end.starts_with(expected), "{end}, not {expected}");
    }
    assert_eq!(lines.of("call/delivered").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_midway_is_cancelled_with_its_attempt() {
    let lines = Lines::default();
    let slow = groq().latency(s(30), s(0));
    let (client, _) = stack(internet(slow, openai()), lines.observer(), false);
    timeout(s(3), client.oneshot(request()))
        .await
        .expect_err("too slow");
    assert_eq!(
        lines.of("call/"),
        [
            "attempted groq (big) as team-a: attempt 1 was cancelled after 3.0s",
            "finished cancelled after 3.0s",
        ]
    );
}

/// Whether the client panics when it is called or when it is driven.
#[tokio::test(start_paused = true)]
async fn a_call_that_panics_is_told_once_with_its_attempt() {
    for at_once in [true, false] {
        let lines = Lines::default();
        let client = service_fn(move |_: Request<Full<Bytes>>| {
            assert!(!at_once, "the client panics");
            async move {
                assert!(at_once, "the client panics");
                Ok::<_, io::Error>(Response::new(Full::<Bytes>::default()))
            }
        });
        let client = AttemptLayer::new().observer(lines.observer()).layer(client);
        let client = OperationLayer::new()
            .observer(lines.observer())
            .layer(client);
        let call = tokio::spawn(client.oneshot(request()));
        assert!(call.await.map(drop).expect_err("it panics").is_panic());
        let told = lines.of("call/");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("attempted") && told[0].contains("was cancelled"));
        assert!(told[1].starts_with("finished") && told[1].contains("cancelled"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_at_its_deadline_is_not_the_callers_doing() {
    let lines = Lines::default();
    let slow = groq().latency(s(30), s(0)).build();
    let layer = OperationLayer::new()
        .observer(lines.observer())
        .routed(true);
    let mut request = request();
    let call = Call::new().with_deadline_in(s(3));
    request.extensions_mut().insert(call);
    let call = layer.layer(slow.service()).oneshot(request);
    timeout(s(3), call).await.map(drop).expect_err("too slow");
    assert_eq!(lines.of("call/"), ["finished deadline_exceeded after 3.0s"]);
}

#[tokio::test(start_paused = true)]
async fn each_resend_is_an_attempt() {
    let lines = Lines::default();
    let twice = groq().fault(Fault::status(500).first(2)).build();
    let observer = lines.observer();
    let retry = tollgate::retry::RetryLayer::new();
    let attempt = AttemptLayer::new().observer(observer);
    let client = retry.layer(attempt.layer(twice.service()));
    let request =
        Request::post("https://api.groq.com/v1").body(Full::<Bytes>::from(r#"{"model":"m"}"#));
    client.oneshot(request.expect("one")).await.expect("served");
    let told = lines.of("call/attempted api.groq.com (m): ");
    let starts = [
        "attempt 1 was server_error",
        "attempt 2 was server_error",
        "attempt 3 was ok",
    ];
    assert_eq!(told.len(), 3, "{told:?}");
    for (line, start) in told.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_names_its_reason_and_its_target() {
    let lines = Lines::default();
    let target = tollgate::core::Target::new("groq", "m");
    let refuse = service_fn(move |_: Request<Full<Bytes>>| {
        let rejected = Rejected::new(Reason::QueueFull).with_target(target.clone());
        async { Err::<Response<Full<Bytes>>, _>(rejected) }
    });
    let layer = OperationLayer::new()
        .observer(lines.observer())
        .routed(true);
    layer
        .layer(refuse)
        .oneshot(request())
        .await
        .expect_err("refused");
    assert_eq!(
        lines.of("call/"),
        ["finished groq (m): queue_full after 0.0ns"]
    );
}

/// Hears nothing, and says so.
#[derive(Debug, Clone, Copy)]
struct Deaf;

impl<'a> Observe<Event<'a>> for Deaf {
    fn observe(&self, event: &Event<'a>) {
        panic!("told nevertheless: {event}");
    }

    fn listens(&self) -> bool {
        false
    }
}

/// A body that must not be read.
#[derive(Debug)]
struct Closed;

impl Replay for Closed {
    fn try_clone(&self) -> Option<Self> {
        None
    }

    fn bytes(&self) -> Option<Bytes> {
        panic!("read although nobody listens")
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_where_nobody_listens() {
    let plain = service_fn(|_: Request<Closed>| async {
        Ok::<_, io::Error>(Response::new(Full::new(Bytes::from("hello"))))
    });
    let client = OperationLayer::new()
        .observer(Deaf)
        .layer(AttemptLayer::new().observer(Deaf).layer(plain));
    let response = client
        .clone()
        .oneshot(Request::new(Closed))
        .await
        .expect("one");
    response.into_body().collect().await.expect("all of it");
    drop(client.oneshot(Request::new(Closed)));
    // Nor where spans are wanted and nobody would see them.
    let attempt = AttemptLayer::new().spans(true).layer(plain);
    let client = OperationLayer::new().spans(true).layer(attempt);
    client.oneshot(Request::new(Closed)).await.expect("one");
}
