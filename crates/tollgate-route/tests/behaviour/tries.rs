//! Targets that are asked more than once before a call goes on.

use http::StatusCode;
use tollgate_route::{Event, Route, RouteLayer, Served, provider::preset};
use tollgate_test::{Answer, Fault, ProviderBuilder, Recorder};

use crate::support::*;

/// `big` three times, from 2 s on; then `small`.
fn tries() -> Route {
    let groq = preset::groq().key("k");
    Route::new("r").ordered([groq.model("big").tries(3, s(2)), groq.model("small")])
}

async fn asked(groq: ProviderBuilder) -> (Vec<(String, u64)>, Vec<String>) {
    let world = World::new(groq, openai());
    let events = Recorder::<Event>::new();
    let layer = RouteLayer::builder(tries())
        .observer(events.clone())
        .build()
        .unwrap();
    drop(send(&world.client(&layer), request()).await);
    (world.internet.hosts(), lines(&events.take()))
}

fn at(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter()
        .map(|(name, at)| ((*name).to_owned(), *at))
        .collect()
}

fn limited(seconds: u64) -> Fault {
    let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(answer.header("retry-after", seconds.to_string()))
}

#[tokio::test(start_paused = true)]
async fn a_target_is_asked_again_and_then_the_next_one() {
    let (hosts, events) = asked(groq().fault(Fault::status(500).model("big"))).await;
    assert_eq!(
        hosts,
        at(&[("big", 0), ("big", 2_000), ("big", 6_000), ("small", 6_000)])
    );
    assert_eq!(
        events,
        [
            "asking groq big again in 2s (groq (big): failing)",
            "asking groq big again in 4s (groq (big): failing)",
            "switching to groq small (groq (big): failing)",
            "route r: answered by groq small",
        ]
    );
    // Without an answer, too.
    let (hosts, _) = asked(groq().fault(Fault::reset_before_headers().call(1))).await;
    assert_eq!(hosts, at(&[("big", 0), ("big", 2_000)]));
}

#[tokio::test(start_paused = true)]
async fn a_told_wait_counts() {
    let (hosts, _) = asked(groq().fault(limited(2).calls(1..=2))).await;
    assert_eq!(hosts, at(&[("big", 0), ("big", 2_000), ("big", 6_000)]));
    // A longer one sends the call on at once, and the target is left alone.
    let (hosts, events) = asked(groq().fault(limited(3).model("big"))).await;
    assert_eq!(hosts, at(&[("big", 0), ("small", 0)]));
    assert_eq!(
        events[0],
        "groq big: rate_limited, left alone for 3s (target)"
    );
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_asked_again() {
    for status in [404, 402] {
        let (hosts, _) = asked(groq().fault(Fault::status(status).model("big"))).await;
        assert_eq!(hosts, at(&[("big", 0), ("small", 0)]), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn tries_end_with_the_deadline_and_are_told_once() {
    let world = World::new(groq().fault(Fault::status(503)), openai());
    let client = world.client(&RouteLayer::new(tries()).unwrap());
    let mut short = request();
    let call = tollgate_core::Call::new().with_deadline_in(s(5));
    short.extensions_mut().insert(call);
    let error = send(&client, short).await.map(drop).unwrap_err();
    let asked = at(&[("big", 0), ("big", 2_000), ("small", 2_000)]);
    assert_eq!(world.internet.hosts(), asked);
    let sentence = "The provider groq (big) is overloaded. All alternatives are overloaded.";
    assert_eq!(error.to_string(), sentence);
    // They are attempts all the same.
    let world = World::new(groq().fault(Fault::status(503).calls(1..=2)), openai());
    let client = world.client(&RouteLayer::new(tries()).unwrap());
    let response = send(&client, request()).await.unwrap();
    assert_eq!(Served::of(&response).unwrap().attempts().len(), 2);
    assert_eq!(Served::of(&response).unwrap().target().model(), Some("big"));
}

#[tokio::test(start_paused = true)]
async fn nothing_cools_before_the_last_try() {
    // A limit without a wait would be left alone for 5 minutes.
    let limited = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    let (hosts, _) = asked(groq().fault(Fault::answer(limited).first(2))).await;
    assert_eq!(hosts, at(&[("big", 0), ("big", 2_000), ("big", 6_000)]));
}

#[tokio::test(start_paused = true)]
async fn a_lone_target_has_its_tries_too() {
    let world = World::new(groq().fault(Fault::status(500).first(1)), openai());
    let lone = preset::groq().key("k").model("big").tries(2, s(1));
    let layer = RouteLayer::new(Route::new("r").ordered([lone])).unwrap();
    let response = send(&world.client(&layer), request()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(world.internet.hosts(), at(&[("big", 0), ("big", 1_000)]));
}

#[tokio::test(start_paused = true)]
async fn the_sentence_tells_of_each_target_once() {
    let fails = groq()
        .fault(Fault::status(503).model("big"))
        .fault(Fault::status(500));
    let world = World::new(fails, openai());
    let client = world.client(&RouteLayer::new(tries()).unwrap());
    let error = send(&client, request()).await.map(drop).unwrap_err();
    let sentence = "The provider groq (big) is overloaded. All alternatives are failing.";
    assert_eq!(error.to_string(), sentence);
    let exhausted = error.downcast_ref::<tollgate_route::Exhausted>().unwrap();
    assert_eq!(exhausted.attempts().len(), 4);
}
