//! async-openai, unchanged, over a stack.

use std::time::Duration;

use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    middleware::HttpRequestFactory,
    types::chat::{
        ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs,
    },
};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};
use tollgate::{
    Route, Stack,
    core::{Reason, Rejected},
    provider::preset,
    retry::{self, Backoff},
};
use tollgate_reqwest::{Bridge, Transport};
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider, Server};
use tower::service_fn;

const SOON: Duration = Duration::from_secs(10);

fn transport() -> Transport {
    Transport::build(reqwest::Client::builder()).expect("a client")
}

/// Waits a millisecond where it is told nothing.
fn soon(retry: retry::Builder) -> retry::Builder {
    let soon = Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    retry.throttle(soon).transient(soon)
}

fn client(server: &Server) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new()
        .with_api_base(format!("{}/v1", server.uri()))
        .with_api_key("k");
    let stack = Stack::new().retry(soon).around(transport());
    let service = Bridge::new(stack.expect("a stack"))
        .building(|request: HttpRequestFactory| async move { request.build().await });
    Client::with_config(config).with_http_service(service)
}

fn question() -> CreateChatCompletionRequest {
    let message = ChatCompletionRequestUserMessage::from("How are you?");
    CreateChatCompletionRequestArgs::default()
        .model("gpt-4o")
        .messages([message.into()])
        .build()
        .expect("a request")
}

fn limited(wait: Duration) -> Fault {
    let limited = Limited::new(Kind::Requests).retry_after(wait);
    Fault::answer(Dialect::OpenAi.rate_limited(&limited))
}

#[tokio::test]
async fn a_completion_that_is_limited_once_arrives() {
    let told = Duration::from_millis(30);
    let provider = Provider::builder(Dialect::OpenAi)
        .key("k")
        .fault(limited(told).call(1))
        .text("Well, thank you.")
        .build();
    let server = provider.serve().await.expect("a port");
    let start = Instant::now();
    let client = client(&server);
    let answer = client.chat().create(question()).await.expect("answered");
    assert!(start.elapsed() >= told);
    let text = answer.choices[0].message.content.as_deref();
    assert_eq!(text, Some("Well, thank you."));
    let log = provider.log();
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].asked().body(), log[1].asked().body());
}

#[tokio::test]
async fn tokens_arrive_one_by_one() {
    let provider = Provider::builder(Dialect::OpenAi)
        .key("k")
        .text("one two three four five six seven")
        .fault(Fault::stall(700))
        .build();
    let server = provider.serve().await.expect("a port");
    let client = client(&server);
    let mut stream = client
        .chat()
        .create_stream(question())
        .await
        .expect("answered");
    let mut text = String::new();
    // The connection stalls before the end, so nothing here waits for the whole answer.
    while !text.contains("one") {
        let piece = timeout(SOON, stream.next()).await.expect("in time");
        let piece = piece.expect("more").expect("good");
        text.extend(
            piece
                .choices
                .into_iter()
                .filter_map(|choice| choice.delta.content),
        );
    }
    assert!(!text.contains("seven"), "{text}");
    assert_eq!(provider.stats().in_flight, 1);
}

#[tokio::test]
async fn a_limited_provider_is_replaced() {
    let openai = Provider::builder(Dialect::OpenAi)
        .fault(limited(Duration::from_secs(600)))
        .build();
    let groq = Provider::builder(Dialect::Groq).key("other").build();
    let (a, b) = (
        openai.serve().await.expect("a port"),
        groq.serve().await.expect("a port"),
    );
    let route = Route::new("chat").ordered([
        preset::openai()
            .base(format!("{}/v1", a.uri()))
            .key("k")
            .model("gpt-4o"),
        preset::groq()
            .base(format!("{}/v1", b.uri()))
            .key("other")
            .model("llama-3.1-8b-instant"),
    ]);
    let stack = Stack::new().route(route).around(transport());
    let service = Bridge::new(stack.expect("a stack"))
        .building(|request: HttpRequestFactory| async move { request.build().await });
    // Where async-openai would send it does not matter: the route knows the way.
    let client = Client::with_config(OpenAIConfig::new().with_api_key("none"));
    let client = client.with_http_service(service);
    let mut stream = client
        .chat()
        .create_stream(question())
        .await
        .expect("answered");
    let mut pieces = 0;
    while let Some(piece) = stream.next().await {
        piece.expect("good");
        pieces += 1;
    }
    assert!(pieces > 1);
    let (asked, served) = (openai.stats().calls, groq.log());
    assert_eq!((asked, served.len()), (1, 1));
    assert_eq!(served[0].model(), "llama-3.1-8b-instant");
}

#[tokio::test]
async fn what_stays_limited_is_the_error_of_the_provider() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(limited(Duration::from_secs(600)))
        .build();
    let server = provider.serve().await.expect("a port");
    let error = client(&server).chat().create(question()).await;
    match error.expect_err("limited") {
        OpenAIError::ApiError(error) => assert_eq!(error.status_code, 429),
        other => panic!("{other:?}"),
    }
    // Its own retries would have asked again.
    assert_eq!(provider.stats().calls, 1);
}

#[tokio::test]
async fn a_refusal_is_found_in_its_error() {
    let stack = service_fn(|_: http::Request<reqwest::Body>| async {
        Err::<http::Response<reqwest::Body>, _>(Rejected::new(Reason::QueueFull))
    });
    let service = Bridge::new(stack)
        .building(|request: HttpRequestFactory| async move { request.build().await });
    let client = Client::with_config(OpenAIConfig::new().with_api_key("k"));
    let client = client.with_http_service(service);
    let error = client.chat().create(question()).await.expect_err("refused");
    assert_eq!(error.to_string(), "too many calls are waiting");
    let found = Rejected::find(&error).expect("found");
    assert_eq!(found.reason(), Reason::QueueFull);
}
