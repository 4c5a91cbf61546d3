//! What the probe notices.

use std::{future::ready as done, io};

use tokio::task::yield_now;
use tower::{ServiceExt, service_fn};

use super::*;

fn probe() -> (
    Probe<impl Service<u8, Response = u8, Error = BoxError> + Clone>,
    ProbeHandle,
) {
    Probe::new(service_fn(|n: u8| done(Ok::<_, BoxError>(n))))
}

#[tokio::test]
async fn a_clone_of_a_ready_instance_is_not_ready() {
    let (mut probe, handle) = probe();
    probe.ready().await.expect("ready");
    let mut clone = probe.clone().lenient();
    assert_eq!(clone.call(1).await.expect("an answer"), 1);
    assert_eq!(
        (handle.called(), handle.unready_calls(), handle.held()),
        (1, 1, 1)
    );
    drop(probe);
    assert_eq!(handle.held(), 0);
}

#[tokio::test]
#[should_panic(expected = "called without being ready")]
async fn a_second_call_needs_a_second_readiness() {
    let (mut probe, _handle) = probe();
    let first = probe.ready().await.expect("ready").call(1);
    first.await.expect("an answer");
    drop(probe.call(2));
}

#[tokio::test]
async fn closed_is_pending_and_wakes() {
    let (mut probe, handle) = probe();
    handle.close();
    let waiting = tokio::spawn(async move { probe.ready().await.map(drop) });
    yield_now().await;
    assert_eq!((handle.waiting(), handle.readied()), (1, 0));
    handle.open();
    waiting.await.expect("no panic").expect("ready");
    assert_eq!((handle.waiting(), handle.readied()), (0, 1));
}

#[tokio::test]
async fn failures_come_once_and_also_to_those_who_wait() {
    let (mut probe, handle) = probe();
    handle.close();
    let waiting = tokio::spawn(async move { probe.ready().await.map(drop) });
    yield_now().await;
    handle.fail("no connection");
    let error = waiting.await.expect("no panic").expect_err("an error");
    assert_eq!(error.to_string(), "no connection");
}

#[tokio::test]
async fn errors_of_the_inner_service_pass() {
    let inner = service_fn(|_: u8| done(Err::<u8, _>(io::Error::other("broken"))));
    let (probe, _handle) = Probe::new(inner);
    let error = probe.oneshot(1).await.expect_err("an error");
    assert_eq!(error.to_string(), "broken");
}
