//! Other settings while calls go through.

use tokio::time::Instant;
use tollgate_retry::{Backoff, Budget, RetryLayer};
use tower::{Layer, ServiceExt};

use crate::support::{Provider, request, s};

#[tokio::test(start_paused = true)]
async fn the_next_call_goes_by_the_new_settings_and_one_under_way_by_the_old() {
    let (layer, handle) = RetryLayer::builder().build_with_handle().unwrap();
    let provider = Provider::of_statuses(&[503, 503, 503, 200]);
    // A service that was made before.
    let service = layer.layer(provider.clone());
    let once = Backoff::new(s(1), s(1), 1);
    let none = RetryLayer::builder().throttle(once).transient(once);
    let under_way = service.clone().oneshot(request());
    let change = async {
        tokio::task::yield_now().await;
        handle.apply(&none).unwrap();
    };
    let (response, ()) = tokio::join!(under_way, change);
    assert_eq!(response.unwrap().status(), 200, "after four attempts");

    let provider = Provider::of_statuses(&[503, 200]);
    let service = layer.layer(provider.clone());
    let start = Instant::now();
    assert_eq!(service.oneshot(request()).await.unwrap().status(), 503);
    assert_eq!(start.elapsed(), s(0));
    assert_eq!(provider.times().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn budgets_stay_unless_their_rules_change() {
    let budget = Budget::new().with_size(10.0);
    let builder = || RetryLayer::builder().budget(budget);
    let (layer, handle) = builder().build_with_handle().unwrap();
    let service = layer.layer(Provider::of_statuses(&[503, 503, 503, 200]));
    service.oneshot(request()).await.unwrap();
    let lacking = handle.budgets();
    assert_eq!(lacking.len(), 1, "{lacking:?}");
    handle.apply(&builder().max_wait(s(7))).unwrap();
    assert_eq!(handle.budgets(), lacking);

    let bad = builder().max_wait(s(0));
    assert_eq!(handle.apply(&bad).unwrap_err().field(), "max_wait");
    assert_eq!(handle.budgets(), lacking);

    handle
        .apply(&builder().budget(budget.with_size(20.0)))
        .unwrap();
    assert_eq!(handle.budget(&lacking[0].0), Some(20.0));
    handle.apply(&builder().no_budget()).unwrap();
    assert_eq!(handle.budget(&lacking[0].0), None);
}
