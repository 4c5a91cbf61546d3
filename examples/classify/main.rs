//! Tells what captured answers of LLM providers mean.
//!
//! Reads one JSON object per line, `{"id", "provider", "status", "headers", "body", "received_at"}`,
//! and writes what the classify layer makes of it, or with `--explain` says it in a sentence.
//! `provider` may be null; a header is a string or a list of strings; `received_at` is an RFC 3339
//! time that stands for the wall clock, or null.

mod explain;

use std::{convert::Infallible, io};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Value, json};
use tollgate_classify::ClassifyLayer;
use tollgate_core::{
    BoxError, Call, Classification, LimitKind, SystemClock, Target, WallClock, Window,
};
use tollgate_test::ManualClock;
use tower::{Layer, ServiceExt, service_fn};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let explain = std::env::args().any(|arg| arg == "--explain");
    let clock = ManualClock::default();
    let layer = ClassifyLayer::builder().clock(clock.clone()).build()?;
    for (number, line) in io::stdin().lines().enumerate() {
        let line = line?;
        match classify(&layer, &clock, &line).await {
            Ok((id, seen)) if explain => println!("{id}: {}", explain::sentence(&seen)),
            Ok((id, seen)) => println!("{}", record(&id, &seen)),
            Err(error) => eprintln!("line {}: {error}", number + 1),
        }
    }
    Ok(())
}

/// Sends the answer on a line through the layer, as a client would.
async fn classify(
    layer: &ClassifyLayer,
    clock: &ManualClock,
    line: &str,
) -> Result<(Value, Classification), BoxError> {
    let row: Value = serde_json::from_str(line)?;
    clock.set(match row["received_at"].as_str() {
        Some(time) => time.parse::<jiff::Timestamp>()?.into(),
        None => SystemClock::default().now(),
    });
    let status = row["status"].as_u64().ok_or("no status")?;
    let body = row["body"].as_str().unwrap_or_default().to_owned();
    let mut answer = Response::builder().status(u16::try_from(status)?);
    for (name, value) in row["headers"].as_object().into_iter().flatten() {
        let one = std::slice::from_ref(value);
        for value in value.as_array().map_or(one, Vec::as_slice) {
            answer = answer.header(name, value.as_str().ok_or("a header is no string")?);
        }
    }
    // What was captured without its length was this long.
    if row["headers"].get("content-length").is_none() {
        answer = answer.header("content-length", body.len());
    }
    let mut answer = Some(answer.body(Full::new(Bytes::from(body)))?);
    let client = service_fn(move |_: Request<()>| {
        let answer = answer.take();
        async { Ok::<_, Infallible>(answer.expect("one call")) }
    });

    let mut request = Request::new(());
    if let Some(provider) = row["provider"].as_str() {
        let call = Call::new().with_target(Target::provider_only(provider));
        request.extensions_mut().insert(call);
    }
    let answer = layer.layer(client).oneshot(request).await?;
    let seen = Classification::of(&answer).into_owned();
    Ok((row["id"].clone(), seen))
}

fn record(id: &Value, seen: &Classification) -> Value {
    json!({
        "id": id,
        "class": seen.class().as_str(),
        "limit": seen.limit().map(LimitKind::as_str),
        "window": seen.window().map(Window::as_str),
        "wait_ms": seen.wait().map(|wait| wait.as_millis() as u64),
        "retry_same": seen.retry_same(),
        "try_elsewhere": seen.try_elsewhere(),
        "model": seen.model(),
        "evidence": seen.evidence(),
    })
}
