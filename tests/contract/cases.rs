//! The promises, each written once for any layer.

use std::{
    cell::{Cell, RefCell},
    fmt::Debug,
    future::Future,
    rc::Rc,
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use tokio_test::{assert_pending, assert_ready_ok, task};
use tollgate_core::BoxError;
use tower::{
    ServiceExt, buffer::Buffer, limit::ConcurrencyLimit, load_shed::LoadShed, timeout::Timeout,
    util::BoxCloneSyncService,
};
use tower_layer::Layer;
use tower_service::Service;

use crate::inner::{Borrowing, Broken, Inner, Local, Req, Sent, ready, request, sending};

/// A layer's service over some client, with what the battery needs to know of it.
pub(crate) trait Stack:
    Clone + Service<Req, Response = Response<Self::Body>, Error = Self::Failure>
{
    type Body: Body<Data = Bytes, Error: Debug> + Debug;
    type Failure: Into<BoxError> + Debug;
}

impl<S, R, E> Stack for S
where
    S: Clone + Service<Req, Response = Response<R>, Error = E>,
    R: Body<Data = Bytes, Error: Debug> + Debug,
    E: Into<BoxError> + Debug,
{
    type Body = R;
    type Failure = E;
}

type One = ConcurrencyLimit<Inner>;

fn one_at_a_time(inner: &Inner) -> One {
    ConcurrencyLimit::new(inner.clone(), 1)
}

async fn text<B: Body<Data = Bytes, Error: Debug>>(response: Response<B>) -> Bytes {
    response
        .into_body()
        .collect()
        .await
        .expect("the body is whole")
        .to_bytes()
}

/// The client panics when an instance that was not made ready is called.
pub(crate) async fn the_readied_instance_is_used<L: Layer<Inner, Service: Stack>>(layer: L) {
    let inner = Inner::new();
    let mut service = layer.layer(inner.clone());
    for call in 1..=3 {
        ready(&mut service).await.expect("ready");
        service.call(request()).await.expect("answered");
        assert_eq!(inner.calls(), call);
    }
}

pub(crate) async fn pending_registers_a_waker<L: Layer<Inner, Service: Stack>>(layer: L) {
    let inner = Inner::held();
    let service = layer.layer(inner.clone());
    let mut call = task::spawn(service.oneshot(request()));
    assert_pending!(call.poll());
    assert!(!call.is_woken());
    inner.release();
    assert!(call.is_woken(), "the release woke nobody");
    let response = assert_ready_ok!(call.poll());
    assert_eq!(response.status(), 400);
}

fn assert_broken(error: impl Into<BoxError>) {
    let error = error.into();
    assert_eq!(error.downcast_ref(), Some(&Broken), "{error}");
}

pub(crate) async fn a_failed_readiness_passes_unchanged<L: Layer<Inner, Service: Stack>>(layer: L) {
    let mut service = layer.layer(Inner::broken());
    assert_broken(ready(&mut service).await.expect_err("the client is broken"));
}

pub(crate) async fn an_error_of_the_client_passes_unchanged<L: Layer<Inner, Service: Stack>>(
    layer: L,
) {
    let service = layer.layer(Inner::failing());
    assert_broken(
        service
            .oneshot(request())
            .await
            .map(drop)
            .expect_err("the client is broken"),
    );
}

pub(crate) async fn head_body_and_trailers_pass_unchanged<L: Layer<Inner, Service: Stack>>(
    layer: L,
) {
    let response = layer.layer(Inner::new()).oneshot(request()).await;
    let response = response.expect("answered");
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers().len(), 2);
    assert_eq!(response.headers()["x-first"], "1");
    assert_eq!(response.body().size_hint().exact(), Some(29));
    let all = response.into_body().collect().await.expect("whole");
    assert_eq!(all.trailers().expect("there are some")["x-trailer"], "last");
    assert_eq!(all.to_bytes(), r#"{"error":{"message":"wrong"}}"#);
}

/// The only place below is free again: another caller gets through, at the latest when a limiter lets
/// it.
async fn assert_free<S: Stack>(mut service: S) {
    let done = tokio::time::timeout(Duration::from_secs(10), async {
        ready(&mut service).await.expect("ready");
        service.call(request()).await.expect("answered");
    });
    done.await.expect("the place below was not given back");
}

/// A layer that waits before it calls again keeps neither the response nor a place below meanwhile.
pub(crate) async fn nothing_is_held_while_a_layer_waits<L: Layer<One, Service: Stack>>(layer: L) {
    let inner = Inner::refusing_once();
    let service = layer.layer(one_at_a_time(&inner));
    let mut kept = service.clone();
    ready(&mut kept).await.expect("ready");
    let mut call = task::spawn(kept.call(request()));
    let waits = call.poll().is_pending().then_some(call);
    if waits.is_some() {
        assert_eq!(inner.live(), (0, 0), "the refused response is still there");
    }
    assert_free(service).await;
    drop(waits);
}

/// Nor while the body of a request is not there yet, or after it broke.
pub(crate) async fn nothing_is_held_for_a_request_body<L: Layer<One, Service: Stack>>(layer: L) {
    for body in [Sent::Hanging, Sent::Broken] {
        let service = layer.layer(one_at_a_time(&Inner::new()));
        let mut kept = service.clone();
        ready(&mut kept).await.expect("ready");
        let mut call = task::spawn(kept.call(sending(body)));
        let waits = call.poll().is_pending().then_some(call);
        assert_free(service).await;
        drop(waits);
    }
}

pub(crate) async fn dropping_after_ready_releases<L: Layer<One, Service: Stack>>(layer: L) {
    let service = layer.layer(one_at_a_time(&Inner::new()));
    let mut other = service.clone();
    ready(&mut other).await.expect("ready");
    drop(other);
    assert_free(service).await;
}

pub(crate) async fn dropping_while_waiting_releases<L: Layer<One, Service: Stack>>(layer: L) {
    let inner = Inner::new();
    let below = one_at_a_time(&inner);
    let mut holder = below.clone();
    ready(&mut holder).await.expect("ready");
    let service = layer.layer(below);
    let mut waiting = task::spawn(service.clone().oneshot(request()));
    assert_pending!(waiting.poll());
    drop(waiting);
    drop(holder);
    assert_free(service).await;
}

pub(crate) async fn dropping_during_the_call_releases<L: Layer<One, Service: Stack>>(layer: L) {
    let inner = Inner::hanging();
    let mut service = layer.layer(one_at_a_time(&inner));
    for _ in 0..3 {
        ready(&mut service).await.expect("ready");
        let mut call = task::spawn(service.call(request()));
        assert_pending!(call.poll());
        assert_eq!(inner.live(), (1, 0));
        drop(call);
        assert_eq!(inner.live(), (0, 0));
    }
}

pub(crate) async fn dropping_during_the_body_releases<L: Layer<One, Service: Stack>>(layer: L) {
    let inner = Inner::new();
    let service = layer.layer(one_at_a_time(&inner));
    let response = service.clone().oneshot(request()).await.expect("answered");
    let mut body = Box::pin(response.into_body());
    body.frame().await.expect("a frame").expect("a good one");
    drop(body);
    assert_eq!(inner.live(), (0, 0));
    assert_free(service).await;
}

/// Tokio's fair semaphore hands a free permit to the first acquire in its queue, polled or not: a
/// layer that leaves such an acquire behind in a service that lives on blocks everybody.
pub(crate) async fn callers_that_keep_their_service_all_get_through<L>(layer: L)
where
    L: Layer<One, Service: Stack>,
{
    let service = layer.layer(one_at_a_time(&Inner::new()));
    let callers = (0..5).map(|_| {
        let mut service = service.clone();
        async move {
            for _ in 0..3 {
                ready(&mut service).await.expect("ready");
                let response = service.call(request()).await.expect("answered");
                tokio::task::yield_now().await;
                text(response).await;
            }
            service
        }
    });
    let all = tokio::time::timeout(Duration::from_secs(60), join(callers));
    let kept = all.await.expect("the callers block each other");
    assert_eq!(kept.len(), 5);
}

/// Drives futures side by side on one task, and keeps what they give back until all are done.
async fn join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut left: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in left.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(done) = future.as_mut().poll(cx) {
                *output = Some(done);
            }
        }
        match left.iter().all(|(_, output)| output.is_some()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    left.into_iter().filter_map(|(_, output)| output).collect()
}

