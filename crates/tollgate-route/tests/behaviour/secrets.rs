//! No key, cookie or header of one provider reaches another, a log or a `Debug`.

use http::StatusCode;
use tollgate_route::{Event, Exhausted, Preference, Route, RouteLayer, provider::preset};
use tollgate_test::{Answer, Fault, KitBody, Recorder};

use crate::support::*;

const CALLERS: [&str; 8] = [
    "authorization",
    "cookie",
    "x-api-key",
    "openai-organization",
    "anthropic-workspace-id",
    "x-goog-user-project",
    "x-custom-token",
    "x-tollgate-affinity",
];

/// A call full of secrets that are none of the providers'.
fn loaded() -> http::Request<Body> {
    let mut request = request();
    for name in CALLERS {
        request
            .headers_mut()
            .insert(name, "callers-canary".parse().unwrap());
    }
    *request.uri_mut() = "https://user:callers-canary@x/v1/chat/completions?key=callers-canary"
        .parse()
        .unwrap();
    request
}

#[tokio::test(start_paused = true)]
async fn every_provider_sees_its_own_key_and_nothing_else() {
    let world = World::new(groq().fault(Fault::status(429)), openai());
    send(&world.client(&layer()), loaded()).await.unwrap();
    let sent = world.internet.sent();
    assert_eq!(sent.len(), 3);
    for one in &sent {
        let own = if one.uri.contains("groq") {
            "Bearer gsk-canary"
        } else {
            "Bearer sk-canary"
        };
        let mut secrets = 0;
        for (name, value) in &one.head.headers {
            let value = value.to_str().unwrap();
            if value.contains("canary") {
                assert_eq!((name.as_str(), value), ("authorization", own));
                secrets += 1;
            }
        }
        assert_eq!(secrets, 1);
        assert!(!one.uri.contains("canary"), "{}", one.uri);
        assert!(one.head.headers["authorization"].is_sensitive());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_that_people_see_shows_a_key() {
    let seen = Recorder::<String>::new();
    let heard = seen.clone();
    let observer = move |event: &Event| {
        tollgate_core::Observe::observe(&heard, &format!("{event} {event:?}"));
    };
    let query = preset::gemini()
        .auth(tollgate_route::Auth::Query("key".into()))
        .key("query-canary")
        .header("x-secret", "header-canary");
    let hidden = Route::new("g").ordered([query.model("gemini")]);
    let builder = RouteLayer::builder(route())
        .route(hidden)
        .observer(observer);
    let mut text = format!("{builder:?} {:?} {:?}", route(), query);
    let (layer, handle) = builder.build_with_handle().unwrap();
    let limited = || {
        let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
        Fault::answer(answer.header("retry-after", "60"))
    };
    let world = World::new(groq().fault(limited()), openai().fault(limited()));
    let future = tower::Service::call(&mut world.client(&layer), loaded());
    text += &format!(
        "{layer:?} {handle:?} {:?} {future:?}",
        preset::groq().key("gsk-canary")
    );
    let error = future.await.map(drop).unwrap_err();
    text += &format!(
        "{error} {error:?} {:?} {:?}",
        handle.cooldowns(),
        handle.outcomes()
    );
    text += &seen.take().concat();
    assert!(text.contains("rate_limited"), "the record is empty");
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn redirects_are_faults_and_not_followed() {
    let elsewhere = Answer::new(StatusCode::TEMPORARY_REDIRECT).header("location", "https://evil/");
    let world = World::new(groq().fault(Fault::answer(elsewhere)), openai());
    let client = world.client(&layer());
    for _ in 0..3 {
        let response = send(&client, loaded()).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    // Each of the two models once, then they are left alone.
    assert_eq!(
        world.internet.names(),
        ["big", "small", "mini", "mini", "mini"]
    );
}

/// Fault D6: the address of an internal host reached the client, who followed it with the prompt.
#[tokio::test(start_paused = true)]
async fn where_a_redirect_leads_reaches_nobody() {
    for status in [301, 302, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let elsewhere = Answer::new(status).header("location", "http://10.0.0.7/");
        let world = World::new(groq().fault(Fault::answer(elsewhere)), openai());
        let groq = preset::groq().key("k");
        let route = Route::new("r").ordered([groq.model("big")]);
        let client = world.client(&RouteLayer::new(route).unwrap());
        let error = send(&client, loaded()).await.map(drop).unwrap_err();
        let exhausted = error.downcast_ref::<Exhausted>().unwrap();
        let last = exhausted.take_response::<KitBody>().unwrap();
        assert_eq!(last.status(), status);
        assert!(!last.headers().contains_key("location"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hostile_model_of_a_caller_is_data() {
    let world = World::new(groq(), openai());
    let azure = preset::azure_deployments("res", "v").key("k");
    let route = Route::new("r").ordered([azure.any_model()]);
    let internet = world
        .internet
        .clone()
        .with("res.openai.azure.com", &world.openai);
    let client = tower::Layer::layer(&RouteLayer::new(route).unwrap(), internet);
    let mut request = loaded();
    *request.uri_mut() = "https://x/openai/deployments/..%2F..%2Fadmin%3Fx/chat/completions"
        .parse()
        .unwrap();
    request.extensions_mut().insert(Preference::new());
    tower::ServiceExt::oneshot(client, request).await.unwrap();
    let uri = &world.internet.sent()[0].uri;
    assert_eq!(
        uri,
        "https://res.openai.azure.com/openai/deployments/..%2F..%2Fadmin%3Fx/chat/completions\
         ?api-version=v"
    );
}
