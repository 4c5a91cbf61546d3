//! What calls are counted by, and how many of that are kept.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tollgate_core::{Call, Cost, Target};
use tollgate_limit::{Limit, LimitLayer, Limits, Outgoing};
use tower::ServiceExt;

use crate::support::{Provider, Req, call, limited, ms, s};

fn to(uri: &str, body: &'static str) -> Req {
    Request::post(uri)
        .body(Full::new(Bytes::from(body)))
        .unwrap()
}

fn of(target: Target) -> Req {
    let mut request = to("http://h/", "{}");
    request.extensions_mut().insert(call().with_target(target));
    request
}

#[tokio::test(start_paused = true)]
async fn the_call_or_host_and_model_or_a_function() {
    let provider = Provider::serving(s(0));
    let (layer, handle) = LimitLayer::builder().build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    let named = Target::new("groq", "m").with_account("team");
    for request in [
        to("https://API.x.ai/v1", r#"{"model":"grok"}"#),
        to("https://api.x.ai/v1", r#"{"model":"grok"}"#),
        of(named.clone()),
        to("/nowhere", "{}"),
    ] {
        service.clone().oneshot(request).await.unwrap();
    }
    let mut keys = handle.keys();
    keys.sort();
    let nowhere = Target::provider_only("(no host)");
    assert_eq!(
        keys,
        [nowhere, Target::new("api.x.ai", "grok"), named.clone()]
    );

    let (layer, handle) = LimitLayer::builder()
        .per_host()
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    service
        .clone()
        .oneshot(to("https://api.x.ai/v1", r#"{"model":"grok"}"#))
        .await
        .unwrap();
    service.clone().oneshot(of(named.clone())).await.unwrap();
    assert_eq!(handle.keys().len(), 2);
    assert!(
        handle
            .keys()
            .contains(&Target::provider_only("groq").with_account("team"))
    );
    assert!(handle.key(&named).is_some(), "a target stands for its host");

    let by_tenant = |request: &Outgoing<'_>| {
        let tenant = request.headers().get("x-tenant")?.to_str().ok()?;
        Some(Target::provider_only(tenant))
    };
    let (layer, handle) = LimitLayer::builder()
        .key(by_tenant)
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    let mut request = to("https://api.x.ai/v1", "{}");
    request
        .headers_mut()
        .insert("x-tenant", "t1".parse().unwrap());
    service.clone().oneshot(request).await.unwrap();
    service.clone().oneshot(of(named.clone())).await.unwrap();
    let mut keys = handle.keys();
    keys.sort();
    assert_eq!(keys, [named, Target::provider_only("t1")]);
}

#[tokio::test(start_paused = true)]
async fn the_most_precise_limits_hold() {
    let provider = Provider::serving(s(0));
    let (layer, handle) = LimitLayer::builder()
        .concurrency(9)
        .limits_for(Target::provider_only("groq"), Limits::new().concurrency(5))
        .limits_for(Target::new("groq", "big"), Limits::new().concurrency(1))
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    for (target, most) in [
        (Target::new("groq", "big"), 1),
        (Target::new("groq", "small"), 5),
        (Target::new("xai", "big"), 9),
    ] {
        service.clone().oneshot(of(target.clone())).await.unwrap();
        assert_eq!(handle.key(&target).unwrap().concurrency, Some(most));
    }
}

fn numbered(n: usize) -> Target {
    Target::provider_only(format!("p{n}"))
}

/// governor #171: a keyed map that only grows.
#[tokio::test(start_paused = true)]
async fn idle_keys_vanish() {
    let provider = Provider::serving(s(0));
    let builder = LimitLayer::builder()
        .limit(Limit::requests(60, s(60)).bucket(60))
        .idle(s(300));
    let (layer, handle) = builder.build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    for n in 0..100 {
        service.clone().oneshot(of(numbered(n))).await.unwrap();
    }
    tokio::time::sleep(s(200)).await;
    service.clone().oneshot(of(numbered(7))).await.unwrap();
    assert_eq!(handle.keys().len(), 100);
    tokio::time::sleep(s(200)).await;
    assert_eq!(handle.keys(), [numbered(7)]);
}

/// tower-governor #29: a key that is throttled must not start afresh because others came.
#[tokio::test(start_paused = true)]
async fn a_key_in_use_is_never_forgotten_and_further_ones_share_one() {
    let provider = Provider::serving(s(0));
    let limit = Limit::requests(1, s(3_600)).fixed();
    let (layer, handle) = LimitLayer::builder()
        .limit(limit)
        .keys(10)
        .idle(s(1))
        .max_wait(s(60))
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    for n in 0..10 {
        service.clone().oneshot(of(numbered(n))).await.unwrap();
    }
    tokio::time::sleep(s(60)).await;
    // All ten have taken their hour's call: none may be forgotten.
    service.clone().oneshot(of(numbered(10))).await.unwrap();
    for n in 11..200 {
        service.clone().oneshot(of(numbered(n))).await.unwrap_err();
        tokio::time::sleep(ms(100)).await;
    }
    for n in 0..10 {
        service.clone().oneshot(of(numbered(n))).await.unwrap_err();
    }
    assert_eq!(handle.keys().len(), 11);
    assert_eq!(provider.seen().len(), 11);
    // An hour later there is room again.
    tokio::time::sleep(s(3_700)).await;
    for n in 500..505 {
        service.clone().oneshot(of(numbered(n))).await.unwrap();
    }
}

/// A key is not forgotten while somebody waits, or a body is read.
#[tokio::test(start_paused = true)]
async fn a_key_that_is_held_is_not_forgotten() {
    let provider = Provider::serving(s(100));
    let (layer, handle) = LimitLayer::builder()
        .concurrency(1)
        .idle(s(1))
        .max_wait(s(200))
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    let call = Call::new()
        .with_cost(Cost::default())
        .with_target(numbered(1));
    let request = move || {
        let mut request = to("http://h/", "{}");
        request.extensions_mut().insert(call.clone());
        request
    };
    let first = tokio::spawn(service.clone().oneshot(request()));
    tokio::time::sleep(s(50)).await;
    assert_eq!(handle.keys().len(), 1);
    let second = tokio::spawn(service.clone().oneshot(request()));
    tokio::time::sleep(s(1)).await;
    assert_eq!(handle.key(&numbered(1)).unwrap().queued, 1);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(provider.seen()[1].at - provider.seen()[0].at, s(100));
}
