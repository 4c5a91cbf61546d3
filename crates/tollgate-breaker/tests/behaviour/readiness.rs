//! What it owes the service below: no call without readiness, nothing held that is not used.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::Request;
use tokio_test::{assert_pending, assert_ready, task::spawn};
use tollgate_breaker::BreakerLayer;
use tollgate_core::{BoxError, Rejected};
use tower::{Service, ServiceExt, limit::ConcurrencyLimit};
use tower_layer::Layer;

use crate::support::{Answer, Provider, Step, ask, host, layer, request, s, status};

/// A provider that is ready only when it is told to be. To wake is the test's business.
#[derive(Debug, Clone, Default)]
struct Busy {
    provider: Provider,
    idle: Arc<AtomicBool>,
}

impl Service<Request<()>> for Busy {
    type Response = http::Response<crate::support::Frames>;
    type Error = BoxError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self.idle.load(Relaxed) {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        self.provider.call(request)
    }
}

fn is_rejected<T>(result: Result<T, BoxError>) -> bool {
    result.is_err_and(|error| Rejected::find(error.as_ref()).is_some())
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_refuses_however_busy_the_service_below_is() {
    let (layer, handle, _) = layer(BreakerLayer::builder());
    handle.force_open(&host(), s(60));
    let mut client = layer.layer(Busy::default());
    let refused = ask(&mut client).await.expect_err("open");
    assert_eq!(refused.retry_after(), Some(s(60)));
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_gives_back_the_place_it_was_made_ready_for() {
    let (layer, handle, _) = layer(BreakerLayer::builder());
    let below = ConcurrencyLimit::new(Provider::default(), 1);
    let mut client = layer.layer(below.clone());
    client.ready().await.expect("ready");
    handle.force_open(&host(), s(60));
    assert!(is_rejected(client.call(request()).await));
    // Its caller lives on, and so does the service; the place is free all the same.
    let mut other = below;
    let ready = tokio::time::timeout(s(1), other.ready()).await;
    ready.expect("the place is still taken").expect("ready");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_leaves_no_place_in_a_queue_behind() {
    let (layer, handle, _) = layer(BreakerLayer::builder());
    let below = ConcurrencyLimit::new(Provider::default(), 1);
    let mut holder = below.clone();
    holder.ready().await.expect("ready");
    let mut client = layer.layer(below.clone());
    let mut readying = spawn(poll_fn(|cx| client.poll_ready(cx)));
    assert_ready!(readying.poll()).expect("ready, to refuse");
    drop(readying);
    handle.force_open(&host(), s(60));
    assert!(is_rejected(client.call(request()).await));
    drop(holder);
    let mut other = below;
    let ready = tokio::time::timeout(s(1), other.ready()).await;
    ready.expect("the place went to nobody").expect("ready");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waited_below_is_refused_if_it_opened_meanwhile() {
    let (layer, handle, _) = layer(BreakerLayer::builder());
    let busy = Busy::default();
    let mut client = layer.layer(busy.clone());
    let mut call = spawn(client.ready().await.expect("ready").call(request()));
    assert_pending!(call.poll());
    handle.force_open(&host(), s(60));
    busy.idle.store(true, Relaxed);
    assert!(is_rejected(assert_ready!(call.poll())));
    assert_eq!(busy.provider.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_waits_below_takes_no_place_yet() {
    let (layer, handle, _) = layer(BreakerLayer::builder());
    handle.force_open(&host(), Duration::ZERO);
    let busy = Busy::default();
    let mut client = layer.layer(busy.clone());
    let mut waiting = spawn(client.clone().oneshot(request()));
    assert_pending!(waiting.poll());
    assert_eq!(handle.status(&host()).probes(), 0);
    busy.idle.store(true, Relaxed);
    assert_eq!(ask(&mut client).await, Ok(200), "it is not in the way");
    assert!(assert_ready!(waiting.poll()).is_ok());
    assert_eq!(handle.state(&host()).as_str(), "closed");
}

/// The wait for a connection, say, is not the provider's slowness.
#[tokio::test(start_paused = true)]
async fn the_wait_for_readiness_is_not_slowness() {
    let (layer, handle, _) = layer(BreakerLayer::builder().slow_calls(s(1), 1.0, 1));
    let busy = Busy::default();
    let client = layer.layer(busy.clone());
    let mut call = spawn(client.oneshot(request()));
    assert_pending!(call.poll());
    tokio::time::advance(s(60)).await;
    busy.idle.store(true, Relaxed);
    assert_ready!(call.poll()).expect("let in");
    let status = handle.status(&host());
    assert_eq!((status.calls(), status.slow()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_readiness_is_made_ready() {
    let (layer, _, _) = layer(BreakerLayer::builder());
    let provider = Provider::default();
    provider.does([status(200), Step::Hang]);
    let mut client = layer.layer(provider);
    client.call(request()).await.expect("let in");
}
