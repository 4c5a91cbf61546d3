//! Several keys of one provider.

use http::StatusCode;
use tollgate_core::{Class, Classification, LimitKind, Note, Scope};
use tollgate_route::{Event, Route, RouteLayer, Served, provider::preset};
use tollgate_test::{Fault, KitBody, Recorder};
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::support::*;

/// Two keys at Groq with two models, then OpenAI.
fn keys() -> Route {
    let groq = preset::groq().account("a", "key-a").account("b", "key-b");
    let openai = preset::openai().key("sk");
    Route::new("r").ordered([groq.model("big"), groq.model("small"), openai.model("mini")])
}

fn who(internet: &Internet) -> Vec<String> {
    let target = |one: &Sent| one.call().target().map(ToString::to_string);
    internet.sent().iter().filter_map(target).collect()
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_goes_on_to_another_of_the_same_provider_first() {
    let world = World::new(groq().key("key-b"), openai());
    let client = world.client(&RouteLayer::new(keys()).unwrap());
    let response = send(&client, request()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(who(&world.internet), ["groq (big) as a", "groq (big) as b"]);

    // Both are refused: another provider serves, and it is told.
    let world = World::new(groq().key("neither"), openai());
    let events = Recorder::<Event>::new();
    let layer = RouteLayer::builder(keys()).observer(events.clone()).build();
    let client = world.client(&layer.unwrap());
    for _ in 0..20 {
        let response = send(&client, request()).await.unwrap();
        assert_eq!(response.status(), 200);
        let served = Served::of(&response).unwrap();
        assert_eq!(served.target().provider(), "openai");
    }
    // Fault D5: each call asked the dead key first. Now its account is left alone.
    let asked = who(&world.internet);
    let groqs = asked.iter().filter(|name| name.starts_with("groq"));
    assert_eq!(groqs.count(), 2, "{asked:?}");
    let told = lines(&events.take());
    let count = |line: &str| told.iter().filter(|told| told.as_str() == line).count();
    assert_eq!(count("groq big as a: refused the key"), 1, "{told:?}");
    assert_eq!(count("groq big as b: refused the key"), 1);
    assert_eq!(count("route r: answered by openai mini"), 20);

    // Who wants it back at once gets it, each time.
    let layer = RouteLayer::builder(keys()).deliver_auth().build();
    let client = world.client(&layer.unwrap());
    for _ in 0..2 {
        let response = send(&client, request()).await.unwrap();
        assert_eq!(response.status(), 401);
        let served = Served::of(&response).unwrap();
        assert_eq!(served.target().account(), Some("a"));
    }
}

/// A key that is refused for the only target there is: the answer is the provider's own, each time.
#[tokio::test(start_paused = true)]
async fn the_only_key_is_asked_each_time() {
    let groq = preset::groq().key("key-a");
    let route = Route::new("r").ordered([groq.model("big")]);
    for status in [401, 403] {
        let world = World::new(
            crate::support::groq().fault(Fault::status(status)),
            openai(),
        );
        let client = world.client(&RouteLayer::new(route.clone()).unwrap());
        for _ in 0..3 {
            let response = send(&client, request()).await.unwrap();
            assert_eq!(response.status(), status);
        }
        assert_eq!(who(&world.internet).len(), 3);
    }
}

/// Fault D8: a used-up quota of the only target became "no target, try again in 5m".
#[tokio::test(start_paused = true)]
async fn the_only_target_says_itself_that_its_quota_is_used_up() {
    let used_up = Fault::answer(tollgate_test::Dialect::OpenAi.quota_exhausted("m"));
    let world = World::new(groq(), openai().fault(used_up));
    let route = Route::new("r").ordered([preset::openai().key("k").model("mini")]);
    let note = |mut response: http::Response<KitBody>| {
        let seen = Classification::new(Class::QuotaExhausted).with_scope(Scope::Account);
        Note::update(&mut response, |note| note.set_classification(seen));
        response
    };
    let client = ServiceBuilder::new()
        .layer(RouteLayer::new(route).unwrap())
        .map_response(note)
        .service(world.internet.clone());
    for _ in 0..3 {
        let response = client.clone().oneshot(request()).await.unwrap();
        assert_eq!(response.status(), 429);
    }
    assert_eq!(who(&world.internet).len(), 3);
}

/// All keys of all providers are refused: each call asks one of them, and no call is rejected by a guess.
#[tokio::test(start_paused = true)]
async fn where_all_keys_are_refused_each_call_asks_one() {
    let refused = || Fault::status(401);
    let world = World::new(groq().fault(refused()), openai().fault(refused()));
    let client = world.client(&RouteLayer::new(keys()).unwrap());
    for call in 0..3 {
        let response = send(&client, request()).await.unwrap();
        assert_eq!(response.status(), 401);
        let asked = who(&world.internet).len();
        assert_eq!(asked, 3 + call, "{:?}", who(&world.internet));
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_refused_key_a_limit_still_leads_elsewhere() {
    let refused =
        Fault::status(429).when(|asked| asked.headers()["authorization"] == "Bearer key-b");
    let world = World::new(groq().fault(refused).key("key-b"), openai());
    let client = world.client(&RouteLayer::new(keys()).unwrap());
    assert_eq!(send(&client, request()).await.unwrap().status(), 200);
    // The model of the account that was refused is not tried.
    let asked = [
        "groq (big) as a",
        "groq (big) as b",
        "groq (small) as b",
        "openai (mini)",
    ];
    assert_eq!(who(&world.internet), asked);
}

/// Puts a note on each 429, as a classifier would.
async fn after(scope: Scope, limit: Option<LimitKind>) -> Vec<String> {
    let first = Fault::status(429).first(1);
    let world = World::new(groq().fault(first), openai());
    let note = move |mut response: http::Response<KitBody>| {
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            let seen = Classification::from_status(response.status(), response.headers());
            let seen = seen.with_scope(scope).with_limit(limit);
            Note::update(&mut response, |note| note.set_classification(seen));
        }
        response
    };
    let client = ServiceBuilder::new()
        .layer(RouteLayer::new(keys()).unwrap())
        .map_response(note)
        .service(world.internet.clone());
    for _ in 0..2 {
        client.clone().oneshot(request()).await.unwrap();
    }
    who(&world.internet).split_off(1)
}

#[tokio::test(start_paused = true)]
async fn a_limit_hits_as_far_as_it_says() {
    let next = |name: &'static str| [name, name];
    assert_eq!(after(Scope::Provider, None).await, next("openai (mini)"));
    assert_eq!(after(Scope::Account, None).await, next("groq (big) as b"));
    assert_eq!(after(Scope::Target, None).await, next("groq (big) as b"));
    assert_eq!(
        after(Scope::Limit, Some(LimitKind::Tokens)).await,
        next("groq (big) as b")
    );
    // A limit that a chat does not need keeps nobody away.
    let images = after(Scope::Limit, Some(LimitKind::Images)).await;
    assert_eq!(images, ["groq (big) as b", "groq (big) as a"]);
}

#[tokio::test(start_paused = true)]
async fn too_long_for_one_goes_on_to_who_is_declared_larger() {
    let groq = preset::groq().key("k");
    let openai = preset::openai().key("k");
    let route = Route::new("r").ordered([
        groq.model("small").context(8_000),
        groq.model("same").context(8_000),
        groq.model("untold"),
        openai.model("large").context(128_000),
    ]);
    let world = World::new(
        crate::support::groq().fault(Fault::status(413)),
        crate::support::openai(),
    );
    let note = |mut response: http::Response<KitBody>| {
        if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let seen = Classification::from_status(response.status(), response.headers());
            let seen = seen.with_try_elsewhere(true);
            Note::update(&mut response, |note| note.set_classification(seen));
        }
        response
    };
    let inner = tower::util::MapResponse::new(world.internet.clone(), note);
    let client = RouteLayer::new(route).unwrap().layer(inner);
    client.oneshot(request()).await.unwrap();
    assert_eq!(who(&world.internet), ["groq (small)", "openai (large)"]);
}
