//! Who is chosen: by the call, by the strategy, by the route.

use http::{Request, StatusCode};
use tollgate_core::Random;
use tollgate_route::{
    Event, NoRoute, Preference, Price, Route, RouteLayer, Served,
    provider::preset,
    strategy::{Cheapest, Fastest, LeastLoaded, Sticky, Strategy, Weighted},
};
use tollgate_test::{Fault, KitBody};

use crate::support::*;

fn with(preference: Preference) -> Request<Body> {
    let mut request = request();
    request.extensions_mut().insert(preference);
    request
}

async fn asked(request: Request<Body>) -> Vec<String> {
    let world = World::new(groq().fault(Fault::status(500)), openai());
    drop(send(&world.client(&layer()), request).await);
    world.internet.names()
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_wishes() {
    let wish = Preference::new;
    for (preference, names) in [
        (wish(), vec!["big", "small", "mini"]),
        (wish().prefer_provider("openai"), vec!["mini"]),
        (wish().prefer("groq", "small"), vec!["small", "big", "mini"]),
        (wish().prefer("groq", "none"), vec!["big", "small", "mini"]),
        (wish().allow("groq"), vec!["big", "small"]),
        (wish().deny("groq"), vec!["mini"]),
        (wish().no_fallback(), vec!["big"]),
        (wish().no_fallback().prefer("groq", "small"), vec!["small"]),
        (wish().allow("nobody"), vec![]),
        (wish().route("chat"), vec!["big", "small", "mini"]),
    ] {
        assert_eq!(
            asked(with(preference.clone())).await,
            names,
            "{preference:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_fallback_the_caller_gets_what_came() {
    let world = World::new(groq().fault(Fault::status(429)), openai());
    let client = world.client(&layer());
    let response = send(&client, with(Preference::new().no_fallback()))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn nobody_allowed_is_said_so() {
    let world = World::new(groq(), openai());
    let request = with(Preference::new().allow("nobody"));
    let error = send(&world.client(&layer()), request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.to_string(), "No target is allowed for this call.");
}

#[tokio::test(start_paused = true)]
async fn a_route_that_does_not_exist_is_an_error() {
    let world = World::new(groq(), openai());
    let request = with(Preference::new().route("none"));
    let error = send(&world.client(&layer()), request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.downcast_ref::<NoRoute>().unwrap().name(), "none");
}

#[tokio::test(start_paused = true)]
async fn a_call_starts_at_the_model_it_asks_for() {
    for (body, names) in [
        (r#"{"model":"small"}"#, vec!["small", "mini"]),
        (r#"{"model":"mini"}"#, vec!["mini"]),
        (r#"{"model":"big"}"#, vec!["big", "small", "mini"]),
        (r#"{"model":"unknown"}"#, vec!["big", "small", "mini"]),
    ] {
        assert_eq!(asked(asking(body)).await, names, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_route_with_the_model_or_with_such_calls_is_taken() {
    let embed = Route::new("embed").ordered([preset::openai().key("sk-canary").model("vectors")]);
    let messages = Route::new("m").ordered([preset::anthropic().key("k").model("claude")]);
    let layer = RouteLayer::builder(route())
        .route(embed)
        .route(messages)
        .build()
        .unwrap();
    let anthropic = tollgate_test::Provider::new(tollgate_test::Dialect::Anthropic);
    let mut world = World::new(groq(), openai());
    world.internet = world.internet.with("api.anthropic.com", &anthropic);
    let client = world.client(&layer);
    send(&client, asking(r#"{"model":"vectors","input":""}"#))
        .await
        .unwrap();
    let messages = Request::post("https://x/v1/messages").body(Body::from(r#"{"model":"x"}"#));
    send(&client, messages.unwrap()).await.unwrap();
    assert_eq!(world.internet.names(), ["vectors", "claude"]);
}

#[tokio::test(start_paused = true)]
async fn headers_are_listened_to_only_when_told_so() {
    let ask = || {
        let mut request = request();
        let headers = request.headers_mut();
        headers.insert("x-tollgate-prefer", "openai/mini".parse().unwrap());
        request
    };
    assert_eq!(asked(ask()).await, ["big", "small", "mini"]);
    let world = World::new(groq(), openai());
    let layer = RouteLayer::builder(route())
        .listen_to_headers()
        .response_headers()
        .build();
    let response = send(&world.client(&layer.unwrap()), ask()).await.unwrap();
    assert_eq!(world.internet.names(), ["mini"]);
    assert_eq!(response.headers()["x-tollgate-target"], "openai/mini");
    assert_eq!(response.headers()["x-tollgate-attempts"], "1");
}

async fn shares(
    strategy: impl Strategy + 'static,
    affinity: impl Fn(usize) -> String,
) -> Vec<usize> {
    let groq = preset::groq().key("k");
    let endpoints = [
        groq.model("a").weight(3.0).price(Price::new(2.0, 2.0)),
        groq.model("b").price(Price::new(1.0, 1.0)),
        groq.model("c").weight(0.0),
    ];
    let route = Route::new("r").tier(strategy, endpoints);
    let layer = RouteLayer::builder(route)
        .random(Random::seeded(3))
        .build()
        .unwrap();
    // "b" answers sooner than "a", and "c" sooner than both.
    let delay = |model: &'static str, time| Fault::delay(ms(time)).model(model);
    let slow = crate::support::groq()
        .fault(delay("a", 900))
        .fault(delay("b", 300));
    let world = World::new(slow, openai());
    let client = world.client(&layer);
    for n in 0..200 {
        send(&client, with(Preference::new().affinity(affinity(n))))
            .await
            .unwrap();
    }
    let names = world.internet.names();
    let count = |name: &str| names.iter().filter(|one| *one == name).count();
    vec![count("a"), count("b"), count("c")]
}

#[tokio::test(start_paused = true)]
async fn strategies_choose() {
    let same = |_| "one".to_owned();
    let weighted = shares(Weighted, same).await;
    assert!(
        (130..170).contains(&weighted[0]) && weighted[2] == 0,
        "{weighted:?}"
    );
    assert_eq!(shares(Cheapest, same).await, [0, 200, 0]);
    let fastest = shares(Fastest::new(), same).await;
    assert!(fastest[2] > 160, "{fastest:?}");
    let sticky = shares(Sticky, same).await;
    assert!(sticky.contains(&200), "{sticky:?}");
    let apart = shares(Sticky, |n| n.to_string()).await;
    assert!(apart[0] > 100 && apart[1] > 20, "{apart:?}");
}

/// Calls of one user, or of one prompt, find their cache: both are in the body.
#[tokio::test(start_paused = true)]
async fn sticky_calls_stay_by_what_their_body_says() {
    let groq = preset::groq().key("k");
    let route = || Route::new("r").tier(Sticky, ["a", "b", "c"].map(|model| groq.model(model)));
    let asked = async |field: &str, affinity: Option<&str>| {
        let world = World::new(crate::support::groq(), openai());
        let client = world.client(&RouteLayer::new(route()).unwrap());
        for n in 0..30 {
            let body = format!(r#"{{"model":"any",{field}"messages":[{n}]}}"#);
            let body = body.replace("{n}", &n.to_string());
            let mut request = request();
            *request.body_mut() = body.into();
            if let Some(words) = affinity {
                request
                    .extensions_mut()
                    .insert(Preference::new().affinity(words));
            }
            send(&client, request).await.unwrap();
        }
        let mut names = world.internet.names();
        names.dedup();
        names
    };
    for field in [r#""user":"u1","#, r#""prompt_cache_key":"p","#] {
        assert_eq!(asked(field, None).await.len(), 1, "{field}");
    }
    let apart = asked(r#""user":"u{n}","#, None).await;
    assert!(apart.len() > 5, "{apart:?}");
    // What the caller states decides.
    let stated = asked(r#""user":"u{n}","#, Some("one")).await;
    assert_eq!(stated.len(), 1, "{stated:?}");
    assert_eq!(asked("", None).await, ["a"], "it belongs to none");
}

#[tokio::test(start_paused = true)]
async fn the_least_loaded_is_found_by_what_waits_and_by_what_providers_say() {
    let groq = preset::groq().key("k");
    let route = Route::new("r").tier(LeastLoaded, [groq.model("a"), groq.model("b")]);
    let layer = RouteLayer::new(route).unwrap();
    let world = World::new(crate::support::groq().latency(s(1), s(0)), openai());
    let client = world.client(&layer);
    let calls = (0..6).map(|_| send(&client, request()));
    let all: Vec<_> = futures(calls).await;
    assert!(all.into_iter().all(|one| one.unwrap().status() == 200));
    let names = world.internet.names();
    assert_eq!(names, ["a", "b", "a", "b", "a", "b"]);
}

/// Runs all at once.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all
        .map(|one| Box::pin(tokio::task::unconstrained(one)))
        .collect();
    let mut done: Vec<Option<F::Output>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, done) in all.iter_mut().zip(&mut done) {
            if done.is_none() {
                if let std::task::Poll::Ready(output) = future.as_mut().poll(cx) {
                    *done = Some(output);
                }
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn no_more_targets_are_asked_than_allowed() {
    let world = World::new(groq().fault(Fault::status(500)), openai());
    let layer = RouteLayer::builder(route()).attempts(2).build().unwrap();
    let error = send(&world.client(&layer), request())
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(world.internet.names(), ["big", "small"]);
    assert!(
        error
            .to_string()
            .starts_with("The provider groq (big) is failing."),
        "{error}"
    );
    assert_eq!(
        world.internet.sent()[1].call().wait_budget(),
        None,
        "it was the last"
    );
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_is_the_providers_own() {
    let world = World::new(groq().fault(Fault::status(429)), openai());
    let client = world.client(
        &RouteLayer::builder(route())
            .observer(|_: &Event| ())
            .build()
            .unwrap(),
    );
    let response: http::Response<KitBody> = send(&client, request()).await.unwrap();
    assert_eq!(Served::of(&response).unwrap().attempts().len(), 2);
    assert!(!response.headers().contains_key("x-tollgate-target"));
    let body = http_body_util::BodyExt::collect(response.into_body())
        .await
        .unwrap()
        .to_bytes();
    assert!(body.starts_with(b"{"));
}
