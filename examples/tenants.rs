//! A limit for each tenant, in front of the provider's: `cargo run --release --example tenants`.
//!
//! Each tenant may send 5 calls a second, and the provider on loopback takes 20 a second of all of them
//! together. The outer layer keeps to its own limits only: a 429 of the provider is no tenant's fault,
//! and its headers speak of the whole account. The inner layer follows the provider.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::Instant;
use tollgate_classify::ClassifyLayer;
use tollgate_core::{BoxError, Target};
use tollgate_limit::{Limit, LimitLayer, Limits, Outgoing};
use tollgate_test::{Dialect, Kind, Provider, Quota};
use tower::{Layer, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

/// Who sends how many calls at once.
const TENANTS: [(&str, usize); 3] = [("loud", 20), ("calm", 5), ("shy", 1)];

/// The header that names the tenant. In a server, set it after authentication.
const HEADER: &str = "x-tenant";

fn tenant(request: &Outgoing<'_>) -> Option<Target> {
    let name = request.headers().get(HEADER)?.to_str().ok()?;
    Some(Target::provider_only(name))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let (tenants, handle) = LimitLayer::builder()
        .configured_only()
        .key(tenant)
        .limit(Limit::requests(5, SECOND).bucket(5))
        // One has paid for more.
        .limits_for(
            Target::provider_only("shy"),
            Limits::new().limit(Limit::requests(50, SECOND).bucket(50)),
        )
        .build_with_handle()?;
    let provider = LimitLayer::new();
    let hyper = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let client = tenants.layer(provider.layer(ClassifyLayer::new().layer(hyper)));

    let server = Provider::builder(Dialect::OpenAi)
        .quota(Quota::bucket(Kind::Requests, 20, SECOND, 20))
        .latency(SECOND / 10, SECOND / 20)
        .build()
        .serve()
        .await?;
    let uri: Uri = format!("{}/v1/chat/completions", server.uri()).parse()?;

    let start = Instant::now();
    let calls = TENANTS.iter().flat_map(|(name, n)| vec![*name; *n]);
    let calls = calls.map(async |name| {
        let request = Request::post(&uri).header(HEADER, name);
        let request = request.body(Full::from(r#"{"model":"m","messages":[]}"#))?;
        let answer = client.clone().oneshot(request).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        Ok::<_, BoxError>((name, status, start.elapsed()))
    });
    let mut ends = Vec::new();
    for end in join_all(calls).await {
        ends.push(end?);
    }
    for (name, n) in TENANTS {
        let mine = ends.iter().filter(|(of, ..)| *of == name);
        let served = mine
            .clone()
            .filter(|(_, status, _)| *status == StatusCode::OK);
        let last = mine.map(|(.., took)| *took).max().unwrap_or_default();
        println!(
            "{name}: {} of {n} served, the last after {last:.1?}",
            served.count()
        );
    }
    for key in handle.states() {
        println!("{key}");
        if !key.closed.is_empty() {
            return Err("a tenant was held for a rejection of the provider".into());
        }
    }
    server.shutdown().await;

    let last = |name: &str| {
        let mine = ends.iter().filter(|(of, ..)| *of == name);
        mine.map(|(.., took)| *took).max().unwrap_or_default()
    };
    if last("loud") < 2 * SECOND || last("calm") > 2 * SECOND {
        return Err("a tenant's limit held another one, or did not hold".into());
    }
    Ok(())
}
