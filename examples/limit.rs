//! The limiter alone, around hyper's client: `cargo run --release --example limit`.
//!
//! A provider on loopback allows 10 requests and 1,500 tokens a second. 50 calls come at once, first
//! with these limits configured, then with nothing said: there a second layer reads the headers, and
//! the limiter learns from them.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join_all;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::Instant;
use tollgate_classify::ClassifyLayer;
use tollgate_core::{BoxError, Note};
use tollgate_limit::{Event, Handle, Limit, LimitLayer};
use tollgate_test::{Dialect, Kind, Provider, Quota};
use tower::{Layer, Service, ServiceExt};

const CALLS: usize = 50;
const ASKED: &str = r#"{"model":"m","max_tokens":60,"messages":[{"content":"Hello."}]}"#;
const SECOND: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let hyper = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();

    println!("With limits that are known:");
    let (layer, handle) = LimitLayer::builder()
        .limit(Limit::requests(10, SECOND).bucket(10))
        .limit(Limit::tokens(1_500, SECOND).bucket(1_500))
        .build_with_handle()?;
    let known = burst(layer.layer(hyper.clone()), &handle).await?;

    println!("\nWith nothing configured:");
    let (layer, handle) = LimitLayer::builder()
        .observer(|event: &Event| {
            if matches!(event, Event::Learned { .. } | Event::OverAdmitted { .. }) {
                println!("  {event}");
            }
        })
        .build_with_handle()?;
    let client = layer.layer(ClassifyLayer::new().layer(hyper));
    let learned = burst(client, &handle).await?;

    if known > 0 || learned > 2 {
        return Err(format!("{known} and {learned} calls were turned away").into());
    }
    Ok(())
}

/// Sends all calls at once; the number of those that were turned away.
async fn burst<S, B>(client: S, handle: &Handle) -> Result<usize, BoxError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = BoxError> + Clone,
    B: http_body::Body<Error: Into<BoxError>>,
{
    let server = Provider::builder(Dialect::OpenAi)
        .quota(Quota::bucket(Kind::Requests, 10, SECOND, 10))
        .quota(Quota::bucket(Kind::Tokens, 1_500, SECOND, 1_500))
        .latency(SECOND / 5, SECOND / 10)
        .build()
        .serve()
        .await?;
    let uri: Uri = format!("{}/v1/chat/completions", server.uri()).parse()?;
    let start = Instant::now();
    let calls = (0..CALLS).map(async |_| {
        let request = Request::post(&uri).body(Full::from(ASKED))?;
        let answer = client.clone().oneshot(request).await?;
        let waited = Note::of(&answer).and_then(Note::queued);
        let refused = answer.status() == StatusCode::TOO_MANY_REQUESTS;
        answer.into_body().collect().await.map_err(Into::into)?;
        Ok::<_, BoxError>((refused, waited.unwrap_or_default()))
    });
    let answers: Vec<(bool, Duration)> = try_join_all(calls).await?;

    let met = answers.iter().filter(|(refused, _)| *refused).count();
    let mut waits: Vec<Duration> = answers.iter().map(|(_, waited)| *waited).collect();
    waits.sort_unstable();
    let (took, half, all) = (start.elapsed(), waits[CALLS / 2], waits[CALLS - 1]);
    println!("  {CALLS} calls in {took:.1?}, {met} turned away");
    println!("  half of them waited {half:.1?} or less, none above {all:.1?}");
    for limit in handle.states().iter().flat_map(|key| &key.limits) {
        let (left, of, kind) = (limit.remaining, limit.limit, limit.kind);
        println!("  {left} of {of} {kind} left");
    }
    server.shutdown().await;
    Ok(met)
}
