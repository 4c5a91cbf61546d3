//! A call waits until its deadline; `max_wait` only shortens that.

use tokio::time::Instant;
use tollgate_core::{Call, Reason};
use tollgate_limit::{Limit, LimitLayer};
use tower::ServiceExt;

use crate::support::{Limited, Provider, call, limited, named, rejected, request, s, settle};

/// When each of so many calls was sent, after the first.
async fn sent(service: &Limited, provider: &Provider, calls: usize) -> Vec<u64> {
    let calls: Vec<_> = (0..calls)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    for call in calls {
        call.await.unwrap().expect("served");
    }
    let seen = provider.seen();
    let first = seen[0].at;
    let after = |at: Instant| (at - first).as_secs();
    seen.iter().map(|seen| after(seen.at)).collect()
}

/// Fault L2: the commonest window is as long as the longest wait was.
#[tokio::test(start_paused = true)]
async fn a_call_waits_for_the_next_window_of_a_minute() {
    let provider = Provider::serving(s(0));
    let limit = Limit::requests(10, s(60)).fixed();
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let sent = sent(&limited(&layer, &provider), &provider, 25).await;
    assert_eq!(sent[..10], [0; 10]);
    assert_eq!(sent[10..20], [60; 10]);
    assert_eq!(sent[20..], [120; 5]);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_a_space_of_minutes() {
    let provider = Provider::serving(s(0));
    let layer = LimitLayer::builder().spacing(s(300)).build().unwrap();
    let sent = sent(&limited(&layer, &provider), &provider, 4).await;
    assert_eq!(sent, [0, 300, 600, 900]);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_a_long_answer_to_end() {
    let provider = Provider::serving(s(500));
    let layer = LimitLayer::builder().concurrency(1).build().unwrap();
    let sent = sent(&limited(&layer, &provider), &provider, 3).await;
    assert_eq!(sent, [0, 500, 1_000]);
}

/// How long a call waited, and why it was refused.
async fn refused(service: &Limited, call: Call) -> (u64, Reason) {
    let start = Instant::now();
    let error = service.clone().oneshot(named("late", call)).await;
    let reason = rejected(&error.expect_err("refused")).reason();
    (start.elapsed().as_secs(), reason)
}

#[tokio::test(start_paused = true)]
async fn deadline_and_wait_budget_still_end_the_wait_and_max_wait_shortens_them() {
    let provider = Provider::serving(s(3_600));
    let builder = || LimitLayer::builder().concurrency(1);
    let (layer, handle) = builder().build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    let first = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    let deadline = || call().with_deadline_in(s(700));
    assert_eq!(
        refused(&service, deadline()).await,
        (700, Reason::DeadlineExceeded)
    );
    let budget = call().with_wait_budget(s(100));
    assert_eq!(refused(&service, budget).await, (100, Reason::WaitTooLong));

    handle.apply(&builder().max_wait(s(30))).unwrap();
    assert_eq!(
        refused(&service, deadline()).await,
        (30, Reason::WaitTooLong)
    );
    handle.apply(&builder()).unwrap();
    assert_eq!(
        refused(&service, deadline()).await,
        (700, Reason::DeadlineExceeded)
    );
    first.abort();
}

/// The longest wait that can be set: not the same as none.
#[tokio::test(start_paused = true)]
async fn a_day_is_a_wait_like_any_other() {
    let provider = Provider::serving(s(100_000));
    let day = LimitLayer::builder().concurrency(1).max_wait(s(86_400));
    let service = limited(&day.build().unwrap(), &provider);
    let first = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    assert_eq!(
        refused(&service, call()).await,
        (86_400, Reason::WaitTooLong)
    );
    first.abort();
}
