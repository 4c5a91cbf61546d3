//! Whatever is dropped, whenever: nothing is lost and nobody is forgotten.

use std::{pin::Pin, task::Poll};

use http_body_util::BodyExt;
use tokio_test::task::{Spawn, spawn};
use tollgate_core::{BoxError, Cost};
use tollgate_limit::{Limit, LimitLayer};
use tower::ServiceExt;

use crate::support::{Limited, Provider, call, limited, ms, named, s, target};

type Run = Spawn<Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>>;

/// A call from its start to the last byte of its answer.
fn run(service: &Limited, tokens: u64) -> Run {
    let cost = Cost::default()
        .with_input_tokens(tokens)
        .with_output_tokens(tokens);
    let request = named("", call().with_cost(cost));
    let call = service.clone().oneshot(request);
    spawn(Box::pin(async move {
        let body = call.await?.into_body();
        // The head was seen, the body is still held.
        tokio::time::sleep(ms(30)).await;
        body.collect()
            .await
            .map(drop)
            .map_err(|error| match error {})
    }))
}

/// Polls all until they are done, `victim` at most `polls` times before it is dropped. Gives back how
/// many ended, and whether the victim was dropped.
async fn sweep(service: &Limited, victim: usize, polls: usize) -> (usize, bool) {
    let mut runs: Vec<_> = (0..5).map(|nth| Some(run(service, 10 + nth))).collect();
    let (mut ended, mut left, mut dropped) = (0, polls, false);
    for _ in 0..400 {
        for (nth, slot) in runs.iter_mut().enumerate() {
            let Some(run) = slot else { continue };
            if nth == victim {
                if left == 0 {
                    *slot = None;
                    dropped = true;
                    continue;
                }
                left -= 1;
            }
            if let Poll::Ready(result) = run.poll() {
                result.expect("served");
                ended += 1;
                *slot = None;
            }
        }
        if runs.iter().all(Option::is_none) {
            break;
        }
        tokio::time::advance(ms(25)).await;
    }
    assert!(
        runs.iter().all(Option::is_none),
        "{victim} after {polls}: somebody was forgotten"
    );
    (ended, dropped)
}

#[tokio::test(start_paused = true)]
async fn every_future_dropped_at_every_poll_leaves_nothing_behind() {
    for victim in 0..5 {
        for polls in 0..200 {
            let provider = Provider::serving(ms(60));
            let (layer, handle) = LimitLayer::builder()
                .limit(Limit::requests(300, s(60)).bucket(1))
                .limit(Limit::tokens(60_000, s(60)).bucket(1_000))
                .concurrency(2)
                .build_with_handle()
                .unwrap();
            let service = limited(&layer, &provider);
            let (ended, dropped) = sweep(&service, victim, polls).await;
            assert_eq!(ended, if dropped { 4 } else { 5 });
            let state = handle.key(&target()).unwrap();
            assert_eq!(
                (state.in_flight, state.queued),
                (0, 0),
                "{victim} after {polls}"
            );
            assert_eq!(state.reserved, Cost::default().with_requests(0));
            if !dropped {
                break;
            }
        }
    }
}

/// One that never was sent is given back whole: the next takes its place, and its time.
#[tokio::test(start_paused = true)]
async fn the_next_takes_the_time_of_a_head_that_left() {
    let provider = Provider::serving(s(0));
    let limit = Limit::requests(60, s(60)).bucket(1);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = limited(&layer, &provider);
    let start = tokio::time::Instant::now();
    service
        .clone()
        .oneshot(named("first", call()))
        .await
        .unwrap();
    let mut head = spawn(service.clone().oneshot(named("head", call())));
    assert!(head.poll().is_pending());
    let next = tokio::spawn(service.clone().oneshot(named("next", call())));
    tokio::time::sleep(ms(500)).await;
    drop(head);
    next.await.unwrap().unwrap();
    assert!(start.elapsed() <= ms(1_062), "{:?}", start.elapsed());
    assert_eq!(provider.names(), ["first", "next"]);
}
