//! Requests whose body cannot be edited, or not be sent twice.

use std::io;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tollgate_core::{BoxError, Reason, Rejected, Replay, ReplayBody};
use tollgate_route::{BadBody, BadRequest, Route, RouteLayer, provider::preset};
use tollgate_test::Fault;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::*;

#[tokio::test(start_paused = true)]
async fn each_target_gets_the_body_with_its_own_model() {
    let world = World::new(groq().fault(Fault::status(500)), openai());
    let body = "{ \"n\":1.50, \"model\" : \"any\",\n\"messages\":[ ] }";
    send(&world.client(&layer()), asking(body)).await.unwrap();
    let bodies = |provider: &tollgate_test::Provider| {
        let texts = provider
            .log()
            .into_iter()
            .map(|one| one.asked().body().clone());
        texts.collect::<Vec<_>>()
    };
    let with = |model: &str| body.replace("any", model);
    assert_eq!(bodies(&world.groq), [with("big"), with("small")]);
    assert_eq!(bodies(&world.openai), [with("mini")]);
}

#[tokio::test(start_paused = true)]
async fn bodies_that_cannot_be_edited_are_typed_errors() {
    for (body, encoding, why) in [
        ("[]", None, BadBody::NotAnObject),
        ("{}", None, BadBody::NoModel),
        (r#"{"model":"a","model":"b"}"#, None, BadBody::TwoModels),
        ("model", None, BadBody::NotJson),
        (r#"{"model":"a"}"#, Some("gzip"), BadBody::Compressed),
    ] {
        let world = World::new(groq(), openai());
        let mut request = asking(body);
        if let Some(encoding) = encoding {
            let headers = request.headers_mut();
            headers.insert("content-encoding", encoding.parse().unwrap());
        }
        let error = send(&world.client(&layer()), request)
            .await
            .map(drop)
            .unwrap_err();
        let bad = error
            .downcast_ref::<BadRequest>()
            .unwrap_or_else(|| panic!("{error}"));
        assert_eq!(bad.body(), Some(why));
        assert!(world.internet.sent().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn they_pass_where_nothing_must_be_edited() {
    let azure = preset::azure_deployments("res", "v1").key("k").model("dep");
    let route = Route::new("r").ordered([preset::groq().key("k").model("m"), azure]);
    let world = World::new(groq(), openai());
    let internet = world
        .internet
        .clone()
        .with("res.openai.azure.com", &world.openai);
    let client = RouteLayer::new(route).unwrap().layer(internet);
    client.oneshot(asking("no JSON at all")).await.unwrap();
    let sent = world.internet.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].uri,
        "https://res.openai.azure.com/openai/deployments/dep/chat/completions?api-version=v1"
    );
    assert_eq!(&world.openai.log()[0].asked().body()[..], b"no JSON at all");
}

#[tokio::test(start_paused = true)]
async fn a_path_that_is_no_call_is_a_typed_error() {
    let world = World::new(groq(), openai());
    let request = Request::post("https://x/v1/../admin").body(Full::from(r#"{"model":"m"}"#));
    let error = send(&world.client(&layer()), request.unwrap())
        .await
        .map(drop)
        .unwrap_err();
    let bad = error.downcast_ref::<BadRequest>().unwrap();
    assert_eq!(bad.path(), Some("/v1/../admin"));
    assert!(world.internet.sent().is_empty());
}

type Stream = ReplayBody<Full<Bytes>>;

async fn once(route: Route) -> Result<(Bytes, u32), BoxError> {
    let calls = std::sync::atomic::AtomicU32::new(0);
    let inner = service_fn(|request: Request<Stream>| {
        calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async {
            let body = http_body_util::BodyExt::collect(request.into_body()).await?;
            let response = Response::builder().status(500).body(body.to_bytes());
            Ok::<_, BoxError>(response.map_err(io::Error::other)?)
        }
    });
    let body = Stream::once("{\"mo", Full::from("del\":\"x\"}"));
    assert!(body.try_clone().is_none());
    let request = Request::post("https://x/v1/chat/completions").body(body)?;
    let layer = RouteLayer::new(route)?;
    let error = layer
        .layer(inner)
        .oneshot(request)
        .await
        .map(drop)
        .unwrap_err();
    let response = error
        .downcast_ref::<tollgate_route::Exhausted>()
        .and_then(tollgate_route::Exhausted::take_response::<Bytes>);
    let calls = calls.into_inner();
    response
        .map(|response| (response.into_body(), calls))
        .ok_or(error)
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_to_one_target_as_it_is() {
    let groq = preset::groq().key("k");
    let (body, calls) =
        once(Route::new("r").ordered([groq.any_model(), preset::openai().key("k").any_model()]))
            .await
            .unwrap();
    assert_eq!((&body[..], calls), (&br#"{"model":"x"}"#[..], 1));
    // With a model to be written into it, to none.
    let error = once(Route::new("r").ordered([groq.model("m")]))
        .await
        .unwrap_err();
    assert_eq!(
        error.downcast_ref::<BadRequest>().unwrap().body(),
        Some(BadBody::NotKept)
    );
    let rejected = Rejected::find(error.as_ref()).unwrap();
    assert_eq!(rejected.reason(), Reason::BodyTooLarge);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_written_for_is_passed_over() {
    let world = World::new(groq(), openai());
    let azure = preset::azure_deployments("res", "v").key("k");
    let internet = world
        .internet
        .clone()
        .with("res.openai.azure.com", &world.openai);
    let client = |endpoints| {
        let layer = RouteLayer::new(Route::new("r").ordered(endpoints)).unwrap();
        layer.layer(internet.clone())
    };
    // The first wants the model that the call asks for, and it asks for none.
    let both = [azure.any_model(), azure.model("whisper")];
    send(&client(both.to_vec()), asking("a sound"))
        .await
        .unwrap();
    assert_eq!(world.internet.names(), ["whisper"]);
    let error = send(&client(vec![azure.any_model()]), asking("{}")).await;
    let error = error.map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request cannot be written for azure_openai: it names no model"
    );
}

/// An upload, as clients of OpenAI send one.
fn upload(model: &str) -> String {
    format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\
         Content-Type: audio/mpeg\r\n\r\nID3\0\r\n--XaX\r\n\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n--XX--\r\n"
    )
}

fn uploading(path: &str, model: &str) -> Request<Body> {
    let body = upload(model);
    Request::post(format!("https://any.example{path}"))
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("content-length", body.len())
        .body(Full::from(body))
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_upload_goes_on_with_the_model_of_each_target() {
    for path in ["/v1/audio/transcriptions", "/v1/images/edits"] {
        let world = World::new(groq().fault(Fault::status(500)), openai());
        let request = uploading(path, "any");
        send(&world.client(&layer()), request).await.unwrap();
        assert_eq!(world.internet.names(), ["big", "small", "mini"]);
        for (provider, models) in [
            (&world.groq, &["big", "small"][..]),
            (&world.openai, &["mini"][..]),
        ] {
            for (one, model) in provider.log().iter().zip(models) {
                let asked = one.asked();
                assert_eq!(*asked.body(), upload(model));
                let length = asked.body().len().to_string();
                assert_eq!(asked.headers()["content-length"], length);
                let kind = &asked.headers()["content-type"];
                assert_eq!(kind, "multipart/form-data; boundary=XX");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_starts_at_the_model_it_asks_for() {
    let world = World::new(groq(), openai());
    let request = uploading("/v1/audio/translations", "mini");
    send(&world.client(&layer()), request).await.unwrap();
    assert_eq!(world.internet.names(), ["mini"]);
    // A form that breaks off is named as one.
    let mut request = uploading("/v1/audio/translations", "mini");
    *request.body_mut() = Full::from("--XX\r\n");
    let error = send(&world.client(&layer()), request).await.map(drop);
    let error = error.unwrap_err();
    let bad = error.downcast_ref::<BadRequest>().unwrap();
    assert_eq!(bad.body(), Some(BadBody::BadForm));
}

#[tokio::test(start_paused = true)]
async fn who_has_no_such_call_is_passed_over() {
    let world = World::new(groq(), openai());
    let (bedrock, vertex) = (
        tollgate_test::Provider::new(tollgate_test::Dialect::Bedrock),
        tollgate_test::Provider::new(tollgate_test::Dialect::Gemini),
    );
    let internet = world
        .internet
        .clone()
        .with("bedrock-runtime.us-east-1.amazonaws.com", &bedrock)
        .with("us-east5-aiplatform.googleapis.com", &vertex);
    let claude = preset::bedrock_anthropic("us-east-1").key("k").model("b");
    let vertex = preset::vertex_anthropic("p", "us-east5")
        .key("k")
        .model("v");
    let client = |endpoints: Vec<_>| {
        let layer = RouteLayer::new(Route::new("r").ordered(endpoints)).unwrap();
        layer.layer(internet.clone())
    };
    let count = || {
        let mut request = asking(r#"{"model":"any","messages":[]}"#);
        *request.uri_mut() = "https://x/v1/messages/count_tokens".parse().unwrap();
        request
    };
    // Bedrock does not count tokens that way.
    send(&client(vec![claude.clone(), vertex]), count())
        .await
        .unwrap();
    assert_eq!(world.internet.names(), ["v"]);
    let error = send(&client(vec![claude]), count()).await.map(drop);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the request cannot be written for bedrock (b): the target has no /messages/count_tokens"
    );
}
