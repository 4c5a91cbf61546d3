//! rig, unchanged, over a stack.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rig_core::{
    completion::CompletionRequest,
    providers::{anthropic::AnthropicConfig, openai::OpenAIConfig},
};
use tollgate::{
    classify::ClassifyLayer,
    retry::{Backoff, RetryLayer},
};
use tollgate_rig::RigClient;
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider};
use tower::ServiceBuilder;

fn retry() -> RetryLayer {
    let soon = Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    let retry = RetryLayer::builder().throttle(soon).transient(soon);
    retry.build().expect("good settings")
}

macro_rules! client {
    ($($outer:expr),*) => {
        RigClient::new(
            ServiceBuilder::new()
                $(.layer($outer))*
                .layer(retry())
                .layer(ClassifyLayer::new())
                .service(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>()),
        )
    };
}

fn limited(wait: Duration) -> Fault {
    let limited = Limited::new(Kind::Requests).retry_after(wait);
    Fault::answer(Dialect::OpenAi.rate_limited(&limited))
}

#[tokio::test]
async fn a_completion_that_is_limited_once_arrives() {
    let provider = Provider::builder(Dialect::OpenAi)
        .key("k")
        .fault(limited(Duration::from_millis(30)).call(1))
        .text("Well, thank you.")
        .build();
    let server = provider.serve().await.expect("a port");
    let openai = OpenAIConfig::new("k").with_base_url(format!("{}/v1", server.uri()));
    let model = openai.connect(client!()).chat("gpt-4o");
    let answer = model
        .call(CompletionRequest::new("How are you?"))
        .await
        .expect("answered");
    assert_eq!(answer.text(), "Well, thank you.");
}
