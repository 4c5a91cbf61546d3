//! The observer hears of every decision; budgets and jitter are shared as documented.

use std::sync::{Arc, Mutex};

use http::Uri;
use tollgate_core::{Call, Class, Random, Target};
use tollgate_retry::{Budget, Event, RetryLayer, Why};
use tower::{Layer, ServiceExt};

use crate::support::{Provider, request, s, status, throttled};

type Heard = Arc<Mutex<Vec<Event>>>;

fn recorder() -> (Heard, impl Fn(&Event)) {
    let heard = Heard::default();
    let ears = heard.clone();
    (heard, move |event: &Event| {
        ears.lock().unwrap().push(event.clone());
    })
}

#[tokio::test(start_paused = true)]
async fn a_success_at_once_is_not_news() {
    let (heard, observer) = recorder();
    let layer = RetryLayer::builder().observer(observer).build().unwrap();
    let client = layer.layer(Provider::of_statuses(&[200]));
    client.oneshot(request()).await.expect("a response");
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_retry_and_a_recovery() {
    let (heard, observer) = recorder();
    let layer = RetryLayer::builder().observer(observer).build().unwrap();
    let provider = Provider::new([(s(0), Ok(throttled(7))), (s(0), Ok(status(200)))]);
    layer
        .layer(provider.clone())
        .oneshot(request())
        .await
        .expect("a response");
    let heard = heard.lock().unwrap();
    let [
        Event::Retrying {
            host,
            class,
            attempts: 1,
            wait,
            hint,
            ..
        },
        Event::Recovered {
            attempts: 2,
            waited,
            ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (&**host, *class, *hint),
        ("api.groq.com", Class::RateLimited, Some(s(7)))
    );
    assert!(wait == waited && *wait >= s(7));
    assert!(provider.times()[1] >= *wait, "not earlier than said");
}

#[tokio::test(start_paused = true)]
async fn giving_up_says_why() {
    let (heard, observer) = recorder();
    let layer = RetryLayer::builder().observer(observer).build().unwrap();
    layer
        .layer(Provider::of_statuses(&[401]))
        .oneshot(request())
        .await
        .expect("a response");
    let heard = heard.lock().unwrap();
    let [
        Event::GaveUp {
            class: Some(Class::Auth),
            attempts: 1,
            why: Why::Final,
            ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}")
    };
}

/// The defect of tower's backoff maker: every request the same jitter.
#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_wait_for_different_times() {
    let layer = RetryLayer::builder()
        .random(Random::seeded(1))
        .build()
        .unwrap();
    let provider = |_| Provider::new([(s(0), Ok(throttled(7))), (s(0), Ok(status(200)))]);
    let providers: Vec<_> = (0..20).map(provider).collect();
    let mut calls = tokio::task::JoinSet::new();
    for provider in &providers {
        calls.spawn(layer.clone().layer(provider.clone()).oneshot(request()));
    }
    for result in calls.join_all().await {
        assert_eq!(result.expect("a response").status(), 200);
    }
    let mut waits: Vec<_> = providers
        .iter()
        .map(|provider| provider.times()[1])
        .collect();
    waits.sort();
    waits.dedup();
    assert!(waits.len() >= 18, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_budget_belongs_to_the_host_or_the_target() {
    let budget = Budget::new().with_trickle(s(86_400));
    let (layer, handle) = RetryLayer::builder()
        .budget(budget)
        .build_with_handle()
        .unwrap();
    let mut upper = request();
    *upper.uri_mut() = Uri::from_static("https://API.Groq.com/v1");
    let mut named = request();
    named
        .extensions_mut()
        .insert(Call::new().with_target(Target::new("groq", "m")));
    for request in [request(), upper, named] {
        let provider = Provider::of_statuses(&[500, 400]);
        layer
            .clone()
            .layer(provider)
            .oneshot(request)
            .await
            .expect("a response");
    }
    let left = |host| handle.budget(host).expect("there is one").round();
    assert_eq!(
        (left("api.groq.com"), left("groq"), left("else")),
        (98.0, 99.0, 100.0)
    );
    let mut hosts: Vec<_> = handle.budgets().into_iter().map(|(host, _)| host).collect();
    hosts.sort();
    assert_eq!(
        hosts.iter().map(|host| &**host).collect::<Vec<_>>(),
        ["api.groq.com", "groq"]
    );
}

/// A provider that is down for all gets few retries: 100, whatever the number of calls.
#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let layer = RetryLayer::new();
    let provider = Provider::of_statuses(&[500; 1_200]);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        calls.spawn(layer.layer(provider.clone()).oneshot(request()));
    }
    calls.join_all().await;
    assert_eq!(provider.memory().seen.len(), 1_100);
}
