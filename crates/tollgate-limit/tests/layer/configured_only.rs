//! A layer that keeps to its configured limits: nothing that the provider says counts.

use http::Response;
use tokio::time::Instant;
use tollgate_core::{
    Call, Class, Classification, Cost, LimitKind, Note, Quota, Reason, Scope, Target, Window,
};
use tollgate_limit::{Builder, Event, LimitLayer, Limits, Outgoing};
use tollgate_test::Recorder;
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{
    Provider, Req, Res, call, limited, ms, named, rejected, request, s, settle, target,
};

fn builder() -> Builder {
    LimitLayer::builder().configured_only()
}

fn rejection(wait: u64) -> Res {
    let response = Response::builder().status(429).header("retry-after", wait);
    response.body("slow down".into()).unwrap()
}

/// The provider says that nothing is left for a minute.
fn used_up(status: u16) -> Res {
    let response = Response::builder().status(status).body(Default::default());
    let mut response = response.unwrap();
    Note::update(&mut response, |note| {
        let mut quota = Quota::new();
        let requests = quota
            .entry(LimitKind::Requests, Some(Window::Minute))
            .unwrap();
        (requests.limit, requests.remaining) = (Some(5), Some(0));
        requests.reset = Some(s(60));
        note.set_quota(quota);
    });
    response
}

/// A rejection because too many calls are out.
fn too_many() -> Res {
    let response = Response::builder().status(429).body(Default::default());
    let mut response = response.unwrap();
    let seen = Classification::new(Class::RateLimited)
        .with_scope(Scope::Account)
        .with_limit(LimitKind::Concurrency);
    Note::update(&mut response, |note| note.set_classification(seen));
    response
}

#[tokio::test(start_paused = true)]
async fn nothing_that_the_provider_says_holds_a_call() {
    let answers: [fn() -> Res; 5] = [
        || rejection(60),
        || rejection(0),
        || used_up(200),
        || used_up(429),
        too_many,
    ];
    for answer in answers {
        let provider = Provider::new(move |_| (ms(10), Ok(answer())));
        let (layer, handle) = builder()
            .requests_per_minute(100)
            .build_with_handle()
            .unwrap();
        let service = limited(&layer, &provider);
        let start = Instant::now();
        for _ in 0..3 {
            let calls = [(); 5].map(|()| tokio::spawn(service.clone().oneshot(request())));
            for call in calls {
                call.await.unwrap().unwrap();
            }
        }
        assert!(start.elapsed() <= ms(40), "{:?}", start.elapsed());
        let state = handle.key(&target()).unwrap();
        assert_eq!(state.limits.len(), 1, "{:?}", state.limits);
        assert!(state.limits[0].configured);
        assert_eq!((state.closed.len(), state.concurrency), (0, None));
        assert_eq!(state.below, None);
    }
}

#[tokio::test(start_paused = true)]
async fn configured_limits_are_facts() {
    let provider = Provider::serving(ms(10));
    let layer = builder().requests_per_minute(3).build().unwrap();
    let service = limited(&layer, &provider);
    let start = Instant::now();
    for _ in 0..3 {
        service.clone().oneshot(request()).await.unwrap();
    }
    // In time for nobody with ten seconds: known at once, with the time.
    let hurried = named("", call().with_deadline(Instant::now() + s(10)));
    let error = service.clone().oneshot(hurried).await.unwrap_err();
    let refused = rejected(&error);
    assert_eq!(refused.reason(), Reason::DeadlineExceeded);
    let wait = refused
        .retry_after()
        .expect("a limit of one's own is known");
    assert!(wait > s(19) && wait <= s(20), "{wait:?}");
    assert!(start.elapsed() < s(1), "{:?}", start.elapsed());
    service.oneshot(request()).await.unwrap();
    let took = start.elapsed();
    assert!(took >= s(20) && took <= s(20) + ms(100), "{took:?}");

    // What can never go is too large.
    let layer = builder().tokens_per_minute(1_000).build().unwrap();
    let cost = Cost::default().with_input_tokens(1_001);
    let large = named("", Call::new().with_cost(cost));
    let error = limited(&layer, &provider).oneshot(large).await.unwrap_err();
    assert_eq!(rejected(&error).reason(), Reason::TooLarge);
}

/// Rejections are the business of the layer below that follows the provider.
#[tokio::test(start_paused = true)]
async fn no_event_speaks_of_the_provider() {
    let provider = Provider::new(|nth| match nth {
        0 => (ms(10), Ok(rejection(7))),
        _ => (ms(10), Ok(used_up(200))),
    });
    let seen = Recorder::new();
    let layer = builder().requests_per_minute(60).observer(seen.clone());
    let service = layer.build().unwrap().layer(provider);
    for _ in 0..3 {
        service.clone().oneshot(request()).await.unwrap();
    }
    let told = seen.take();
    let admitted = |event: &Event| matches!(event, Event::Admitted { .. });
    assert!(told.iter().all(admitted), "{told:?}");
    assert_eq!(told.len(), 3);
}

