//! The parts together: each may be changed, replaced and left out.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tollgate_core::{BoxError, Reason, Rejected, ReplayBody, Target};
use tollgate_route::{Route, provider::preset};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::{Off, Prebuilt, Stack};
use crate::{Call, Event};

mod deadline;
mod no_jitter;

type Asked = Request<ReplayBody<Full<Bytes>>>;

/// Answers 429 as often as said, then 200; counts how often it was asked.
fn client(
    refusals: usize,
) -> (
    impl Service<Asked, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static,
    Arc<AtomicUsize>,
) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let client = service_fn(move |_: Asked| {
        let nth = count.fetch_add(1, Ordering::Relaxed);
        async move {
            let response = match nth < refusals {
                true => Response::builder().status(429).header("retry-after", "1"),
                false => Response::builder().status(200),
            };
            Ok::<_, Infallible>(response.body(Full::default()).expect("a response"))
        }
    });
    (client, asked)
}

fn request() -> Request<Full<Bytes>> {
    let request = Request::post("https://api.groq.com/openai/v1/chat/completions");
    let body = Full::from(r#"{"model":"any"}"#);
    request.body(body).expect("a request")
}

#[tokio::test(start_paused = true)]
async fn five_lines_survive_a_rate_limit() {
    let (client, asked) = client(2);
    let client = Stack::new().around(client).expect("it is right");
    let response = client.oneshot(request()).await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), asked.load(Ordering::Relaxed)),
        (200, 3)
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_off_does_nothing() {
    let (client, asked) = client(1);
    let layer = Stack::new()
        .retry(|_| Off)
        .breaker(|_| Off)
        .limit(|_| Off)
        .classify(|_| Off)
        .build()
        .expect("it is right");
    let response = layer.layer(client).oneshot(request()).await;
    assert_eq!(response.expect("an answer").status(), 429);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let handle = layer.handle();
    assert!(handle.retry().is_none() && handle.limit().is_none());
    assert!(handle.breaker().is_none() && handle.route().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_layer_of_ones_own_stands_in_a_place() {
    let (client, asked) = client(0);
    let own = tower::limit::ConcurrencyLimitLayer::new(1);
    let client = Stack::new().limit(|_| Prebuilt(own)).boxed(client);
    let client: super::BoxClient<Full<Bytes>> = client.expect("it is right");
    client.oneshot(request()).await.expect("an answer");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn one_observer_hears_all_layers() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = heard.clone();
    let observer = move |event: &Event<'_>| {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(
            format!("{event:?}")
                .chars()
                .take_while(|c| *c != '(')
                .collect::<String>(),
        );
    };
    let (client, _) = client(1);
    let groq = preset::groq().key("gsk_not_a_real_key");
    let openai = preset::openai().key("sk_not_a_real_key");
    let client = Stack::new()
        .route(Route::new("chat").ordered([groq.model("a"), openai.model("b")]))
        .breaker(|breaker| {
            breaker
                .trip_on(crate::Class::RateLimited)
                .consecutive_failures(1)
        })
        .limit(|limit| limit.requests_per_minute(30))
        // A closure is `Clone` where what it captures is.
        .observer(observer)
        .around(client)
        .expect("it is right");
    client.oneshot(request()).await.expect("an answer");
    let heard = heard.lock().expect("whole").clone();
    for layer in ["Classify", "Limit", "Breaker", "Retry", "Route"] {
        assert!(
            heard.iter().any(|event| event == layer),
            "{layer}: {heard:?}"
        );
    }
}

/// Counts the events it receives.
fn counter() -> (
    impl crate::event::Observer + Clone + Send + Sync + 'static,
    Arc<AtomicUsize>,
) {
    let count = Arc::new(AtomicUsize::new(0));
    let events = count.clone();
    let observer = move |_: &Event<'_>| {
        events.fetch_add(1, Ordering::Relaxed);
    };
    (observer, count)
}