/// A caller asks for readiness, gives up and drops its service; its place in the queue goes too.
pub(crate) async fn an_abandoned_poll_ready_does_not_block_others<L>(layer: L)
where
    L: Layer<One, Service: Stack>,
{
    let below = one_at_a_time(&Inner::new());
    let mut holder = below.clone();
    ready(&mut holder).await.expect("ready");
    let service = layer.layer(below);
    let mut abandoned = service.clone();
    let _ = task::spawn(ready(&mut abandoned)).poll();
    drop(abandoned);
    drop(holder);
    assert_free(service).await;
}

pub(crate) async fn clones_work_at_the_same_time<L: Layer<Inner, Service: Stack>>(layer: L) {
    let service = layer.layer(Inner::new());
    let (a, b) = (
        service.clone().oneshot(request()),
        service.oneshot(request()),
    );
    let (a, b) = tokio::join!(a, b);
    assert_eq!(a.expect("answered").status(), 400);
    assert_eq!(b.expect("answered").status(), 400);
}

async fn serves<S: Stack>(service: S) {
    let response = service.oneshot(request()).await.expect("answered");
    assert_eq!(response.status(), 400);
    assert_eq!(text(response).await.len(), 29);
}

pub(crate) async fn composes_under_concurrency_limit<L: Layer<Inner, Service: Stack>>(layer: L) {
    serves(ConcurrencyLimit::new(layer.layer(Inner::new()), 1)).await;
}