/// A call that the provider rejected took nothing of the limit: nobody was served.
#[tokio::test(start_paused = true)]
async fn a_rejected_call_is_given_back() {
    let provider = Provider::new(|nth| match nth {
        0..=4 => (ms(10), Ok(rejection(1))),
        _ => (ms(10), Ok(Response::new(Default::default()))),
    });
    let (layer, handle) = builder()
        .requests_per_minute(3)
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    for _ in 0..5 {
        let response = service.clone().oneshot(request()).await.unwrap();
        assert_eq!(response.status(), 429);
    }
    let left = |n| {
        let state = handle.key(&target()).unwrap();
        assert_eq!(state.limits[0].remaining, n);
    };
    left(3);
    service.oneshot(request()).await.unwrap();
    left(2);
}

#[tokio::test(start_paused = true)]
async fn settings_that_come_later_change_nothing_of_that() {
    let provider = Provider::new(|_| (ms(10), Ok(rejection(60))));
    let (layer, handle) = builder()
        .requests_per_minute(9)
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    let go = || tokio::spawn(service.clone().oneshot(request()));
    go().await.unwrap().unwrap();
    handle
        .set_limits(Limits::new().requests_per_minute(20))
        .unwrap();
    go().await.unwrap().unwrap();
    // Another builder replaces limits, not what the layer is; and a gate in a file is no gate here.
    let other = LimitLayer::builder().requests_per_minute(30);
    handle.apply(&other).unwrap();
    let (learning, theirs) = other.build_with_handle().unwrap();
    let response = limited(&learning, &provider).oneshot(request()).await;
    response.unwrap();
    assert_eq!(theirs.key(&target()).unwrap().closed.len(), 1);
    handle.restore(&theirs.snapshot());
    let start = Instant::now();
    for _ in 0..3 {
        go().await.unwrap().unwrap();
    }
    assert!(start.elapsed() <= ms(40), "{:?}", start.elapsed());
    let fresh = Target::new("groq", "fresh");
    let request = named("", call());
    let (mut head, body) = request.into_parts();
    head.extensions.insert(call().with_target(fresh.clone()));
    let request = || Req::from_parts(head.clone(), body.clone());
    service.clone().oneshot(request()).await.unwrap();
    service.clone().oneshot(request()).await.unwrap();
    assert_eq!(handle.key(&fresh).unwrap().closed.len(), 0);
}

fn of_tenant(tenant: &str) -> Req {
    let mut request = request();
    let tenant = tenant.parse().unwrap();
    request.headers_mut().insert("x-tenant", tenant);
    request
}

/// A limit for each tenant outside, the provider's limiter inside: a rejection holds all at the place
/// that knows why, and none of them longer than that.
#[tokio::test(start_paused = true)]
async fn tenants_outside_and_the_provider_inside() {
    let provider = Provider::new(|nth| match nth {
        0 => (ms(10), Ok(rejection(7))),
        _ => (ms(10), Ok(Response::new(Default::default()))),
    });
    let by_tenant = |request: &Outgoing<'_>| {
        let tenant = request.headers().get("x-tenant")?.to_str().ok()?;
        Some(Target::provider_only(tenant))
    };
    let (tenants, outer) = builder()
        .key(by_tenant)
        .requests_per_minute(2)
        .build_with_handle()
        .unwrap();
    let (limit, inner) = LimitLayer::builder().build_with_handle().unwrap();
    let client = tenants.layer(limit.layer(provider.clone()));
    let go = |tenant: &str| tokio::spawn(client.clone().oneshot(of_tenant(tenant)));

    let start = Instant::now();
    assert_eq!(go("a").await.unwrap().unwrap().status(), 429);
    let calls = [go("a"), go("b"), go("b"), go("a")];
    settle().await;
    let key = |name| outer.key(&Target::provider_only(name)).unwrap();
    for tenant in ["a", "b"] {
        let state = key(tenant);
        assert_eq!((state.closed.len(), state.queued), (0, 0), "{state}");
    }
    assert_eq!(inner.key(&target()).unwrap().closed.len(), 1);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let took = start.elapsed();
    assert!(took >= s(7) && took <= s(9), "{took:?}");
    // Each tenant has had its two of this minute, and a third waits for its own limit.
    let third = go("a");
    settle().await;
    assert_eq!((key("a").queued, key("b").queued), (1, 0));
    third.await.unwrap().unwrap();
    assert!(start.elapsed() >= s(29), "{:?}", start.elapsed());
}
