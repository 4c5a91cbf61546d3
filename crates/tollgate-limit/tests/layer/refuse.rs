//! What can not be served in time is refused at once.

use tokio::time::Instant;
use tollgate_core::{Cost, Reason};
use tollgate_limit::{Limit, LimitLayer};
use tower::ServiceExt;

use crate::support::{Provider, call, limited, ms, named, rejected, request, s};

#[tokio::test(start_paused = true)]
async fn what_is_larger_than_the_limit_never_waits() {
    let provider = Provider::serving(s(1));
    let limit = Limit::tokens(6_000, s(60)).bucket(1_000);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = limited(&layer, &provider);
    let large = call().with_cost(Cost::default().with_input_tokens(1_001));
    let start = Instant::now();
    for _ in 0..2 {
        let error = service
            .clone()
            .oneshot(named("", large.clone()))
            .await
            .unwrap_err();
        assert_eq!(rejected(&error).reason(), Reason::TooLarge);
        assert_eq!(rejected(&error).retry_after(), None);
        // And behind others too.
        let cost = Cost::default().with_input_tokens(1_000);
        let _ = service
            .clone()
            .oneshot(named("", call().with_cost(cost)))
            .await;
    }
    assert!(start.elapsed() <= s(12), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_until_it_may_go() {
    let provider = Provider::serving(s(0));
    let limit = Limit::requests(60, s(60)).bucket(1);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = limited(&layer, &provider);
    let start = Instant::now();
    service.clone().oneshot(request()).await.unwrap();
    let held = service.clone().oneshot(request()).await.unwrap();
    assert!(start.elapsed() >= s(1) && start.elapsed() < ms(1_062));
    let note = tollgate_core::Note::of(&held).unwrap();
    assert!(note.queued().unwrap() >= s(1));
}
