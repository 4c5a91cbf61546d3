//! A layer lives longer than a runtime.

use std::task::{Context, Waker};

use tokio::runtime::{Builder, Runtime};
use tollgate_limit::{Limit, LimitLayer};
use tower::ServiceExt;

use crate::support::{Limited, Provider, limited, ms, request, s, settle};

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

/// Ten a second, so that the clocks of two runtimes, each paused, are never far apart.
fn service(provider: &Provider) -> Limited {
    let limit = Limit::requests(600, s(60)).bucket(1);
    limited(
        &LimitLayer::builder().limit(limit).build().unwrap(),
        provider,
    )
}

async fn bounded<T>(task: impl Future<Output = T>) -> T {
    tokio::time::timeout(s(30), task)
        .await
        .expect("it waits for ever")
}

#[test]
fn one_runtime_after_the_other() {
    let provider = Provider::serving(s(0));
    let service = service(&provider);
    for _ in 0..3 {
        let runtime = runtime();
        runtime.block_on(async {
            for _ in 0..3 {
                bounded(service.clone().oneshot(request())).await.unwrap();
            }
            // Left behind in the queue, and dropped with the runtime.
            for _ in 0..3 {
                tokio::spawn(service.clone().oneshot(request()));
            }
            settle().await;
        });
    }
    assert!(provider.seen().len() >= 9);
}

#[test]
fn a_runtime_that_ends_while_those_of_another_wait() {
    let provider = Provider::serving(s(0));
    let service = service(&provider);
    let (first, second) = (runtime(), runtime());
    let _ = first.block_on(service.clone().oneshot(request())).unwrap();
    // The head of the queue, and with it the timer, belong to the first.
    first.block_on(async {
        tokio::spawn(service.clone().oneshot(request()));
        settle().await;
    });
    let waiting = second.spawn(service.oneshot(request()));
    second.block_on(settle());
    drop(first);
    second.block_on(bounded(waiting)).unwrap().unwrap();
}

/// The head is not even dropped: somebody keeps it, and nobody polls it.
#[test]
fn a_runtime_that_ends_while_its_head_lives_on() {
    let provider = Provider::serving(s(0));
    let service = service(&provider);
    let (first, second) = (runtime(), runtime());
    let _ = first.block_on(service.clone().oneshot(request())).unwrap();
    let mut head = Box::pin(service.clone().oneshot(request()));
    {
        let _inside = first.enter();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(head.as_mut().poll(&mut cx).is_pending());
    }
    let waiting = second.spawn(service.oneshot(request()));
    second.block_on(settle());
    drop(first);
    second.block_on(bounded(waiting)).unwrap().unwrap();
    // And it goes on where somebody polls it.
    second.block_on(bounded(head)).unwrap();
    assert_eq!(provider.seen().len(), 3);
}

/// A runtime that stands still, as between two calls of `block_on`.
#[test]
fn a_runtime_that_nobody_drives() {
    let provider = Provider::serving(s(0));
    let service = service(&provider);
    let (first, second) = (runtime(), runtime());
    let _ = first.block_on(service.clone().oneshot(request())).unwrap();
    let mut head = Box::pin(service.clone().oneshot(request()));
    {
        let _inside = first.enter();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(head.as_mut().poll(&mut cx).is_pending());
    }
    // Its head left: whoever is next brings a timer that runs.
    let waiting = second.spawn(service.oneshot(request()));
    second.block_on(settle());
    drop(head);
    second.block_on(bounded(waiting)).unwrap().unwrap();
}

/// A body may be dropped anywhere.
#[test]
fn a_permit_that_is_dropped_outside_of_any_runtime() {
    let provider = Provider::new(|_| (ms(1), Ok(http::Response::new("text".into()))));
    let layer = LimitLayer::builder().concurrency(1).build().unwrap();
    let service = limited(&layer, &provider);
    let runtime = runtime();
    let response = runtime
        .block_on(service.clone().oneshot(request()))
        .unwrap();
    let waiting = runtime.spawn(service.oneshot(request()));
    runtime.block_on(settle());
    std::thread::spawn(move || drop(response)).join().unwrap();
    runtime.block_on(bounded(waiting)).unwrap().unwrap();
}
