//! Responses that a provider keeps, through a whole stack.

use http::{Request, Response};
use http_body_util::BodyExt;
use tollgate::{Stack, core::ReplayBody};
use tollgate_core::BoxError;
use tollgate_route::{Route, Served, provider::preset};
use tollgate_test::{Dialect, Fault, Provider};
use tower::{Service, ServiceExt, service_fn};

use crate::Body;

async fn read<R>(response: Response<R>) -> Result<(String, serde_json::Value), BoxError>
where
    R: http_body::Body<Data = bytes::Bytes>,
    R::Error: Into<BoxError>,
{
    let served = Served::of(&response).expect("the router says who");
    let who = served.target().provider().to_owned();
    let body = BodyExt::collect(response.into_body()).await;
    let body = body.map_err(Into::into)?.to_bytes();
    Ok((who, serde_json::from_slice(&body)?))
}

/// A conversation that began at the second provider, because the first was down for a moment.
#[tokio::test(start_paused = true)]
async fn a_conversation_stays_where_it_began() -> Result<(), BoxError> {
    let down = Fault::status(503).call(1);
    let groq = Provider::builder(Dialect::Groq).fault(down).build();
    let openai = Provider::new(Dialect::OpenAi);
    let (to_groq, to_openai) = (groq.service(), openai.service());
    let client = service_fn(move |request: Request<ReplayBody<Body>>| {
        let to = match request.uri().host() == Some(Dialect::Groq.host()) {
            true => &to_groq,
            false => &to_openai,
        };
        to.clone().call(request)
    });
    let route = Route::new("r").ordered([
        preset::groq().key("k").model("g"),
        preset::openai().key("k").model("o"),
    ]);
    let client = Stack::new().route(route).around(client)?;
    let create = |fields: &str| {
        let body = format!(r#"{{"model":"any",{fields}"input":"Hi"}}"#);
        let request = Request::post("https://any.example/v1/responses");
        request
            .header("content-type", "application/json")
            .body(Body::from(body))
    };
    let (who, first) = read(client.clone().oneshot(create("")?).await?).await?;
    assert_eq!(who, "openai");
    let mut last = first["id"].as_str().expect("it has one").to_owned();
    for _ in 0..5 {
        let fields = format!(r#""previous_response_id":"{last}","#);
        let (who, next) = read(client.clone().oneshot(create(&fields)?).await?).await?;
        assert_eq!(who, "openai");
        next["id"]
            .as_str()
            .expect("it has one")
            .clone_into(&mut last);
    }
    let (who, _) = read(client.clone().oneshot(create("")?).await?).await?;
    assert_eq!(who, "groq", "a new conversation begins at the first");
    Ok(())
}
