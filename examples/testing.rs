//! How to test a stack of one's own: by hand with `tower_test::mock`, and against a whole provider
//! of the kit.
//!
//! `cargo run --example testing` runs both and prints what it saw. In a project these would be two
//! `#[tokio::test(start_paused = true)]`.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;
use tollgate_classify::ClassifyLayer;
use tollgate_retry::RetryLayer;
use tollgate_test::{Answer, Dialect, Fault, Kind, KitBody, Limited, Provider, Quota};
use tower::{
    ServiceBuilder, ServiceExt,
    layer::util::{Identity, Stack},
};

type Body = Full<Bytes>;

/// What is tested: these layers, around whatever client.
fn stack() -> ServiceBuilder<Stack<ClassifyLayer, Stack<RetryLayer, Identity>>> {
    ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(ClassifyLayer::new())
}

fn ask() -> Request<Body> {
    let body = r#"{"model":"llama-3.1-8b-instant","messages":[]}"#;
    let request = Request::post("https://api.groq.com/openai/v1/chat/completions");
    request.body(Body::from(body)).expect("a request")
}

/// The test plays the provider itself: it sees each attempt, and says each answer.
async fn by_hand() {
    let (client, mut provider) = tower_test::mock::pair::<Request<Body>, Response<KitBody>>();
    let call = tokio::spawn(stack().service(client).oneshot(ask()));
    let start = Instant::now();

    let (_, first) = provider.next_request().await.expect("an attempt");
    let limited = Limited::new(Kind::Tokens).retry_after(Duration::from_secs(7));
    first.send_response(Dialect::Groq.rate_limited(&limited).into());

    let (_, second) = provider.next_request().await.expect("another attempt");
    let waited = start.elapsed();
    assert!(waited >= Duration::from_secs(7), "earlier than it was told");
    assert!(
        waited < Duration::from_secs(8),
        "much later than it was told"
    );
    second.send_response(Answer::text(http::StatusCode::OK, "done").into());

    let answer = call.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
    println!("by hand: told to wait 7s, came again after {waited:?}");
}

/// A provider with a quota plays itself: the test sees how the stack fares.
async fn against_a_provider() {
    let provider = Provider::builder(Dialect::Groq)
        .quota(Quota::bucket(
            Kind::Requests,
            30,
            Duration::from_secs(60),
            2,
        ))
        .latency(Duration::from_millis(300), Duration::from_millis(100))
        .fault(Fault::status(503).call(2))
        .build();
    let client = stack().service(provider.service());
    let start = Instant::now();
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(client.clone().oneshot(ask())))
        .collect();
    for call in calls {
        let answer = call.await.expect("no panic").expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    let stats = provider.stats();
    assert_eq!((stats.served, stats.faults), (5, 1));
    assert!(stats.rate_limited > 0, "the quota was never met");
    println!("against a provider: all served after {:?}", start.elapsed());
    println!(
        "it counted {} calls, {} of them 429s",
        stats.calls, stats.rate_limited
    );
}

fn main() {
    // Paused: waits of minutes take no time, and every time is exact.
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(by_hand());
    runtime.block_on(against_a_provider());
}
