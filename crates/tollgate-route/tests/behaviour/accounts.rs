//! Several keys of one provider.

use http::StatusCode;
use tollgate_core::{Classification, LimitKind, Note, Scope};
use tollgate_route::{Route, RouteLayer, Served, provider::preset};
use tollgate_test::{Fault, KitBody};
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
async fn a_refused_key_goes_on_to_another_of_the_same_provider_only() {
    let world = World::new(groq().key("key-b"), openai());
    let client = world.client(&RouteLayer::new(keys()).unwrap());
    let response = send(&client, request()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(who(&world.internet), ["groq (big) as a", "groq (big) as b"]);

    // Both are refused: nobody else is asked, so that it is noticed.
    let world = World::new(groq().key("neither"), openai());
    let client = world.client(&RouteLayer::new(keys()).unwrap());
    let response = send(&client, request()).await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(Served::of(&response).unwrap().target().account(), Some("b"));
    assert_eq!(who(&world.internet), ["groq (big) as a", "groq (big) as b"]);
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
