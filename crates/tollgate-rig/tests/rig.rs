//! rig, unchanged, over a stack.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rig_core::{
    completion::CompletionRequest,
    error::ProviderError,
    http_client::HttpClientExt,
    providers::{
        anthropic::AnthropicConfig,
        openai::{OpenAI, OpenAIConfig},
    },
    streaming::{Item, StreamEvent},
    transcription::TranscriptionRequestBuilder,
};
use tokio::time::{Instant, timeout};
use tollgate::{
    Route, Stack,
    core::{Reason, Rejected, ReplayBody},
    provider::preset,
    retry::{self, Backoff},
};
use tollgate_rig::RigClient;
use tollgate_test::{Answer, Dialect, Fault, Kind, Limited, Provider, Server};
use tower::service_fn;

const SOON: Duration = Duration::from_secs(10);

fn http() -> Client<HttpConnector, ReplayBody<Full<Bytes>>> {
    Client::builder(TokioExecutor::new()).build_http()
}

/// Waits a millisecond where it is told nothing.
fn soon(retry: retry::Builder) -> retry::Builder {
    let soon = Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    retry.throttle(soon).transient(soon)
}

fn openai(server: &Server) -> OpenAI {
    let stack = Stack::new().retry(soon).around(http());
    OpenAIConfig::new("k")
        .with_base_url(format!("{}/v1", server.uri()))
        .connect(RigClient::new(stack.expect("a stack")))
}

fn limited(dialect: Dialect, wait: Duration) -> Fault {
    let limited = Limited::new(Kind::Requests).retry_after(wait);
    Fault::answer(dialect.rate_limited(&limited))
}

fn question() -> CompletionRequest {
    CompletionRequest::new("How are you?")
}

#[tokio::test]
async fn a_completion_that_is_limited_once_arrives() {
    let told = Duration::from_millis(30);
    let provider = Provider::builder(Dialect::OpenAi)
        .key("k")
        .fault(limited(Dialect::OpenAi, told).call(1))
        .text("Well, thank you.")
        .build();
    let server = provider.serve().await.expect("a port");
    let start = Instant::now();
    let answer = openai(&server).chat("gpt-4o").call(question()).await;
    assert_eq!(answer.expect("answered").text(), "Well, thank you.");
    assert!(start.elapsed() >= told);
    let log = provider.log();
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].asked().body(), log[1].asked().body());
}

#[tokio::test]
async fn anthropic_too() {
    let provider = Provider::builder(Dialect::Anthropic)
        .key("k")
        .fault(Fault::answer(Dialect::Anthropic.overloaded("m")).call(1))
        .text("Well, thank you.")
        .build();
    let server = provider.serve().await.expect("a port");
    let stack = Stack::new().retry(soon).around(http()).expect("a stack");
    let anthropic = AnthropicConfig::new("k").with_base_url(server.uri());
    let model = anthropic
        .connect(RigClient::new(stack))
        .completion("claude-3-5-haiku-20241022");
    let answer = model.call(question().max_tokens(64)).await;
    assert_eq!(answer.expect("answered").text(), "Well, thank you.");
    assert_eq!(provider.stats().calls, 2);
}

#[tokio::test]
async fn tokens_arrive_one_by_one() {
    let provider = Provider::builder(Dialect::OpenAi)
        .key("k")
        .text("one two three four five six seven")
        .fault(Fault::stall(700))
        .build();
    let server = provider.serve().await.expect("a port");
    let model = openai(&server).chat("gpt-4o");
    let mut stream = model.stream(question()).expect("a request");
    let mut text = String::new();
    // The connection stalls before the end, so nothing here waits for the whole answer.
    while !text.contains("one") {
        let item = timeout(SOON, stream.next()).await.expect("in time");
        if let Item::Event(StreamEvent::Text { text: more, .. }) =
            item.expect("more").expect("good")
        {
            text.push_str(&more);
        }
    }
    assert!(!text.contains("seven"), "{text}");
    assert_eq!(provider.stats().in_flight, 1);
}