#[tokio::test(start_paused = true)]
async fn an_observer_replaces_neither_the_memory_nor_another_observer() {
    let recent = crate::recent::Recent::new();
    let ((one, first), (two, second)) = (counter(), counter());
    let layer = Stack::new()
        .observer(one)
        .remember(recent.clone())
        .observer(two)
        .build()
        .expect("it is right");
    let (client, _) = client(1);
    let response = layer.layer(client).oneshot(request()).await;
    assert_eq!(response.expect("an answer").status(), 200);
    let (first, second) = (
        first.load(Ordering::Relaxed),
        second.load(Ordering::Relaxed),
    );
    assert!(first > 0, "nothing was observed");
    assert_eq!(first, second);
    let decisions = layer.handle().state().recent.expect("it is remembered");
    assert!(!decisions.is_empty());
    assert_eq!(decisions.len(), recent.list().len());
}

#[test]
fn nothing_listens_until_an_observer_is_added() {
    use crate::event::Observer;

    assert!(!().hears());
    assert!(!Stack::new().observer(()).observer.hears());
    assert!(
        !Stack::new()
            .observer(())
            .observer(None::<crate::recent::Recent>)
            .observer
            .hears()
    );
    assert!(Stack::new().observer(counter().0).observer.hears());
    assert!(
        Stack::new()
            .observer(())
            .remember(crate::recent::Recent::new())
            .observer
            .hears()
    );
}

#[tokio::test(start_paused = true)]
async fn the_handle_reaches_every_layer_and_the_router_looks_at_them() {
    let (client, _) = client(0);
    let groq = preset::groq().key("gsk_not_a_real_key");
    let openai = preset::openai().key("sk_not_a_real_key");
    let layer = Stack::new()
        .route(Route::new("chat").ordered([groq.model("a"), openai.model("b")]))
        .build()
        .expect("it is right");
    let handle = layer.handle();
    assert!(handle.retry().is_some() && handle.limit().is_some());
    let first = Target::new("groq", "a");
    handle
        .breaker()
        .expect("it is there")
        .force_open(&first, None);
    let response = layer.layer(client).oneshot(request()).await;
    let served = crate::Served::of(&response.expect("an answer")).cloned();
    assert_eq!(served.expect("routed").target().model(), Some("b"));
    assert!(handle.route().is_some());
}

#[test]
fn a_wrong_setting_names_its_part() {
    let error = Stack::new().limit(|limit| limit.queue(0)).build();
    let error = error.expect_err("no queue");
    assert_eq!(error.part(), "limit");
    assert_eq!(error.to_string(), "limit: queue must be 1 to 1000000");
    let timeouts = Stack::new().timeouts(|timeouts| timeouts.idle(Duration::ZERO));
    assert_eq!(timeouts.build().expect_err("no time").part(), "timeouts");
    let route = Stack::new().route(Route::new("empty")).build();
    assert_eq!(route.expect_err("nobody").part(), "route");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_queue_and_retries() {
    let (client, asked) = client(usize::MAX);
    let stack = Stack::new().deadline(Duration::from_millis(2500));
    let client = stack.around(client).expect("it is right");
    let start = tokio::time::Instant::now();
    let response: Result<_, BoxError> = client.oneshot(request()).await;
    match response {
        Ok(response) => assert_eq!(response.status(), 429),
        Err(error) => {
            let rejected = Rejected::find(error.as_ref()).expect("refused");
            assert_eq!(rejected.reason(), Reason::DeadlineExceeded);
        }
    }
    assert!(start.elapsed() <= Duration::from_millis(2500));
    assert!((1..=3).contains(&asked.load(Ordering::Relaxed)));
}

/// The deadline is outside of what tells of a call, and drops it there.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_late_is_told_once_with_its_reason() {
    let recent = crate::recent::Recent::new();
    let hangs =
        service_fn(|_: Asked| std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let layer = Stack::new()
        .deadline(Duration::from_secs(3))
        .remember(recent.clone())
        .build()
        .expect("it is right");
    let error = layer.layer(hangs).oneshot(request()).await;
    assert!(Rejected::find(error.expect_err("late").as_ref()).is_some());
    let told = recent.list();
    let ends: Vec<_> = told.iter().filter(|one| one.kind == "finished").collect();
    assert_eq!(ends.len(), 1, "{told:?}");
    assert!(ends[0].sentence.contains("deadline_exceeded"), "{told:?}");
    assert_eq!(
        layer.handle().state().recent.map(|all| all.len()),
        Some(told.len())
    );
}
