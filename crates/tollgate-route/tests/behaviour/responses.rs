//! Calls that continue a response stay where it was made.

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tollgate_core::BoxError;
use tollgate_route::{
    Exhausted, Preference, Route, RouteLayer, Router, Served,
    provider::preset,
    responses::{StoredResponses, StoredResponsesLayer},
};
use tollgate_test::{Fault, ProviderBuilder};
use tower::{Layer, ServiceExt};

use crate::support::*;

type Client = StoredResponses<Router<Internet>>;

/// One model of Groq, then two of OpenAI, one of them for another account.
fn client(world: &World, layer: &StoredResponsesLayer) -> Client {
    let openai = preset::openai().account("a", "k").account("b", "l");
    let route = Route::new("r")
        .ordered([preset::groq().key("k").model("g")])
        .ordered([openai.model("o")]);
    layer.layer(world.client(&RouteLayer::new(route).unwrap()))
}

fn create(fields: &str) -> Request<Body> {
    let body = format!(r#"{{"model":"any",{fields}"input":"Hi"}}"#);
    let request = Request::post("https://any.example/v1/responses");
    request.body(body.into()).unwrap()
}

/// Who answers, and which response it is.
async fn ask(client: &Client, request: Request<Body>) -> Result<(String, String), BoxError> {
    let response = client.clone().oneshot(request).await?;
    assert_eq!(response.status(), StatusCode::OK);
    let who = Served::of(&response).unwrap().target().to_string();
    let body = response.into_body().collect().await?.to_bytes();
    let text = String::from_utf8(body.to_vec())?;
    let id = text.split("\"id\":\"").nth(1).unwrap_or_default();
    Ok((who, id.split('"').next().unwrap_or_default().to_owned()))
}

/// Groq fails in its first call only, so that OpenAI makes the first response.
fn once() -> ProviderBuilder {
    groq().fault(Fault::status(500).call(1))
}

#[tokio::test(start_paused = true)]
async fn a_call_that_continues_a_response_goes_to_its_maker() -> Result<(), BoxError> {
    for stream in ["", r#""stream":true,"#] {
        let world = World::new(once(), openai());
        let client = client(&world, &StoredResponsesLayer::new());
        let (who, id) = ask(&client, create(stream)).await?;
        assert_eq!(who, "openai (o) as a");
        assert!(id.starts_with("resp_"), "{id}");
        // Groq is healthy by now, and first for all others.
        assert_eq!(ask(&client, create("")).await?.0, "groq (g)");
        let next = create(&format!(r#""previous_response_id":"{id}","#));
        assert_eq!(ask(&client, next).await?.0, "openai (o) as a");
        let unknown = create(r#""previous_response_id":"resp_unknown","#);
        assert_eq!(ask(&client, unknown).await?.0, "groq (g)");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn calls_on_a_stored_response_go_to_its_maker() -> Result<(), BoxError> {
    let world = World::new(once(), openai());
    let client = client(&world, &StoredResponsesLayer::new());
    let (_, id) = ask(&client, create("")).await?;
    for (method, rest) in [
        (Method::GET, "?include[]=reasoning&key=canary"),
        (Method::GET, "/input_items?limit=2"),
        (Method::POST, "/cancel"),
        (Method::DELETE, ""),
    ] {
        let request = Request::builder().method(method.clone());
        let uri = format!("https://any.example/v1/responses/{id}{rest}");
        let request = request.uri(uri).body(Body::default())?;
        assert_eq!(ask(&client, request).await?.0, "openai (o) as a");
        let sent = world.internet.sent().pop().unwrap();
        let rest = rest.replace("&key=canary", "");
        assert_eq!(
            sent.uri,
            format!("https://api.openai.com/v1/responses/{id}{rest}")
        );
        assert_eq!(sent.head.method, method);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nobody_else_is_asked_for_it() -> Result<(), BoxError> {
    let broken = openai().fault(Fault::status(500).calls(2..=9));
    let world = World::new(once(), broken);
    let client = client(&world, &StoredResponsesLayer::new());
    let (_, id) = ask(&client, create("")).await?;
    let before = world.internet.sent().len();
    let next = create(&format!(r#""previous_response_id":"{id}","#));
    let error = ask(&client, next).await.unwrap_err();
    let attempts = error.downcast_ref::<Exhausted>().unwrap().attempts();
    assert_eq!(attempts.len(), 1);
    assert_eq!(world.internet.sent().len(), before + 1);
    // What else a call wants still counts.
    let mut next = create(&format!(r#""previous_response_id":"{id}","#));
    next.extensions_mut()
        .insert(Preference::new().deny("openai"));
    let error = ask(&client, next).await.unwrap_err();
    assert_eq!(error.to_string(), "No target is allowed for this call.");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn only_so_many_are_remembered() -> Result<(), BoxError> {
    let world = World::new(once(), openai());
    let client = client(&world, &StoredResponsesLayer::remember(1));
    let (_, first) = ask(&client, create("")).await?;
    let (_, second) = ask(&client, create("")).await?;
    assert_ne!(first, second);
    let next = create(&format!(r#""previous_response_id":"{first}","#));
    assert_eq!(ask(&client, next).await?.0, "groq (g)", "it was forgotten");
    Ok(())
}
