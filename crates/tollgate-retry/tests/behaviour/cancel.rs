//! Dropping: the response before the sleep, and the call in each of its states.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::Response;
use tokio::sync::Semaphore;
use tokio_test::{assert_pending, assert_ready_ok, task};
use tollgate_retry::RetryLayer;
use tower::{Layer, Service, ServiceExt, limit::ConcurrencyLimit};

use crate::support::{Provider, request, s, status, throttled};

/// A body that says when it was dropped.
#[derive(Debug)]
struct Watched(Arc<AtomicBool>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn watched(code: u16) -> (Arc<AtomicBool>, Response<Watched>) {
    let dropped = Arc::default();
    let body = Watched(Arc::clone(&dropped));
    (dropped, status(code).map(|()| body))
}

#[tokio::test(start_paused = true)]
async fn the_rejected_response_is_dropped_before_the_sleep() {
    let (dropped, first) = watched(429);
    let (last_dropped, last) = watched(401);
    let provider = Provider::new([(s(0), Ok(first)), (s(0), Ok(last))]);
    // A random sleep may be shorter than a millisecond.
    let retry = RetryLayer::builder().no_jitter().build();
    let retry = retry.expect("good settings");
    let mut call = task::spawn(retry.layer(provider.clone()).oneshot(request()));
    assert_pending!(call.poll());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_pending!(call.poll());
    assert!(
        dropped.load(Ordering::Relaxed),
        "gone while the call sleeps"
    );
    let response = call.await.expect("a response");
    assert_eq!(provider.memory().seen.len(), 2);
    assert!(
        !last_dropped.load(Ordering::Relaxed),
        "what is handed up is whole"
    );
    drop(response);
}

/// A service below that lets one call in at a time, and what is left of its permits.
fn one_at_a_time(provider: Provider) -> (Arc<Semaphore>, ConcurrencyLimit<Provider>) {
    let permits = Arc::new(Semaphore::new(1));
    let limit = ConcurrencyLimit::with_semaphore(provider, permits.clone());
    (permits, limit)
}

#[tokio::test(start_paused = true)]
async fn no_permit_is_held_during_the_sleep() {
    let provider = Provider::new([(s(1), Ok(throttled(9))), (s(1), Ok(status(200)))]);
    let (permits, limit) = one_at_a_time(provider);
    let mut call = task::spawn(RetryLayer::new().layer(limit).oneshot(request()));
    assert_pending!(call.poll());
    assert_eq!(permits.available_permits(), 0, "the attempt has it");
    tokio::time::sleep(s(5)).await;
    assert_pending!(call.poll());
    assert_eq!(permits.available_permits(), 1, "asleep");
    tokio::time::sleep(s(10)).await;
    assert_pending!(call.poll());
    assert_eq!(permits.available_permits(), 0, "the second attempt");
    assert_eq!(call.await.expect("a response").status(), 200);
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_may_be_dropped_in_any_state() {
    // Before the first poll, in an attempt, asleep, waiting for readiness.
    for (state, seconds) in [0, 1, 5, 30].into_iter().enumerate() {
        let provider = Provider::new([(s(2), Ok(throttled(20))), (s(0), Ok(status(200)))]);
        let (permits, limit) = one_at_a_time(provider);
        let mut service = RetryLayer::new().layer(limit);
        service.ready().await.expect("ready");
        let mut call = task::spawn(service.call(request()));
        let mut others = None;
        for second in 1..=seconds {
            assert_pending!(call.poll());
            if second == 10 {
                others = Some(permits.clone().try_acquire_owned().expect("free"));
            }
            tokio::time::advance(s(1)).await;
        }
        drop(call);
        drop(others);
        assert_eq!(permits.available_permits(), 1, "state {state}");
        let mut again = task::spawn(service.ready());
        assert_ready_ok!(again.poll());
    }
}