pub(crate) async fn composes_under_buffer<L>(layer: L)
where
    L: Layer<Inner>,
    L::Service: Stack<Failure: Send + Sync> + Service<Req, Future: Send> + Send + 'static,
{
    serves(Buffer::new(layer.layer(Inner::new()), 4)).await;
}

pub(crate) async fn composes_under_load_shed<L: Layer<Inner, Service: Stack>>(layer: L) {
    serves(LoadShed::new(layer.layer(Inner::new()))).await;
}

pub(crate) async fn composes_under_timeout<L: Layer<Inner, Service: Stack>>(layer: L) {
    serves(Timeout::new(
        layer.layer(Inner::new()),
        Duration::from_secs(9),
    ))
    .await;
    let slow = Timeout::new(layer.layer(Inner::hanging()), Duration::from_secs(9));
    let error = slow
        .oneshot(request())
        .await
        .map(drop)
        .expect_err("it hangs");
    assert!(error.is::<tower::timeout::error::Elapsed>());
}

pub(crate) async fn composes_under_box_clone_sync_service<L>(layer: L)
where
    L: Layer<Inner>,
    L::Service: Stack + Service<Req, Future: Send> + Send + Sync + 'static,
{
    serves(BoxCloneSyncService::new(layer.layer(Inner::new()))).await;
}

pub(crate) async fn the_future_is_send_when_the_client_is<L>(layer: L)
where
    L: Layer<Inner>,
    L::Service: Stack<Body: Send + Sync> + Service<Req, Future: Send>,
{
    serves(layer.layer(Inner::new())).await;
}

pub(crate) async fn works_over_a_client_that_is_not_send<L: Layer<Local, Service: Stack>>(
    layer: L,
) {
    let calls = Rc::new(RefCell::new(0));
    serves(layer.layer(Local(calls.clone()))).await;
    assert_eq!(*calls.borrow(), 1);
}

/// No `'static` anywhere: the client may live on the stack of its caller.
pub(crate) async fn works_over_a_client_that_borrows<L>(layer: L)
where
    L: for<'a> Layer<Borrowing<'a>, Service: Stack>,
{
    let calls = Cell::new(0);
    serves(layer.layer(Borrowing(&calls))).await;
    assert_eq!(calls.get(), 1);
}
