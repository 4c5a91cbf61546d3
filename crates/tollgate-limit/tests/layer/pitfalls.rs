//! Mistakes that others made, each pinned the other way.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
};

use http::Response;
use tokio_test::task::spawn;
use tollgate_limit::{Limit, LimitLayer};
use tower::{Service, ServiceExt, limit::ConcurrencyLimit, service_fn};
use tower_layer::Layer;

use crate::support::{Provider, Req, limited, ms, request, s, settle, target};

/// tower #472, hyper-util #297: a permit that is reserved in `poll_ready` is lost to everybody while
/// its owner does something else.
#[tokio::test(start_paused = true)]
async fn being_ready_takes_nothing() {
    let provider = Provider::serving(s(0));
    let (layer, handle) = LimitLayer::builder()
        .concurrency(1)
        .build_with_handle()
        .unwrap();
    let mut idle: Vec<_> = (0..10).map(|_| limited(&layer, &provider)).collect();
    let mut cx = Context::from_waker(Waker::noop());
    for service in &mut idle {
        assert!(matches!(service.poll_ready(&mut cx), Poll::Ready(Ok(()))));
    }
    assert!(handle.key(&target()).is_none(), "not even a key");
    limited(&layer, &provider).oneshot(request()).await.unwrap();
}

/// tower #794, tower-resilience #366: each clone of a limiter had the whole limit to itself.
#[tokio::test(start_paused = true)]
async fn clones_share_one_limit() {
    let provider = Provider::serving(s(0));
    let layer = LimitLayer::builder()
        .limit(Limit::requests(3, s(3_600)).fixed())
        .max_wait(s(60))
        .build()
        .unwrap();
    for nth in 0..6 {
        let service = limited(&layer.clone(), &provider).clone();
        assert_eq!(service.oneshot(request()).await.is_ok(), nth < 3);
    }
}

/// tower-resilience #363, #365: more were admitted than allowed when many came at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_as_many_as_allowed_whoever_asks() {
    let layer = LimitLayer::builder()
        .limit(Limit::requests(1_000, s(86_400)).fixed())
        .shed()
        .build()
        .unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let askers = (0..8).map(|_| {
        let (served, count) = (served.clone(), served.clone());
        let client = service_fn(move |_: Req| {
            count.fetch_add(1, Relaxed);
            std::future::ready(Ok::<_, std::io::Error>(Response::new(
                http_body_util::Full::<bytes::Bytes>::default(),
            )))
        });
        let service = layer.layer(client);
        drop(served);
        tokio::spawn(async move {
            let mut ok = 0;
            for _ in 0..500 {
                ok += usize::from(service.clone().oneshot(request()).await.is_ok());
            }
            ok
        })
    });
    let mut ok = 0;
    for asker in askers.collect::<Vec<_>>() {
        ok += asker.await.unwrap();
    }
    assert_eq!((ok, served.load(Relaxed)), (1_000, 1_000));
}

/// tower-resilience #363: waiters that woke themselves, again and again.
#[tokio::test(start_paused = true)]
async fn who_waits_is_not_polled_for_nothing() {
    let provider = Provider::serving(s(0));
    let layer = LimitLayer::builder()
        .limit(Limit::requests(60, s(60)).bucket(1))
        .build()
        .unwrap();
    let service = limited(&layer, &provider);
    let mut waiting: Vec<_> = (0..10)
        .map(|_| (spawn(service.clone().oneshot(request())), 0))
        .collect();
    let start = tokio::time::Instant::now();
    for (call, polls) in &mut waiting {
        *polls += 1;
        if let Poll::Ready(done) = call.poll() {
            done.unwrap();
        }
    }
    while start.elapsed() < s(12) {
        for (call, polls) in waiting.iter_mut().filter(|(call, _)| call.is_woken()) {
            *polls += 1;
            if let Poll::Ready(done) = call.poll() {
                done.unwrap();
            }
        }
        tokio::time::advance(ms(10)).await;
    }
    assert_eq!(provider.seen().len(), 10);
    assert!(
        waiting.iter().all(|(_, polls)| *polls <= 4),
        "{:?}",
        waiting.iter().map(|w| w.1).collect::<Vec<_>>()
    );
}

