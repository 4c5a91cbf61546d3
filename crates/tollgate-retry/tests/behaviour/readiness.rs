//! Readiness passes through, and each attempt asks for it anew.

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tollgate_core::Random;
use tollgate_retry::{Backoff, Event, Retry, RetryLayer, Why};
use tower_test::mock::{self, Mock, spawn_layer};

use crate::support::{Body, ms, request, s, status, throttled};

type Client = Mock<Request<Body>, Response<()>>;
type Wrapped = mock::Spawn<Retry<Client>>;

fn spawn(layer: &RetryLayer) -> (Wrapped, mock::Handle<Request<Body>, Response<()>>) {
    spawn_layer(layer.clone())
}

#[tokio::test(start_paused = true)]
async fn pending_stays_pending_and_errors_pass() {
    let (mut service, mut handle) = spawn(&RetryLayer::new());
    handle.allow(0);
    assert_pending!(service.poll_ready());
    handle.allow(1);
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready());
    handle.send_error("broken");
    let error = assert_ready_err!(service.poll_ready());
    assert_eq!(error.to_string(), "broken");
}

/// `Mock` panics when an instance is called that was not made ready.
#[tokio::test(start_paused = true)]
async fn each_attempt_is_made_by_a_ready_instance() {
    let (mut service, mut handle) = spawn(&RetryLayer::new());
    handle.allow(1);
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request()));
    assert_pending!(call.poll());
    handle
        .next_request()
        .await
        .unwrap()
        .1
        .send_response(throttled(3));
    assert_pending!(call.poll());
    tokio::time::advance(s(4)).await;
    assert!(call.is_woken());
    // The sleep is over, but the service below is not ready.
    assert_pending!(call.poll());
    assert_pending!(task::spawn(handle.next_request()).poll());
    handle.allow(1);
    assert!(call.is_woken(), "the waker was registered");
    assert_pending!(call.poll());
    handle
        .next_request()
        .await
        .unwrap()
        .1
        .send_response(status(200));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 200);
}

#[tokio::test(start_paused = true)]
async fn not_earlier_than_told_by_a_millisecond() {
    for seed in 0..50 {
        let random = Random::seeded(seed);
        let layer = RetryLayer::builder().random(random).build().unwrap();
        let (mut service, mut handle) = spawn(&layer);
        assert_ready_ok!(service.poll_ready());
        let mut call = task::spawn(service.call(request()));
        handle
            .next_request()
            .await
            .unwrap()
            .1
            .send_response(throttled(2));
        assert_pending!(call.poll());
        tokio::time::advance(ms(1_999)).await;
        assert_pending!(call.poll());
        assert_pending!(task::spawn(handle.next_request()).poll());
        tokio::time::advance(ms(252)).await;
        assert_pending!(call.poll());
        handle.next_request().await.expect("by now it was sent");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_while_readying_is_handed_up() {
    let whys = Arc::new(Mutex::new(Vec::new()));
    let ears = whys.clone();
    let layer = RetryLayer::builder().observer(move |event: &Event| {
        if let Event::GaveUp { why, .. } = event {
            ears.lock().unwrap().push(*why);
        }
    });
    let (mut service, mut handle) = spawn_layer(layer.build().unwrap());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request()));
    handle
        .next_request()
        .await
        .unwrap()
        .1
        .send_response(throttled(1));
    assert_pending!(call.poll());
    handle.send_error("closed");
    tokio::time::advance(s(2)).await;
    assert_eq!(assert_ready_err!(call.poll()).to_string(), "closed");
    assert_eq!(*whys.lock().unwrap(), [Why::NotReady]);
}

#[tokio::test(start_paused = true)]
async fn errors_are_retried_and_the_last_one_is_handed_up_as_it_is() {
    let layer = RetryLayer::builder()
        .transient(Backoff::new(ms(1), ms(1), 2))
        .build()
        .unwrap();
    let (mut service, mut handle) = spawn(&layer);
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request()));
    for text in ["first", "second"] {
        assert_pending!(call.poll());
        handle.next_request().await.unwrap().1.send_error(text);
        if text == "first" {
            assert_pending!(call.poll());
            tokio::time::advance(ms(3)).await;
        }
    }
    assert_eq!(assert_ready_err!(call.poll()).to_string(), "second");
}

#[tokio::test(start_paused = true)]
async fn the_caller_keeps_an_instance_that_is_not_ready() {
    let (mut service, mut handle) = spawn(&RetryLayer::new());
    handle.allow(1);
    assert_ready_ok!(service.poll_ready());
    let _call = service.call(request());
    assert!(handle.next_request().await.is_some());
    assert_pending!(service.poll_ready());
}
