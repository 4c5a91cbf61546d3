//! The router alone, around any client: `cargo run --release --example route`.
//!
//! The providers here are a function. One is overloaded, one is out of its limit for two seconds, one
//! answers. Each call finds who answers; who told a time is not asked before it has passed. No other layer
//! is needed: the status and `Retry-After` are read.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::{Instant, sleep};
use tollgate_core::BoxError;
use tollgate_route::{Event, Route, RouteLayer, Served, provider::preset};
use tower::{Layer, Service, ServiceExt, service_fn};

type Body = Full<Bytes>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // Each call has its provider's address, key and model by the time it arrives here.
    let asked = AtomicU32::new(0);
    let client = service_fn(async |request: Request<Body>| {
        asked.fetch_add(1, Ordering::Relaxed);
        let host = request.uri().host().unwrap_or_default();
        let answer = Response::builder();
        let answer = match (host, asked.load(Ordering::Relaxed)) {
            ("api.anthropic.com", _) => answer.status(529),
            ("api.groq.com", 2) => answer.status(429).header("retry-after", "2"),
            _ => answer.status(200),
        };
        Ok::<_, Infallible>(answer.body(()).expect("a good response"))
    });

    let claude = preset::anthropic().speaking(tollgate_route::Wire::OpenAi);
    let targets = [
        claude.key("k").model("claude-3-5-haiku-20241022"),
        preset::groq().key("k").model("llama-3.3-70b-versatile"),
        preset::openai().key("k").model("gpt-4o-mini"),
    ];
    let start = Instant::now();
    let layer = RouteLayer::builder(Route::new("chat").ordered(targets))
        .observer(move |event: &Event| println!("{:>6.1?}  {event}", start.elapsed()))
        .build()?;
    let mut client = layer.layer(client);

    let mut story = Vec::new();
    for pause in [Duration::ZERO, Duration::ZERO, Duration::from_millis(2_500)] {
        sleep(pause).await;
        let request = Request::post("/v1/chat/completions");
        let request = request.body(Body::from(r#"{"model":"chat","messages":[]}"#))?;
        let response = client.ready().await?.call(request).await?;
        let served = Served::of(&response).ok_or("nobody answered")?;
        let asked = served.attempts().iter().filter(|it| it.took().is_some());
        let (by, tried) = (served.target(), asked.count());
        println!(
            "{:>6.1?}  answered by {by}; asked before it: {tried}\n",
            start.elapsed()
        );
        story.push((by.provider().to_owned(), tried));
    }
    let told = [("openai", 2), ("openai", 1), ("groq", 1)];
    let same = story
        .iter()
        .zip(told)
        .all(|((by, tried), told)| (by.as_str(), *tried) == told);
    same.then_some(())
        .ok_or_else(|| "the story went otherwise".into())
}