/// tower #71, linkerd2 #2795: whoever gave up waiting still had its place.
#[tokio::test(start_paused = true)]
async fn cancelled_waiters_keep_no_places() {
    let provider = Provider::serving(s(1));
    let (layer, handle) = LimitLayer::builder()
        .concurrency(1)
        .queue(10)
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    let first = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    for _ in 0..50 {
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let mut call = spawn(service.clone().oneshot(request()));
                assert!(call.poll().is_pending());
                call
            })
            .collect();
        assert_eq!(handle.key(&target()).unwrap().queued, 10);
        drop(calls);
        assert_eq!(handle.key(&target()).unwrap().queued, 0);
    }
    let next = tokio::spawn(service.clone().oneshot(request()));
    first.await.unwrap().unwrap();
    next.await.unwrap().unwrap();
    assert_eq!(provider.seen()[1].at - provider.seen()[0].at, s(1));
}

/// tower-http #447: concurrency that ends with the head of the answer is none.
#[tokio::test(start_paused = true)]
async fn a_body_that_is_read_slowly_holds_its_place() {
    let provider = Provider::serving(s(0));
    let client = tower::ServiceBuilder::new()
        .map_response(|response: crate::support::Res| {
            response.map(|_| http_body_util::Full::<bytes::Bytes>::from("text"))
        })
        .service(provider.clone());
    let layer = LimitLayer::builder().concurrency(1).build().unwrap();
    let service = layer.layer(client);
    let first = service.clone().oneshot(request()).await.unwrap();
    let next = tokio::spawn(service.clone().oneshot(request()));
    tokio::time::sleep(s(5)).await;
    assert!(!next.is_finished());
    drop(first);
    next.await.unwrap().unwrap();
    assert_eq!(provider.seen()[1].at - provider.seen()[0].at, s(5));
}

/// A call that waits holds no place of the service below.
#[tokio::test(start_paused = true)]
async fn who_waits_holds_nothing_below() {
    let provider = Provider::serving(ms(10));
    let below = ConcurrencyLimit::new(provider.clone(), 1);
    let layer = LimitLayer::builder()
        .limit(Limit::requests(60, s(60)).bucket(1))
        .build()
        .unwrap();
    let mut kept = layer.layer(below.clone());
    kept.ready().await.unwrap().call(request()).await.unwrap();
    // Ready, then held back: the place below is free for somebody else.
    kept.ready().await.unwrap();
    let mut waiting = spawn(kept.call(request()));
    assert!(waiting.poll().is_pending());
    let other = tokio::time::timeout(ms(50), below.oneshot(request()));
    other.await.unwrap().unwrap();
    waiting.await.unwrap();
}

/// Ready, and not called for a while: the layer is ready whatever is below, so that it must not stand
/// in a queue there meanwhile.
#[tokio::test(start_paused = true)]
async fn being_ready_before_the_service_below_holds_no_place_there() {
    let provider = Provider::serving(ms(10));
    let below = ConcurrencyLimit::new(provider.clone(), 1);
    let layer = LimitLayer::builder().build().unwrap();
    let mut taken = below.clone();
    taken.ready().await.unwrap();
    let mut idle = layer.layer(below.clone());
    idle.ready().await.unwrap();
    drop(taken);
    let other = tokio::time::timeout(ms(50), below.oneshot(request()));
    other.await.expect("its place is held").unwrap();
    idle.call(request()).await.unwrap();
}

/// No `Send` is asked of a client that has none.
#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_leave_its_thread() {
    let calls = Rc::new(std::cell::Cell::new(0));
    let count = calls.clone();
    let client = service_fn(move |_: Req| {
        count.set(count.get() + 1);
        let count = count.clone();
        async move {
            let _ = count;
            Ok::<_, std::io::Error>(Response::new(
                http_body_util::Full::<bytes::Bytes>::default(),
            ))
        }
    });
    let layer = LimitLayer::builder().spacing(ms(5)).build().unwrap();
    let service = layer.layer(client);
    for _ in 0..3 {
        service.clone().oneshot(request()).await.unwrap();
    }
    assert_eq!(calls.get(), 3);
}
