//! Both layers around a `reqwest::Client`: a service of ten lines is the bridge.
//!
//! `cargo run --release --example reqwest`: a provider on loopback refuses the first call and tells
//! how long to wait; the call is answered all the same.

use std::{
    error::Error,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tollgate_classify::ClassifyLayer;
use tollgate_core::{ReplayBody, ReplayLayer};
use tollgate_retry::{Event, RetryLayer};
use tollgate_test::{Dialect, Kind, Limited, Provider};
use tower::{Service, ServiceBuilder, ServiceExt};

/// Makes a service out of a reqwest client.
#[derive(Debug, Clone)]
struct Reqwest(reqwest::Client);

type Sent = ReplayBody<reqwest::Body>;
type Answer = Result<Response<reqwest::Body>, reqwest::Error>;

impl Service<Request<Sent>> for Reqwest {
    type Response = Response<reqwest::Body>;
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), reqwest::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Sent>) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let request = request.map(reqwest::Body::wrap).try_into()?;
            Ok(client.execute(request).await?.into())
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let limited = Limited::new(Kind::Requests).retry_after(Duration::from_millis(1_500));
    let refusal = Dialect::OpenAi.rate_limited(&limited);
    let server = Provider::builder(Dialect::OpenAi)
        .answers([refusal])
        .build()
        .serve()
        .await?;

    let retry = RetryLayer::builder()
        .observer(|event: &Event| println!("{event}"))
        .build()?;
    let client = ServiceBuilder::new()
        .layer(ReplayLayer::new())
        .layer(retry)
        .layer(ClassifyLayer::new())
        .service(Reqwest(reqwest::Client::new()));

    let request = Request::post(format!("{}/v1/chat/completions", server.uri()))
        .header("content-type", "application/json")
        .body(reqwest::Body::from(
            r#"{"model":"gpt-4o-mini","messages":[]}"#,
        ))?;
    let response = client.oneshot(request).await?;
    println!("{}", response.status());
    let body = response.into_body().collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&body));
    server.shutdown().await;
    Ok(())
}
