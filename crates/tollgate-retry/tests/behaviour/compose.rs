//! Under and above other people's layers, and around services that are hard to hold.

use std::{
    cell::Cell,
    convert::Infallible,
    rc::Rc,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tollgate_core::{BoxError, ReplayBody, ReplayLayer, check_resend};
use tollgate_retry::{Event, RetryLayer, Why};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, limit::ConcurrencyLimitLayer, service_fn,
    util::BoxCloneSyncService,
};

use crate::support::{Body, Provider, ms, request, s, status, throttled};

/// Callers that keep their service must not keep a place in the queue below.
#[tokio::test(start_paused = true)]
async fn five_callers_that_keep_their_service_share_one_permit() {
    let script = (0..10).map(|i| (ms(100), Ok(if i < 5 { throttled(2) } else { status(200) })));
    let provider = Provider::new(script);
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(ConcurrencyLimitLayer::new(1))
        .service(provider.clone());
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let mut service = stack.clone();
        calls.spawn(async move {
            let response = service.ready().await.expect("ready").call(request()).await;
            (service, response.expect("a response").status())
        });
    }
    let all = tokio::time::timeout(s(60), calls.join_all())
        .await
        .expect("no deadlock");
    assert!(all.iter().all(|(_, status)| *status == 200));
    assert_eq!(provider.memory().seen.len(), 10);
}

/// The same with readiness taken long before the call.
#[tokio::test(start_paused = true)]
async fn a_service_that_waits_for_readiness_while_another_sleeps() {
    let provider = Provider::new([
        (ms(1), Ok(throttled(5))),
        (ms(1), Ok(status(201))),
        (ms(1), Ok(status(202))),
    ]);
    let mut first = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(ConcurrencyLimitLayer::new(1))
        .service(provider);
    let mut second = first.clone();
    let sleeping = tokio::spawn(first.ready().await.expect("ready").call(request()));
    tokio::time::sleep(s(1)).await;
    let response = second.ready().await.expect("ready").call(request()).await;
    assert_eq!(response.expect("a response").status(), 201);
    assert_eq!(sleeping.await.unwrap().expect("a response").status(), 202);
}

#[tokio::test(start_paused = true)]
async fn under_a_box_and_around_a_buffer() {
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .buffer(2)
        .timeout(s(5))
        .service(Provider::of_statuses(&[503, 200, 503, 200]));
    let stack = check_resend::<_, Body>(stack);
    let boxed: BoxCloneSyncService<_, _, BoxError> = BoxCloneSyncService::new(stack);
    for _ in 0..2 {
        let response = boxed.clone().oneshot(request()).await;
        assert_eq!(response.expect("a response").status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn under_a_buffer() {
    let provider = Provider::of_statuses(&[503, 200]);
    let stack = ServiceBuilder::new()
        .buffer(1)
        .layer(RetryLayer::new())
        .service(provider);
    let response = stack.oneshot(request()).await;
    assert_eq!(response.expect("a response").status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_below_is_retried() {
    let provider = Provider::new([(s(60), Ok(status(200))), (s(1), Ok(status(200)))]);
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .timeout(s(5))
        .service(provider.clone());
    let response = stack.oneshot(request()).await;
    assert_eq!(response.expect("a response").status(), 200);
    let second = provider.times()[1];
    assert!(second >= s(5) && second <= ms(5_251), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_above_ends_the_sleep() {
    let provider = Provider::new([(s(0), Ok(throttled(50)))]);
    let stack = ServiceBuilder::new()
        .timeout(s(5))
        .layer(RetryLayer::new())
        .service(provider.clone());
    let error = stack
        .oneshot(request())
        .await
        .expect_err("the timeout above");
    assert!(error.is::<tower::timeout::error::Elapsed>());
    assert_eq!(provider.memory().seen.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn around_a_service_that_cannot_be_sent_and_borrows() {
    let count = Rc::new(Cell::new(0));
    let words = String::from("a local");
    let (counter, borrowed) = (count.clone(), &words);
    let inner = service_fn(move |_: Request<Body>| {
        counter.set(counter.get() + 1);
        let code = if counter.get() == 1 { 503 } else { 200 };
        async move { Ok::<_, Infallible>(status(code).map(|()| borrowed.as_str())) }
    });
    let response = RetryLayer::new()
        .layer(inner)
        .oneshot(request())
        .await
        .unwrap();
    assert_eq!((*response.body(), count.get()), ("a local", 2));
}

#[test]
fn the_future_is_as_sendable_as_its_parts() {
    fn assert_send<T: Send>(_: &T) {}
    let mut service = RetryLayer::new().layer(Provider::<()>::new([(s(0), Ok(status(200)))]));
    let call = Service::<Request<Body>>::call(&mut service, request());
    assert_send(&call);
    assert!(format!("{call:?}").contains("calling"));
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_on_is_handed_over_untouched() {
    let response = Response::builder()
        .status(429)
        .header("retry-after", "999")
        .header("x-request-id", "r1")
        .extension("an extension")
        .body("every byte")
        .unwrap();
    let provider = Provider::new([(s(0), Ok(response))]);
    let response = RetryLayer::new()
        .layer(provider)
        .oneshot(request())
        .await
        .unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers().len(), 2);
    assert_eq!(response.extensions().get::<&str>(), Some(&"an extension"));
    assert_eq!(*response.body(), "every byte");
}

/// A body above the cap of `ReplayLayer` is sent once, and the observer hears why not twice.
#[tokio::test(start_paused = true)]
async fn under_replay_layer() {
    let (whys, attempts) = (Mutex::new(Vec::new()), AtomicU32::new(0));
    let retry = RetryLayer::builder().observer(|event: &Event| {
        if let Event::GaveUp { why, host, .. } = event {
            whys.lock().unwrap().push((*why, host.to_string()));
        }
    });
    let inner = service_fn(|request: Request<ReplayBody<Full<Bytes>>>| {
        let code = [503, 200][attempts.fetch_add(1, Ordering::Relaxed).min(1) as usize];
        async move {
            let body = request
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes();
            Ok::<_, Infallible>(status(code).map(|()| body))
        }
    });
    let stack = ServiceBuilder::new()
        .layer(ReplayLayer::with_cap(5))
        .layer(retry.build().unwrap())
        .service(inner);
    for (text, code, sent) in [("short", 200, 2), ("too long", 503, 1)] {
        attempts.store(0, Ordering::Relaxed);
        let request = Request::post("https://h.example/?key=secret").body(Full::from(text));
        let response = stack
            .clone()
            .oneshot(request.unwrap())
            .await
            .expect("a response");
        assert_eq!(
            (response.status().as_u16(), &response.body()[..]),
            (code, text.as_bytes())
        );
        assert_eq!(attempts.load(Ordering::Relaxed), sent);
    }
    assert_eq!(
        *whys.lock().unwrap(),
        [(Why::NotReplayable, "h.example".to_owned())]
    );
}
