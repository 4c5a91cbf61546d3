//! Claude at Anthropic, Bedrock and Vertex AI: one caller, in Anthropic's dialect.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tollgate::{Stack, core::ReplayBody};
use tollgate_core::BoxError;
use tollgate_route::{Auth, Route, Served, provider::preset};
use tollgate_test::{Dialect, Fault, Provider};
use tower::{Service, ServiceExt, service_fn};

use crate::Body;

const VERTEX: &str = "us-east5-aiplatform.googleapis.com";

struct World {
    anthropic: Provider,
    bedrock: Provider,
    vertex: Provider,
}

impl World {
    /// Each fails so.
    fn new(anthropic: Fault, bedrock: Fault, vertex: Fault) -> Self {
        let of = |dialect, fault| Provider::builder(dialect).fault(fault).build();
        Self {
            anthropic: of(Dialect::Anthropic, anthropic),
            bedrock: of(Dialect::Bedrock, bedrock),
            vertex: of(Dialect::Gemini, vertex),
        }
    }

    /// Sends one call, and reads the answer to its end.
    async fn ask(&self, stream: bool) -> Result<Response<Bytes>, BoxError> {
        let [anthropic, bedrock, vertex] =
            [&self.anthropic, &self.bedrock, &self.vertex].map(Provider::service);
        let client = service_fn(move |request: Request<ReplayBody<Body>>| {
            let host = request.uri().host().unwrap_or_default();
            let to = match host {
                VERTEX => &vertex,
                "api.anthropic.com" => &anthropic,
                _ => &bedrock,
            };
            to.clone().call(request)
        });
        let bedrock = preset::bedrock_anthropic("us-east-1").key("k");
        let vertex = preset::vertex_anthropic("p", "us-east5").auth(Auth::External);
        let route = Route::new("claude").ordered([
            preset::anthropic().key("k").model("claude-opus"),
            bedrock.model("anthropic.claude-opus-v1:0"),
            vertex.model("claude-opus@20250805"),
        ]);
        let client = Stack::new().route(route).around(client)?;
        let body = format!(
            r#"{{"model":"claude","max_tokens":64,"stream":{stream},"messages":[{{"role":"user","content":"Hi"}}]}}"#
        );
        let request = Request::post("https://any.example/v1/messages")
            .header("content-type", "application/json")
            .header("anthropic-version", "2023-06-01")
            .body(Body::from(body))?;
        let response = client.oneshot(request).await?;
        let (head, body) = response.into_parts();
        let body = BodyExt::collect(body).await?.to_bytes();
        Ok(Response::from_parts(head, body))
    }

    fn paths(&self) -> [Vec<String>; 3] {
        [&self.anthropic, &self.bedrock, &self.vertex].map(|provider| {
            let log = provider.log().into_iter();
            log.map(|one| one.asked().path().to_owned()).collect()
        })
    }
}

fn fails() -> Fault {
    Fault::status(529)
}

fn who(response: &Response<Bytes>) -> &str {
    let served = Served::of(response).expect("the router says who");
    served.target().provider()
}

#[tokio::test(start_paused = true)]
async fn messages_fall_back_from_envelope_to_envelope() -> Result<(), BoxError> {
    let none = Fault::none;
    for (world, served) in [
        (World::new(none(), none(), none()), "anthropic"),
        (World::new(fails(), none(), none()), "bedrock"),
        (World::new(fails(), Fault::status(503), none()), "vertex"),
    ] {
        let response = world.ask(false).await?;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(who(&response), served);
        let answer: serde_json::Value = serde_json::from_slice(response.body())?;
        assert_eq!(answer["type"], "message");
        assert_eq!(answer["content"][0]["text"], "All clear at the gate.");
    }
    let world = World::new(fails(), Fault::status(503), none());
    world.ask(false).await?;
    let [_, bedrock, vertex] = world.paths();
    assert_eq!(bedrock[0], "/model/anthropic.claude-opus-v1%3A0/invoke");
    assert_eq!(
        vertex,
        [
            "/v1/projects/p/locations/us-east5/publishers/anthropic/models\
          /claude-opus%4020250805:rawPredict"
        ]
    );
    let sent = world.vertex.log().remove(0).asked().body().clone();
    let sent: serde_json::Value = serde_json::from_slice(&sent)?;
    assert_eq!(sent["anthropic_version"], "vertex-2023-10-16");
    assert!(sent.get("model").is_none() && sent.get("stream").is_none());
    Ok(())
}

/// The caller reads the same events, whoever sends them.
#[tokio::test(start_paused = true)]
async fn streams_are_the_same_everywhere() -> Result<(), BoxError> {
    let none = Fault::none;
    let mut names = Vec::new();
    for (world, served) in [
        (World::new(none(), none(), none()), "anthropic"),
        (World::new(fails(), none(), none()), "bedrock"),
        (World::new(fails(), Fault::status(503), none()), "vertex"),
        // In pieces that end anywhere.
        (
            World::new(fails(), Fault::drip(7, Duration::from_millis(1)), none()),
            "bedrock",
        ),
        // Bedrock begins a stream with an exception: nobody has seen anything of it.
        (World::new(fails(), Fault::first_event(), none()), "vertex"),
    ] {
        let response = world.ask(true).await?;
        assert_eq!(who(&response), served);
        let kind = response.headers()["content-type"].to_str()?;
        assert!(kind.starts_with("text/event-stream"), "{served}: {kind}");
        let text = std::str::from_utf8(response.body())?;
        let events = text.lines().filter_map(|line| line.strip_prefix("event: "));
        names.push(events.map(str::to_owned).collect::<Vec<_>>());
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let values: Vec<serde_json::Value> =
            data.map(serde_json::from_str).collect::<Result<_, _>>()?;
        let said: String = values
            .iter()
            .filter_map(|value| value.pointer("/delta/text")?.as_str())
            .collect();
        assert_eq!(said, "All clear at the gate.", "{served}");
    }
    assert_eq!(names[0].first().map(String::as_str), Some("message_start"));
    assert!(names.iter().all(|one| *one == names[0]), "{names:?}");
    Ok(())
}

/// A connection that ends before the stream does is an error of the body, as everywhere.
#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_off_is_an_error() -> Result<(), BoxError> {
    let world = World::new(fails(), Fault::cut(900), Fault::none());
    let error = world.ask(true).await.map(drop).unwrap_err();
    let error = error.downcast_ref::<std::io::Error>();
    let kind = error.map(std::io::Error::kind);
    assert_eq!(kind, Some(std::io::ErrorKind::UnexpectedEof));
    Ok(())
}
