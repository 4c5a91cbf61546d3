//! Retries alone, around any client: `cargo run --release --example retry`.
//!
//! The provider here is a function; anything else that takes an `http::Request` will do.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;
use tollgate_core::Call;
use tollgate_retry::{Event, RetryLayer};
use tower::{Layer, Service, ServiceExt, service_fn};

type Body = Full<Bytes>;
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let layer = RetryLayer::builder()
        .max_wait(Duration::from_secs(60))
        .observer(move |event: &Event| println!("{:>9.2?}  {}", start.elapsed(), tell(event)))
        .build()?;

    let asked = AtomicU32::new(0);
    let mut client = layer.layer(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(match asked.fetch_add(1, Ordering::Relaxed) {
            0 => answer(429, Some("1.2"), "slow down"),
            1 => answer(503, None, "no capacity"),
            2 => answer(200, None, "hello"),
            3 => answer(429, Some("3600"), "come back in an hour"),
            4 => answer(401, None, "no such key"),
            _ => answer(429, Some("20"), "slow down"),
        })
    }));

    println!("A throttle with a wait, then one without, then a success:");
    send(&mut client, request(Call::new())).await?;

    println!("\nA wait above `max_wait` is not slept, so that something else can be tried:");
    send(&mut client, request(Call::new())).await?;

    println!("\nA bad key stays bad:");
    send(&mut client, request(Call::new())).await?;

    println!("\nA wait that would miss the call's deadline is not slept either:");
    let call = Call::new().with_deadline_in(Duration::from_secs(5));
    send(&mut client, request(call)).await?;
    Ok(())
}

async fn send<S>(client: &mut S, request: Request<Body>) -> Result<(), S::Error>
where
    S: Service<Request<Body>, Response = Response<&'static str>>,
{
    let start = Instant::now();
    let response = client.ready().await?.call(request).await?;
    let (status, body) = (response.status(), response.body());
    let took = start.elapsed();
    println!("           got {status}, {body:?}, after {took:.2?}");
    Ok(())
}

fn request(call: Call) -> Request<Body> {
    Request::post("https://api.example.com/v1/chat/completions")
        .extension(call)
        .body(Full::from(r#"{"model":"m","messages":[]}"#))
        .expect("a good request")
}

fn answer(status: u16, wait: Option<&str>, body: &'static str) -> Response<&'static str> {
    let mut response = Response::builder().status(status);
    if let Some(wait) = wait {
        response = response.header("retry-after", wait);
    }
    response.body(body).expect("a good response")
}

fn tell(event: &Event) -> String {
    match event {
        Event::Retrying {
            class, wait, hint, ..
        } => match hint {
            Some(hint) => format!("{class}: told to wait {hint:?}, waiting {wait:.2?}"),
            None => format!("{class}: told nothing, waiting {wait:.2?}"),
        },
        Event::GaveUp { why, .. } => format!("handed over as it came: {why}"),
        Event::Recovered {
            attempts, waited, ..
        } => {
            format!("recovered at attempt {attempts}, {waited:.2?} waited")
        }
        other => format!("{other:?}"),
    }
}
