//! A look from outside, and a hand on it.

use http::StatusCode;
use tollgate_core::{Call, Class, Cost, Scope, Target};
use tollgate_route::{Price, Route, RouteLayer, Snapshot, provider::preset};
use tollgate_test::{Answer, Fault, ManualClock};

use crate::support::*;

fn limited() -> Fault {
    let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(answer.header("retry-after", "60"))
}

#[tokio::test(start_paused = true)]
async fn cooldowns_are_listed_cleared_and_added() {
    let world = World::new(groq().fault(limited().model("big")), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    send(&client, request()).await.unwrap();
    tokio::time::sleep(s(1)).await;
    let [one] = &handle.cooldowns()[..] else {
        panic!("{handle:?}")
    };
    let big = Target::new("groq", "big");
    assert_eq!(
        (&one.target, one.scope, one.class),
        (&big, Scope::Target, Class::RateLimited)
    );
    assert_eq!(one.left_ms, 59_000);

    assert!(handle.clear(&big));
    assert!(handle.cool(&Target::new("groq", "small"), s(5)));
    assert!(!handle.cool(&Target::new("groq", "none"), s(5)));
    assert!(!handle.clear(&Target::new("groq", "none")));
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names()[2..], ["big", "mini"]);
    handle.clear_all();
    assert!(handle.cooldowns().is_empty());
}

#[tokio::test(start_paused = true)]
async fn cooldowns_outlive_the_process() {
    let world = World::new(groq().fault(limited().model("big")), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    send(&world.client(&layer), request()).await.unwrap();
    let clock = ManualClock::default();
    let written = serde_json::to_string(&handle.snapshot(&clock)).unwrap();
    assert!(!written.contains("canary"), "{written}");

    clock.advance(s(20));
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let read: Snapshot = serde_json::from_str(&written).unwrap();
    handle.restore(&read, &clock);
    assert_eq!(handle.cooldowns()[0].left_ms, 40_000);
    send(&world.client(&layer), request()).await.unwrap();
    assert_eq!(world.internet.names(), ["big", "small", "small"]);

    clock.advance(s(40));
    let (_, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    handle.restore(&read, &clock);
    assert!(handle.cooldowns().is_empty(), "it is over by now");
}

#[tokio::test(start_paused = true)]
async fn outcomes_are_counted() {
    let groq = preset::groq().key("k");
    let priced = groq.model("b").price(Price::new(1.0, 2.0));
    let route = Route::new("r").ordered([groq.model("a"), priced]);
    let (layer, handle) = RouteLayer::builder(route).build_with_handle().unwrap();
    let slow = crate::support::groq()
        .latency(s(2), s(0))
        .fault(Fault::status(500).model("a"));
    let world = World::new(slow, openai());
    let client = world.client(&layer);
    let mut priced = request();
    let cost = Cost::default()
        .with_input_tokens(1_000_000)
        .with_output_tokens(500_000);
    priced.extensions_mut().insert(Call::new().with_cost(cost));
    send(&client, priced).await.unwrap();
    send(&client, asking(r#"{"model":"any","stream":true}"#))
        .await
        .unwrap();
    let [a, b] = &handle.outcomes()[..] else {
        panic!("{handle:?}")
    };
    assert_eq!((a.asked, a.served, a.success_rate), (2, 0, Some(0.0)));
    assert_eq!((b.asked, b.served, b.success_rate), (2, 2, Some(1.0)));
    assert_eq!(
        (b.latency, b.first_token, b.spent),
        (Some(2.0), Some(2.0), 2.0)
    );
    assert_eq!((a.in_flight, b.in_flight), (0, 0));

    // A call that is dropped is no longer under way.
    let dropped = tokio::time::timeout(s(1), send(&client, request())).await;
    assert!(dropped.is_err());
    assert_eq!(handle.outcomes()[1].in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_lies_does_little() {
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let one = |model: &str, class: &str| {
        format!(
            r#"{{"target":{{"provider":"groq","model":"{model}"}},"scope":"limit","class":"{class}",
            "left_ms":18446744073709551615}}"#
        )
    };
    let all = [
        one("big", "ok"),
        one("small", "rate_limited"),
        one("none", "rate_limited"),
    ];
    let json = format!(
        r#"{{"taken_at_ms":18446744073709551615,"cooldowns":[{}]}}"#,
        all.join(",")
    );
    let snapshot = serde_json::from_str(&json).unwrap();
    handle.restore(&snapshot, &tollgate_core::SystemClock::default());
    let cooling = handle.cooldowns();
    assert_eq!(cooling.len(), 1, "{cooling:?}");
    assert_eq!(cooling[0].target.model(), Some("small"));
    assert_eq!(cooling[0].left_ms, 86_400_000, "a day at most");
    drop(layer);
}
