//! A circuit breaker at work: `cargo run --release --example breaker`.
//!
//! A provider on loopback serves for a moment, fails for two seconds, and is healed. Somebody asks it
//! six times a second: the breaker shuts it off, probes it, and takes it back.

use std::{
    error::Error,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::{Instant, sleep};
use tollgate_breaker::{BreakerLayer, Event, State};
use tollgate_core::{Random, Rejected, Target};
use tollgate_test::{Dialect, Fault, Provider};
use tower::{Layer, Service, ServiceExt};

/// The states in the order in which they were entered.
type Story = Arc<Mutex<Vec<String>>>;

fn enter(story: &Story, start: Instant, state: &str, why: &str) {
    println!("{:>6.2?}s  == {state}{why}", start.elapsed().as_secs_f32());
    story.lock().expect("no panic").push(state.to_owned());
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let ill = Duration::from_millis(700)..Duration::from_millis(2_700);
    let provider = Provider::builder(Dialect::OpenAi).fault(Fault::status(503).during(ill));
    let server = provider.build().serve().await?;

    let (start, story) = (Instant::now(), Story::default());
    let heard = story.clone();
    let layer = BreakerLayer::builder()
        .consecutive_failures(3)
        .open_time(Duration::from_millis(1_000), Duration::from_secs(4))
        .random(Random::seeded(7))
        .observer(move |event: &Event| match event {
            Event::Opened { why, wait, .. } => {
                enter(&heard, start, "open", &format!(" for {wait:.2?}: {why}"));
            }
            Event::HalfOpened { .. } => enter(&heard, start, "half-open", ""),
            Event::Closed { .. } => enter(&heard, start, "closed", ""),
            _ => {}
        });
    let (layer, breakers) = layer.build_with_handle()?;
    let mut client = layer.layer(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());

    // A call without a target has its host, and its port where that is not the usual one.
    let target = Target::provider_only(server.uri().trim_start_matches("http://"));
    let state = breakers.state(&target);
    enter(&story, start, state.as_str(), "");
    let uri = format!("{}/v1/chat/completions", server.uri());
    loop {
        let body = Full::from(r#"{"model":"m","messages":[]}"#);
        let request = Request::post(&uri).body(body)?;
        let answer = client.ready().await?.call(request).await;
        let at = start.elapsed();
        match answer {
            Ok(response) => {
                println!("{:>6.2?}s     {}", at.as_secs_f32(), response.status());
                response.into_body().collect().await?;
            }
            Err(error) => {
                let refused = Rejected::find(error.as_ref()).ok_or("no other error is expected")?;
                println!("{:>6.2?}s     not sent: {refused}", at.as_secs_f32());
            }
        }
        let taken_back =
            story.lock().expect("no panic").len() > 1 && breakers.state(&target) == State::Closed;
        if taken_back {
            break;
        }
        if at > Duration::from_secs(20) {
            return Err("it was not taken back".into());
        }
        sleep(Duration::from_millis(160)).await;
    }
    server.shutdown().await;

    let story = story.lock().expect("no panic").join(" -> ");
    println!("\n{story}");
    let shut = story.starts_with("closed -> open -> half-open -> ");
    let back = story.ends_with("half-open -> closed");
    if shut && back {
        Ok(())
    } else {
        Err("the story went otherwise".into())
    }
}