#[tokio::test]
async fn a_limited_provider_is_replaced() {
    let openai = Provider::builder(Dialect::OpenAi)
        .fault(limited(Dialect::OpenAi, Duration::from_secs(600)))
        .build();
    let groq = Provider::builder(Dialect::Groq)
        .key("other")
        .text("Fine.")
        .build();
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
    let stack = Stack::new().route(route).around(http()).expect("a stack");
    // Where rig would send it does not matter: the route knows the way.
    let model = OpenAIConfig::new("none")
        .connect(RigClient::new(stack))
        .chat("gpt-4o");

    let answer = model.call(question()).await.expect("answered");
    assert_eq!(answer.text(), "Fine.");
    let stream = model.stream(question()).expect("a request");
    assert_eq!(stream.finish().await.expect("answered").text(), "Fine.");
    // The second call knows that the first target is left alone.
    assert_eq!(openai.stats().calls, 1);
    let served = groq.log();
    assert_eq!(served.len(), 2);
    assert!(
        served
            .iter()
            .all(|entry| entry.model() == "llama-3.1-8b-instant")
    );
}

#[tokio::test]
async fn what_stays_limited_is_the_error_of_the_provider() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(limited(Dialect::OpenAi, Duration::from_secs(600)))
        .build();
    let server = provider.serve().await.expect("a port");
    let model = openai(&server).chat("gpt-4o");
    let error = model.call(question()).await.expect_err("limited");
    assert_eq!(
        error.provider_response_status(),
        Some(StatusCode::TOO_MANY_REQUESTS)
    );
    let headers = error.provider_response_headers().expect("its headers");
    assert_eq!(headers["retry-after"], "600");
    let body = error.provider_response_body().expect("its body");
    assert!(body.contains("Rate limit"), "{body}");
    assert_eq!(provider.stats().calls, 1);
}

/// As rig's own client does it, whatever rig makes of it.
#[tokio::test]
async fn an_error_status_is_an_error_of_the_client() {
    let stack = service_fn(|_: Request<Full<Bytes>>| async {
        let limited = Response::builder().status(429).header("retry-after", "7");
        limited.body(Full::<Bytes>::from("slow down"))
    });
    let client = RigClient::new(stack);
    let ask = || Request::new(Bytes::new());
    let whole = client.send::<_, Bytes>(ask()).await.err();
    let stream = client.send_streaming(ask()).await.err();
    for error in [whole.expect("limited"), stream.expect("limited")] {
        assert_eq!(
            error.non_success_status(),
            Some(StatusCode::TOO_MANY_REQUESTS)
        );
        assert_eq!(
            error.non_success_headers().expect("kept")["retry-after"],
            "7"
        );
        assert_eq!(error.non_success_body(), Some("slow down"));
    }
}

#[tokio::test]
async fn a_refusal_is_found_in_its_error() {
    let stack = service_fn(|_: Request<Full<Bytes>>| async {
        Err::<Response<Full<Bytes>>, _>(Rejected::new(Reason::QueueFull))
    });
    let model = OpenAIConfig::new("k")
        .connect(RigClient::new(stack))
        .chat("gpt-4o");
    let error = model.call(question()).await.expect_err("refused");
    assert!(error.to_string().ends_with("too many calls are waiting"));
    let ProviderError::Http(error) = error else {
        panic!("{error:?}");
    };
    let found = Rejected::find(&*error).expect("found");
    assert_eq!(found.reason(), Reason::QueueFull);
}

#[tokio::test]
async fn a_form_is_sent_again_too() {
    let heard = Answer::json(StatusCode::OK, &serde_json::json!({ "text": "hello" }));
    let provider = Provider::builder(Dialect::OpenAi)
        .script([
            limited(Dialect::OpenAi, Duration::from_millis(1)),
            Fault::answer(heard),
        ])
        .build();
    let server = provider.serve().await.expect("a port");
    let audio = TranscriptionRequestBuilder::new(b"RIFF".to_vec()).filename("a.wav".to_owned());
    let model = openai(&server).transcription("whisper-1");
    let answer = model.call(audio.build()).await.expect("answered");
    assert_eq!(answer.text, "hello");
    let log = provider.log();
    assert_eq!(log.len(), 2);
    let kind = log[1].asked().headers()["content-type"]
        .to_str()
        .expect("text");
    assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
    let body = String::from_utf8_lossy(log[1].asked().body());
    assert!(
        body.contains("name=\"file\"; filename=\"a.wav\"") && body.contains("RIFF"),
        "{body}"
    );
    assert_eq!(log[0].asked().body(), log[1].asked().body());
}

#[tokio::test]
async fn a_dropped_call_is_cancelled() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(Fault::hang())
        .build();
    let server = provider.serve().await.expect("a port");
    let model = openai(&server).chat("gpt-4o");
    let arrived = async {
        while provider.stats().hanging == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = model.call(question()) => panic!("{answer:?}"),
        arrived = timeout(SOON, arrived) => arrived.expect("in time"),
    }
    let gone = async {
        while provider.stats().in_flight > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, gone).await.expect("the connection is closed");
}
