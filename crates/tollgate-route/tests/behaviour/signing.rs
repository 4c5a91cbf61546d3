//! Signatures and tokens that are made for each attempt, below the router.

use std::sync::atomic::{AtomicU32, Ordering};

use http::Request;
use tollgate_core::{BoxError, Call};
use tollgate_route::{Auth, Route, RouteLayer, provider::preset};
use tollgate_test::{Dialect, Fault, Provider};
use tower::{ServiceBuilder, ServiceExt};

use crate::support::*;

#[tokio::test(start_paused = true)]
async fn a_filter_below_signs_what_the_router_wrote() {
    let bedrock = Provider::builder(Dialect::Bedrock)
        .fault(Fault::status(503))
        .build();
    let groq = groq().build();
    let internet = Internet::default()
        .with("bedrock-runtime.us-east-1.amazonaws.com", &bedrock)
        .with("api.groq.com", &groq);
    let signed = AtomicU32::new(0);
    let sign = |mut request: Request<Body>| {
        let target = Call::of(&request).and_then(Call::target);
        if target.is_some_and(|target| target.provider() == "bedrock") {
            assert!(!request.headers().contains_key("authorization"));
            let signature = format!("AWS4 {}", request.uri().path());
            request
                .headers_mut()
                .insert("authorization", signature.parse()?);
            signed.fetch_add(1, Ordering::Relaxed);
        }
        Ok::<_, BoxError>(request)
    };
    let route = Route::new("r").ordered([
        preset::bedrock_openai("us-east-1")
            .auth(Auth::External)
            .model("nova"),
        preset::groq().key("gsk").model("m"),
    ]);
    let client = ServiceBuilder::new()
        .layer(RouteLayer::new(route).unwrap())
        .filter(sign)
        .service(internet.clone());
    client.oneshot(request()).await.unwrap();
    let sent = internet.sent();
    assert_eq!(
        sent[0].head.headers["authorization"],
        "AWS4 /openai/v1/chat/completions"
    );
    assert_eq!(sent[1].head.headers["authorization"], "Bearer gsk");
    assert_eq!(signed.load(Ordering::Relaxed), 1);
}
