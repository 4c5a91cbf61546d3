//! Calls that wait, and that nobody polls.

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout};
use tokio_test::task::spawn;
use tollgate_limit::{Limit, LimitLayer};
use tower::ServiceExt;

use crate::support::{Provider, call, limited, ms, named, s, settle};

/// A stream holds four calls; its consumer took one answer and does something else now.
#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_reads_does_not_hold_others_back() {
    let provider = Provider::serving(ms(10));
    let layer = LimitLayer::builder()
        .limit(Limit::requests(600, s(60)).bucket(1))
        .build()
        .unwrap();
    let service = limited(&layer, &provider);
    let calls = (0..8).map(|_| service.clone().oneshot(named("streamed", call())));
    let mut stream = stream::iter(calls).buffered(4);
    stream.next().await.unwrap().unwrap();
    let start = Instant::now();
    let others: Vec<_> = (0..10)
        .map(|_| tokio::spawn(service.clone().oneshot(named("other", call()))))
        .collect();
    for other in others {
        timeout(s(30), other)
            .await
            .expect("held back")
            .unwrap()
            .unwrap();
    }
    // Each grant that nobody fetches costs the time until it is passed on, all of them at once.
    assert!(start.elapsed() <= s(4), "{:?}", start.elapsed());
    // Read on, the stream ends as if nothing had been.
    assert_eq!(timeout(s(30), stream.count()).await.unwrap(), 7);
    assert_eq!(provider.seen().len(), 18);
}

/// A grant that nobody fetches goes to the next after a second, and its owner has not lost its turn.
#[tokio::test(start_paused = true)]
async fn a_grant_that_nobody_fetches_is_passed_on() {
    let provider = Provider::serving(ms(500));
    let (layer, handle) = LimitLayer::builder()
        .concurrency(1)
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    let first = tokio::spawn(service.clone().oneshot(named("first", call())));
    settle().await;
    let mut idle = spawn(service.clone().oneshot(named("idle", call())));
    assert!(idle.poll().is_pending());
    let next = tokio::spawn(service.clone().oneshot(named("next", call())));
    let last = tokio::spawn(service.clone().oneshot(named("last", call())));
    first.await.unwrap().unwrap();
    let start = Instant::now();
    next.await.unwrap().unwrap();
    assert!(
        start.elapsed() >= ms(1_500) && start.elapsed() <= ms(1_503),
        "{:?}",
        start.elapsed()
    );
    // It asks again while the last has the only place: it is in front of all who came later.
    settle().await;
    assert!(idle.is_woken(), "it was told of its grant");
    assert!(idle.poll().is_pending());
    let late = tokio::spawn(service.clone().oneshot(named("late", call())));
    last.await.unwrap().unwrap();
    timeout(s(10), idle).await.unwrap().unwrap();
    late.await.unwrap().unwrap();
    assert_eq!(provider.names(), ["first", "next", "last", "idle", "late"]);
    let state = handle.key(&crate::support::target()).unwrap();
    assert_eq!((state.in_flight, state.queued), (0, 0));
}

/// Made, and never polled at all.
#[tokio::test(start_paused = true)]
async fn a_future_that_was_never_polled_holds_nobody_back() {
    let provider = Provider::serving(ms(1));
    let layer = LimitLayer::builder()
        .limit(Limit::requests(600, s(60)).bucket(1))
        .build()
        .unwrap();
    let service = limited(&layer, &provider);
    service
        .clone()
        .oneshot(named("first", call()))
        .await
        .unwrap();
    let mut ready = service.clone();
    let idle = tower::Service::call(ready.ready().await.unwrap(), named("idle", call()));
    timeout(s(3), service.clone().oneshot(named("next", call())))
        .await
        .expect("held back")
        .unwrap();
    drop(idle);
    assert_eq!(provider.names(), ["first", "next"]);
}

/// A task that polls too much lends its budget to nobody: the timer works all the same.
#[tokio::test(start_paused = true)]
async fn a_task_without_budget_left_can_wait_too() {
    let provider = Provider::serving(s(0));
    let layer = LimitLayer::builder()
        .limit(Limit::requests(600, s(60)).bucket(1))
        .build()
        .unwrap();
    let service = limited(&layer, &provider);
    service
        .clone()
        .oneshot(named("first", call()))
        .await
        .unwrap();
    let task = tokio::spawn(async move {
        let mut next = Box::pin(service.oneshot(named("next", call())));
        std::future::poll_fn(|cx| {
            // Uses up the budget of this poll.
            while tokio::task::coop::has_budget_remaining() {
                let mut used = Box::pin(tokio::task::coop::consume_budget());
                let _ = used.as_mut().poll(cx);
            }
            next.as_mut().poll(cx)
        })
        .await
    });
    timeout(s(3), task)
        .await
        .expect("it waits for ever")
        .unwrap()
        .unwrap();
}
