//! Who is asked after whom, and what the caller gets.

use http::StatusCode;
use tollgate_core::{Class, Reason, Rejected};
use tollgate_route::{Event, Exhausted, RouteLayer, Served};
use tollgate_test::{Answer, Fault, KitBody, Recorder};

use crate::support::*;

fn limited(seconds: &str) -> Fault {
    let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(answer.header("retry-after", seconds))
}

/// Nobody fails unheard, not even whoever is not sent at all.
#[tokio::test(start_paused = true)]
async fn what_the_router_itself_refuses_is_told() {
    let late = tollgate_core::Call::new().with_deadline_in(s(0));
    let lost = tollgate_route::Preference::new().route("none");
    let mut requests = [asking("no JSON"), request(), request()];
    requests[1].extensions_mut().insert(late);
    requests[2].extensions_mut().insert(lost);
    let told = [
        "route chat: refused, bad request",
        "route chat: refused, deadline_exceeded",
        "refused, there is no such route",
    ];
    for (request, told) in requests.into_iter().zip(told) {
        let world = World::new(groq(), openai());
        let events = Recorder::<Event>::new();
        let layer = RouteLayer::builder(route())
            .observer(events.clone())
            .build();
        let error = send(&world.client(&layer.unwrap()), request).await;
        assert!(error.is_err() && world.internet.sent().is_empty());
        assert_eq!(lines(&events.take()), [told]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_answered_by_the_next_model_at_once() {
    let world = World::new(groq().fault(limited("1366.848").model("big")), openai());
    let events = Recorder::<Event>::new();
    let layer = RouteLayer::builder(route())
        .observer(events.clone())
        .build()
        .unwrap();
    let client = world.client(&layer);

    let response = send(&client, request()).await.unwrap();
    assert_eq!(response.status(), 200);
    let served = Served::of(&response).unwrap();
    assert_eq!(served.target().to_string(), "groq (small)");
    let [first] = served.attempts() else {
        panic!("{served:?}")
    };
    assert_eq!(first.class(), Some(Class::RateLimited));
    assert_eq!(first.wait(), Some(ms(1_366_848)));
    assert_eq!(
        world.internet.hosts(),
        [("big".into(), 0), ("small".into(), 0)]
    );
    assert_eq!(
        lines(&events.take()),
        [
            "groq big: rate_limited, left alone for 22m47s (target)",
            "switching to groq small (groq (big): rate limited, back in 22m47s)",
            "route chat: answered by groq small",
        ]
    );

    // Fault D9: the next call asks the one that is left alone no more, and said nothing about that.
    let response = send(&client, request()).await.unwrap();
    let served = Served::of(&response).unwrap();
    let [skipped] = served.attempts() else {
        panic!("{served:?}")
    };
    assert_eq!(skipped.took(), None);
    assert_eq!(skipped.wait(), Some(ms(1_366_848)));
    assert_eq!(world.internet.names(), ["big", "small", "small"]);
    assert_eq!(
        lines(&events.take()),
        [
            "passed over: groq (big): rate limited, back in 22m47s (not asked)",
            "route chat: answered by groq small",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_request_tests_after_the_cooldown_and_ends_it() {
    let groq = groq()
        .fault(limited("60").model("big").first(1))
        .latency(s(1), s(0));
    let world = World::new(groq, openai());
    let events = Recorder::<Event>::new();
    let layer = RouteLayer::builder(route())
        .observer(events.clone())
        .build()
        .unwrap();
    let client = world.client(&layer);
    send(&client, request()).await.unwrap();
    tokio::time::sleep(s(60)).await;
    let _ = events.take();

    // Three at once: one of them tests.
    let (a, b, c) = tokio::join!(
        send(&client, request()),
        send(&client, request()),
        send(&client, request())
    );
    for one in [a, b, c] {
        assert_eq!(one.unwrap().status(), 200);
    }
    assert_eq!(
        world.internet.names(),
        ["big", "small", "big", "small", "small"]
    );
    let told = lines(&events.take());
    assert_eq!(told.last().unwrap(), "groq big: answers again");
    let passed = told.iter().filter(|line| line.starts_with("passed over"));
    assert_eq!(passed.count(), 2);
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names().last().unwrap(), "big");
}

#[tokio::test(start_paused = true)]
async fn a_test_that_is_dropped_gives_its_place_to_another() {
    let groq = groq()
        .fault(limited("60").model("big").first(1))
        .latency(s(1), s(0));
    let world = World::new(groq, openai());
    let client = world.client(&layer());
    send(&client, request()).await.unwrap();
    tokio::time::sleep(s(60)).await;
    let dropped = tokio::time::timeout(ms(100), send(&client, request())).await;
    assert!(dropped.is_err());
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names(), ["big", "small", "big", "big"]);
}

#[tokio::test(start_paused = true)]
async fn all_kinds_of_failures_send_on() {
    for fault in [
        Fault::status(429),
        Fault::status(402),
        Fault::status(529),
        Fault::status(500),
        Fault::status(504),
        Fault::status(404),
        Fault::status(401),
        Fault::status(403),
        Fault::reset_before_headers(),
    ] {
        let name = format!("{fault:?}");
        let world = World::new(groq().fault(fault), openai());
        let response = send(&world.client(&layer()), request()).await.unwrap();
        assert_eq!(response.status(), 200, "{name}");
        // The key of both models is the same, so a refused one bars both.
        let asked: &[_] = match name.contains("401") || name.contains("403") {
            true => &["big", "mini"],
            false => &["big", "small", "mini"],
        };
        assert_eq!(world.internet.names(), asked, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_would_answer_better_is_handed_over() {
    for status in [400, 422, 413] {
        let world = World::new(groq().fault(Fault::status(status)), openai());
        let response = send(&world.client(&layer()), request()).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(
            Served::of(&response).unwrap().target().to_string(),
            "groq (big)"
        );
        assert_eq!(world.internet.names(), ["big"], "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_says_who_when_and_what() {
    let world = World::new(
        groq().fault(limited("1366.848")),
        openai().fault(limited("7200")),
    );
    let client = world.client(&layer());
    let error = send(&client, request()).await.map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Rate limit reached for groq (big). All alternatives are rate limited. \
         Try again in 22m47s."
    );
    let exhausted = error.downcast_ref::<Exhausted>().unwrap();
    assert_eq!(exhausted.attempts().len(), 3);
    assert_eq!(exhausted.retry_after(), Some(ms(1_366_848)));
    let response = exhausted.take_response::<KitBody>().unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"7200".parse().unwrap())
    );
    let rejected = Rejected::find(error.as_ref()).unwrap();
    assert_eq!(rejected.reason(), Reason::NoTarget);

    // And again, without asking anybody, with the time that is left.
    tokio::time::sleep(s(66)).await;
    let error = send(&client, request()).await.map(drop).unwrap_err();
    assert_eq!(world.internet.sent().len(), 3);
    let sentence = "Rate limit reached for groq (big). All alternatives are rate limited. \
                    Try again in 21m41s.";
    assert_eq!(error.to_string(), sentence);
    let exhausted = error.downcast_ref::<Exhausted>().unwrap();
    assert!(
        exhausted
            .attempts()
            .iter()
            .all(|attempt| attempt.took().is_none())
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_only_one_asked_passes_unchanged() {
    let world = World::new(groq().fault(Fault::reset_before_headers()), openai());
    let one = tollgate_route::provider::preset::groq()
        .key("k")
        .model("big");
    let layer = RouteLayer::new(tollgate_route::Route::new("r").ordered([one])).unwrap();
    let error = send(&world.client(&layer), request())
        .await
        .map(drop)
        .unwrap_err();
    assert!(error.is::<std::io::Error>());

    // With another one that is left alone, both are told of.
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    for name in ["small", "mini"] {
        let provider = if name == "mini" { "openai" } else { "groq" };
        handle.cool(&tollgate_core::Target::new(provider, name), s(121));
    }
    let error = send(&world.client(&layer), request())
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "The provider groq (big) is unreachable. All alternatives are rate limited. Try again in 2m1s."
    );
}

#[tokio::test(start_paused = true)]
async fn errors_of_several_are_told_together() {
    let reset = Fault::reset_before_headers;
    let world = World::new(groq().fault(reset()), openai().fault(reset()));
    let error = send(&world.client(&layer()), request())
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "The provider groq (big) is unreachable. All alternatives are unreachable."
    );
    let exhausted = error.downcast_ref::<Exhausted>().unwrap();
    assert!(exhausted.last_error().unwrap().is::<std::io::Error>());
}

#[tokio::test(start_paused = true)]
async fn a_told_wait_counts_where_nothing_cools_and_beyond_the_longest_cooldown() {
    for (status, told, wait) in [
        (StatusCode::INTERNAL_SERVER_ERROR, "7", s(7)),
        (StatusCode::TOO_MANY_REQUESTS, "3456000", s(40 * 86_400)),
    ] {
        let answer = Answer::text(status, "no").header("retry-after", told);
        let fault = || Fault::answer(answer.clone());
        let world = World::new(groq().fault(fault()), openai().fault(fault()));
        let client = world.client(&layer());
        let error = send(&client, request()).await.map(drop).unwrap_err();
        let exhausted = error.downcast_ref::<Exhausted>().unwrap();
        assert_eq!(exhausted.retry_after(), Some(wait));
    }
}

#[tokio::test(start_paused = true)]
async fn a_test_that_fails_otherwise_proves_nothing() {
    let faults = [limited("60").call(1), Fault::status(500).call(3)];
    let groq = faults
        .into_iter()
        .fold(groq(), tollgate_test::ProviderBuilder::fault);
    let world = World::new(groq, openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    send(&client, request()).await.unwrap();
    tokio::time::sleep(s(60)).await;
    send(&client, request()).await.unwrap();
    assert_eq!(
        handle.cooldowns()[0].left_ms,
        0,
        "it still waits for one that tests it"
    );
    send(&client, request()).await.unwrap();
    assert!(handle.cooldowns().is_empty());
    assert_eq!(
        world.internet.names(),
        ["big", "small", "big", "small", "big"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_is_used_for_one_body_per_provider() {
    let groq = groq()
        .fault(Fault::status(500).model("big"))
        .fault(limited("9"));
    let world = World::new(groq, openai());
    let groq = tollgate_route::provider::preset::groq().key("k");
    let openai = tollgate_route::provider::preset::openai().key("k");
    let route = tollgate_route::Route::new("r")
        .ordered([groq.model("big").tries(2, s(1)), groq.model("small")])
        .ordered([openai.model("mini")]);
    let mut request = request();
    let name = "idempotency-key";
    request.headers_mut().insert(name, "once".parse().unwrap());
    let layer = RouteLayer::new(route).unwrap();
    send(&world.client(&layer), request).await.unwrap();
    let keys: Vec<_> = world.internet.sent();
    let keys: Vec<_> = keys
        .iter()
        .map(|one| one.head.headers[name].to_str().unwrap())
        .collect();
    assert_eq!(world.internet.names(), ["big", "big", "small", "mini"]);
    assert_eq!(keys, ["once", "once", "once-1", "once"]);
}

/// One that is passed over does not hide that another one was asked before.
#[tokio::test(start_paused = true)]
async fn a_switch_over_a_skipped_target_is_told() {
    let world = World::new(groq().fault(Fault::status(500).model("big")), openai());
    let events = Recorder::<Event>::new();
    let (layer, handle) = RouteLayer::builder(route())
        .observer(events.clone())
        .build_with_handle()
        .unwrap();
    handle.cool(&tollgate_core::Target::new("groq", "small"), s(60));
    send(&world.client(&layer), request()).await.unwrap();
    assert_eq!(
        lines(&events.take()),
        [
            "passed over: groq (small): rate limited, back in 1m (not asked)",
            "switching to openai mini (groq (big): failing)",
            "route chat: answered by openai mini",
        ]
    );
}
