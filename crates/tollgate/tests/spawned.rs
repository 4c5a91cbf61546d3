//! Calls in spawned tasks: each of these combinations must compile, and its future must be `Send`.
#![cfg(feature = "stack")]

use std::{
    future::Future,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tollgate::{
    AttemptLayer, BoxClient, BoxError, BreakerLayer, CallError, Class, ClassifyLayer,
    DeadlineLayer, LimitLayer, OperationLayer, Reason, Rejected, ReplayBody, ReplayLayer,
    RetryLayer, Route, RouteLayer, ServiceBuilderExt, Stack, provider::preset,
    route::timeout::TimeoutLayer, stack::Off,
};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};

type Body = Full<Bytes>;

fn request() -> Request<Body> {
    let request = Request::post("https://api.groq.com/openai/v1/chat/completions");
    request
        .body(Body::from(r#"{"model":"m"}"#))
        .expect("a request")
}

/// A client whose error is boxed.
fn boxed_error<B: Send + 'static>() -> impl Service<
    Request<B>,
    Response = Response<Body>,
    Error = BoxError,
    Future: Future<Output = Result<Response<Body>, BoxError>> + Send,
> + Clone
+ Send
+ Sync
+ 'static {
    service_fn(|_: Request<B>| async { Ok::<_, BoxError>(Response::new(Body::default())) })
}

fn boxed<B>() -> BoxClient<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Sync + Unpin + 'static,
{
    Stack::new().boxed(boxed_error()).expect("good settings")
}

/// This service serves a call in a spawned task.
macro_rules! serves {
    ($service:expr) => {{
        let service = $service;
        let call = async move { service.oneshot(request()).await };
        served(tokio::spawn(call)).await;
    }};
}

async fn served<T, E: std::fmt::Debug>(task: tokio::task::JoinHandle<Result<Response<T>, E>>) {
    let response = task.await.expect("the task ends").expect("a response");
    assert_eq!(response.status(), 200);
}

fn router() -> RouteLayer {
    let groq = preset::groq().key("gsk_not_a_real_key");
    RouteLayer::new(Route::new("chat").ordered([groq.model("a")])).expect("good settings")
}

#[tokio::test(start_paused = true)]
async fn a_boxed_client() {
    serves!(boxed::<Body>());
}

#[tokio::test(start_paused = true)]
async fn limit_around_it() {
    serves!(LimitLayer::new().layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn retry_around_it() {
    serves!(RetryLayer::new().layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn breaker_around_it() {
    serves!(BreakerLayer::new().layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn deadline_around_it() {
    serves!(DeadlineLayer::new(Duration::from_secs(9)).layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn classify_around_it() {
    serves!(ClassifyLayer::new().layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn timeouts_around_it() {
    serves!(
        TimeoutLayer::builder()
            .build()
            .expect("good settings")
            .layer(boxed::<Body>())
    );
}

#[tokio::test(start_paused = true)]
async fn attempt_around_it() {
    serves!(AttemptLayer::new().layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn operation_around_it() {
    serves!(OperationLayer::new().layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn replay_around_it() {
    serves!(ReplayLayer::new().layer(boxed::<ReplayBody<Body>>()));
}

#[tokio::test(start_paused = true)]
async fn route_around_it() {
    serves!(ReplayLayer::new().layer(router().layer(boxed::<ReplayBody<Body>>())));
}

#[tokio::test(start_paused = true)]
async fn layers_around_it() {
    serves!(
        ServiceBuilder::new()
            .deadline(Duration::from_secs(9))
            .retries(RetryLayer::new())
            .breaker(BreakerLayer::new())
            .limit(LimitLayer::new())
            .classify()
            .service(boxed::<Body>())
    );
}

#[tokio::test(start_paused = true)]
async fn a_stack_around_it() {
    serves!(
        Stack::new()
            .around(boxed::<ReplayBody<Body>>())
            .expect("good settings")
    );
}

#[tokio::test(start_paused = true)]
async fn a_boxed_stack_around_it() {
    serves!({
        let client: BoxClient<Body> = Stack::new()
            .boxed(boxed::<ReplayBody<Body>>())
            .expect("good settings");
        client
    });
}

#[tokio::test(start_paused = true)]
async fn towers_timeout_around_it() {
    serves!(tower::timeout::TimeoutLayer::new(Duration::from_secs(9)).layer(boxed::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn a_stack_around_a_boxed_error() {
    serves!(
        Stack::new()
            .around(boxed_error::<ReplayBody<Body>>())
            .expect("good settings")
    );
}

#[tokio::test(start_paused = true)]
async fn a_stack_around_towers_timeout() {
    serves!(
        Stack::new()
            .around(tower::timeout::Timeout::new(
                boxed_error::<ReplayBody<Body>>(),
                Duration::from_secs(9),
            ))
            .expect("good settings")
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_stack_in_a_stack() {
    serves!(
        Stack::new()
            .around(
                Stack::new()
                    .around(boxed_error::<ReplayBody<ReplayBody<Body>>>())
                    .expect("good settings"),
            )
            .expect("good settings")
    );
}

#[tokio::test(start_paused = true)]
async fn limit_around_a_boxed_error() {
    serves!(LimitLayer::new().layer(boxed_error::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn deadline_around_a_boxed_error() {
    serves!(DeadlineLayer::new(Duration::from_secs(9)).layer(boxed_error::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn retry_around_a_boxed_error() {
    serves!(RetryLayer::new().layer(boxed_error::<Body>()));
}

#[tokio::test(start_paused = true)]
async fn breaker_around_a_boxed_error() {
    serves!(BreakerLayer::new().layer(boxed_error::<Body>()));
}

/// A boxed service of one's own, whose type names `BoxError`: layers go around it once its error has a
/// name.
fn named<B: Send + 'static>() -> BoxCloneSyncService<Request<B>, Response<Body>, CallError> {
    let own: BoxCloneSyncService<_, _, BoxError> = BoxCloneSyncService::new(boxed_error());
    BoxCloneSyncService::new(own.map_err(CallError::from))
}

#[tokio::test(start_paused = true)]
async fn a_stack_around_a_named_error() {
    let service = Stack::new().around(named::<ReplayBody<Body>>());
    serves!(service.expect("good settings"));
}

#[tokio::test(start_paused = true)]
async fn layers_around_a_named_error() {
    serves!(
        ServiceBuilder::new()
            .retries(RetryLayer::new())
            .breaker(BreakerLayer::new())
            .limit(LimitLayer::new())
            .service(named::<Body>())
    );
}

/// `boxed` hides the client's type, so that this one needs no named error.
#[tokio::test(start_paused = true)]
async fn a_boxed_stack_around_a_boxed_service() {
    let own: BoxCloneSyncService<_, _, BoxError> = BoxCloneSyncService::new(boxed_error());
    let client: BoxClient<Body> = Stack::new().boxed(own).expect("good settings");
    serves!(client);
}

#[tokio::test(start_paused = true)]
async fn a_body_read_in_a_task() {
    let service = DeadlineLayer::new(Duration::from_secs(9)).layer(boxed::<Body>());
    let read = tokio::spawn(async move {
        let response = service.oneshot(request()).await?;
        let bytes = response.into_body().collect().await?.to_bytes();
        Ok::<_, BoxError>(bytes)
    });
    assert!(read.await.expect("it ends").expect("a body").is_empty());
}

/// What the layers inside a boxed client say is understood by those around it.
#[tokio::test(start_paused = true)]
async fn layers_around_it_see_what_is_inside() {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    let late = service_fn(move |_: Request<ReplayBody<Body>>| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Err::<Response<Body>, _>(io::Error::from(io::ErrorKind::TimedOut)) }
    });
    let stack = Stack::new().retry(|_| Off).breaker(|_| Off);
    let client: BoxClient<Body> = stack.boxed(late).expect("good settings");
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = events.clone();
    let retry = RetryLayer::builder().observer(move |event: &tollgate::retry::Event| {
        log.lock().expect("whole").push(event.to_string());
    });
    let client = retry.build().expect("good settings").layer(client);
    let error = client.oneshot(request()).await.expect_err("it is late");
    assert_eq!(Class::of_error(&error), Some(Class::Timeout));
    assert_eq!(
        error.find::<io::Error>().map(io::Error::kind),
        Some(io::ErrorKind::TimedOut)
    );
    // One retry after a time-out: it was seen as one, not as a broken connection.
    assert_eq!(tries.load(Ordering::Relaxed), 2, "{events:?}");

    let hangs = service_fn(|_: Request<ReplayBody<Body>>| {
        std::future::pending::<Result<Response<Body>, io::Error>>()
    });
    let stack = Stack::new().deadline(Duration::from_secs(3));
    let client: BoxClient<Body> = stack.boxed(hangs).expect("good settings");
    let error = client.oneshot(request()).await.expect_err("it hangs");
    assert_eq!(tollgate::reply(&error).status(), 504);
    let reason = error.find::<Rejected>().map(Rejected::reason);
    assert_eq!(reason, Some(Reason::DeadlineExceeded));
}
