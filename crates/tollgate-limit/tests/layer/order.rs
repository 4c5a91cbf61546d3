//! Who waits is served in order.

use tokio::{task::JoinSet, time::Instant};
use tollgate_core::{Call, Cost, Priority};
use tollgate_limit::{Limit, LimitLayer};
use tower::ServiceExt;

use crate::support::{Limited, Provider, call, limited, ms, named, s, settle};

/// One call a second, after the first.
fn one_a_second() -> LimitLayer {
    let limit = Limit::requests(60, s(60)).bucket(1);
    LimitLayer::builder().limit(limit).build().unwrap()
}

/// Calls of these names come one after the other, 1 ms apart, and wait.
async fn come(
    service: &Limited,
    calls: impl IntoIterator<Item = (&'static str, Call)>,
) -> JoinSet<()> {
    let mut all = JoinSet::new();
    for (name, call) in calls {
        let request = named(name, call);
        let service = service.clone();
        all.spawn(async move {
            service.oneshot(request).await.expect(name);
        });
        settle().await;
        tokio::time::advance(ms(1)).await;
    }
    all
}

/// tower-resilience serves arrivals 0 to 7 as 0, 7, 1, 2, 3, 4, 5, 6.
#[tokio::test(start_paused = true)]
async fn first_come_first_served() {
    let provider = Provider::serving(ms(1));
    let service = limited(&one_a_second(), &provider);
    let names = ["0", "1", "2", "3", "4", "5", "6", "7"];
    come(&service, names.map(|name| (name, call())))
        .await
        .join_all()
        .await;
    assert_eq!(provider.names(), names);
    let times: Vec<_> = provider.seen().iter().map(|seen| seen.at).collect();
    for pair in times.windows(2) {
        let gap = pair[1] - pair[0];
        // A drained bucket is given a fortieth of its pace: calls overtake each other on the way.
        assert!(gap >= ms(999) && gap <= ms(1_027), "{gap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_served_before_what_came_since() {
    let provider = Provider::serving(ms(1));
    let service = limited(&one_a_second(), &provider);
    let start = Instant::now();
    tokio::time::advance(s(5)).await;
    let retry = call().with_arrival(start).with_attempt(1);
    let calls = [
        ("first", call()),
        ("a", call()),
        ("b", call()),
        ("retry", retry),
    ];
    come(&service, calls).await.join_all().await;
    assert_eq!(provider.names(), ["first", "retry", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn classes_go_before_one_another() {
    use Priority::{High, Low, Normal};
    let provider = Provider::serving(ms(1));
    let service = limited(&one_a_second(), &provider);
    let of = |priority| call().with_priority(priority);
    let calls = [
        ("first", of(Low)),
        ("low 1", of(Low)),
        ("normal 1", of(Normal)),
        ("low 2", of(Low)),
        ("high 1", of(High)),
        ("normal 2", of(Normal)),
        ("high 2", of(High)),
    ];
    let calls = calls.map(|(name, call)| {
        (
            Box::leak(name.replace(' ', "-").into_boxed_str()) as &_,
            call,
        )
    });
    come(&service, calls).await.join_all().await;
    let order = [
        "first", "high-1", "high-2", "normal-1", "normal-2", "low-1", "low-2",
    ];
    assert_eq!(provider.names(), order);
}

#[tokio::test(start_paused = true)]
async fn small_calls_do_not_overtake_a_large_one() {
    let provider = Provider::serving(ms(1));
    let limit = Limit::tokens(6_000, s(60)).bucket(1_000);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = limited(&layer, &provider);
    let of = |tokens| call().with_cost(Cost::default().with_input_tokens(tokens));
    let calls = [
        ("first", of(1_000)),
        ("large", of(1_000)),
        ("small", of(1)),
        ("tiny", of(1)),
    ];
    come(&service, calls).await.join_all().await;
    assert_eq!(provider.names(), ["first", "large", "small", "tiny"]);
    let waited = provider.seen()[1].at - provider.seen()[0].at;
    assert!(waited >= ms(9_990) && waited <= ms(10_062), "{waited:?}");
}
