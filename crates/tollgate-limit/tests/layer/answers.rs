//! What answers teach.

use std::sync::Arc;

use http::Response;
use tokio::{sync::Semaphore, time::Instant};
use tollgate_core::{Class, Classification, LimitKind, Note, Quota, Scope, Window};
use tollgate_limit::{Limit, LimitLayer};
use tollgate_test::{Dialect, Kind, Provider as Scripted};
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{Provider, Res, limited, ms, request, s, target};

fn noted(status: u16, note: impl Fn(&mut Note)) -> Res {
    let mut response = Response::builder()
        .status(status)
        .body(Default::default())
        .unwrap();
    Note::update(&mut response, note);
    response
}

/// Answers that state a limit of so many, of which each takes one.
fn counting(all: u64, takes: std::time::Duration) -> Provider {
    Provider::new(move |nth| {
        let response = noted(200, |note| {
            let mut quota = Quota::new();
            let requests = quota
                .entry(LimitKind::Requests, Some(Window::Minute))
                .unwrap();
            let left = (all - 1).saturating_sub(nth as u64);
            (requests.limit, requests.remaining) = (Some(all), Some(left));
            requests.reset = Some(s(60));
            note.set_quota(quota);
        });
        (takes, Ok(response))
    })
}

/// Headers that state nothing left are no reason to refuse a call, nor to hold it for a minute: one asks
/// after a silence.
#[tokio::test(start_paused = true)]
async fn a_learned_limit_is_shown_and_refuses_nobody() {
    let provider = counting(5, ms(10));
    let (layer, handle) = LimitLayer::builder().build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    let start = Instant::now();
    for _ in 0..5 {
        service.clone().oneshot(request()).await.unwrap();
    }
    assert_eq!(start.elapsed(), ms(50));
    let state = handle.key(&target()).unwrap();
    let seen = &state.limits[0];
    assert_eq!((seen.limit, seen.remaining, seen.configured), (5, 0, false));
    let hasty = crate::support::call().with_wait_budget(s(1));
    service
        .oneshot(crate::support::named("", hasty))
        .await
        .expect("no fact says that it would be rejected");
    let waited = provider.seen()[5].at - start - ms(50);
    assert!(waited <= ms(300), "{waited:?}");
}

/// What headers state is known: no ramp then, and not one call more.
#[tokio::test(start_paused = true)]
async fn as_many_as_headers_state_go_at_once() {
    let provider = counting(50, s(8));
    let service = limited(&LimitLayer::new(), &provider);
    service.clone().oneshot(request()).await.unwrap();
    let start = Instant::now();
    let calls: Vec<_> = (0..49)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(start.elapsed(), s(8), "none of them waited");
}

/// The 429 passes with status, headers and body; everybody waits as long as it says.
#[tokio::test(start_paused = true)]
async fn a_rejection_holds_all_calls_back_for_as_long_as_it_says() {
    let provider = Provider::new(|nth| match nth {
        0 => {
            let response = Response::builder().status(429).header("retry-after", "7");
            (ms(10), Ok(response.body("slow down".into()).unwrap()))
        }
        _ => (ms(10), Ok(Response::new(Default::default()))),
    });
    let service = limited(&LimitLayer::new(), &provider);
    let first = service.clone().oneshot(request()).await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (429, &"7".parse::<http::HeaderValue>().unwrap())
    );
    let calls: Vec<_> = (0..3)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let seen = provider.seen();
    assert!(seen[1..].iter().all(|one| one.at - seen[0].at >= s(7)));
    // One asks, and after a silence the others follow.
    let waited = seen[3].at - seen[0].at;
    assert!(waited <= ms(7_500), "{waited:?}");
}

/// Gates do not count calls at the same time; such a rejection must slow something down.
#[tokio::test(start_paused = true)]
async fn a_provider_that_allows_three_at_a_time_is_found_out() {
    let room = Arc::new(Semaphore::new(3));
    let refused = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let client = {
        let (room, refused) = (room.clone(), refused.clone());
        tower::service_fn(move |_: crate::support::Req| {
            let (room, refused) = (room.clone(), refused.clone());
            async move {
                let Ok(_place) = room.try_acquire() else {
                    refused.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    return Ok(noted(429, |note| {
                        let seen = Classification::new(Class::RateLimited)
                            .with_limit(LimitKind::Concurrency)
                            .with_scope(Scope::Limit)
                            .with_wait(ms(100));
                        note.set_classification(seen);
                    }));
                };
                tokio::time::sleep(ms(200)).await;
                Ok::<_, std::convert::Infallible>(Response::new(Default::default()))
            }
        })
    };
    let (layer, handle) = LimitLayer::builder()
        .limit(tollgate_limit::Limit::requests(60_000, s(60)).bucket(1_000))
        .build_with_handle()
        .unwrap();
    let service = layer.layer(client);
    let round = |n: usize| {
        let calls: Vec<_> = (0..n)
            .map(|_| tokio::spawn(service.clone().oneshot(request())))
            .collect();
        async {
            for call in calls {
                drop(call.await.unwrap().unwrap());
            }
        }
    };
    let refused = || refused.load(std::sync::atomic::Ordering::Relaxed);
    let learned = || handle.key(&target()).unwrap().concurrency;
    round(10).await;
    assert_eq!((refused(), learned()), (1, Some(3)));
    round(30).await;
    assert_eq!(refused(), 1, "no more than three at a time");
    // After a quiet time it tries one more.
    tokio::time::sleep(s(10)).await;
    round(12).await;
    assert_eq!((refused(), learned()), (2, Some(3)));
}

/// Against a provider that counts, and whose answers are read by status and headers alone.
#[tokio::test(start_paused = true)]
async fn a_real_quota_is_met_without_a_rejection() {
    let provider = Scripted::builder(Dialect::OpenAi)
        .quota(tollgate_test::Quota::bucket(Kind::Requests, 600, s(60), 10))
        .latency(ms(20), ms(5))
        .seed(7)
        .build();
    let limit = tollgate_limit::Limit::requests(600, s(60)).bucket(10);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = layer.layer(provider.service());
    let calls: Vec<_> = (0..200)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    let start = Instant::now();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(
        (provider.stats().served, provider.stats().rate_limited),
        (200, 0)
    );
    assert!(start.elapsed() <= s(20), "{:?}", start.elapsed());
}

/// One in twenty answers of a busy provider is an overload: that is a matter of its call, not of all,
/// even if it states a wait.
#[tokio::test(start_paused = true)]
async fn an_overload_holds_nobody_back() {
    for told in [None, Some("4")] {
        let provider = Provider::new(move |nth| {
            let status = if nth == 0 { 529 } else { 200 };
            let response = Response::builder().status(status);
            let response = match told.filter(|_| nth == 0) {
                Some(told) => response.header("retry-after", told),
                None => response,
            };
            (ms(10), Ok(response.body(Default::default()).unwrap()))
        });
        let builder = LimitLayer::builder().limit(Limit::requests(600, s(60)).bucket(600));
        let service = limited(&builder.build().unwrap(), &provider);
        let start = Instant::now();
        service.clone().oneshot(request()).await.unwrap();
        service.oneshot(request()).await.unwrap();
        assert_eq!(start.elapsed(), ms(20), "{told:?}");
    }
}
