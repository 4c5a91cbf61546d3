//! 120 calls at once on the embedded providers.

use std::{collections::BTreeSet, time::Duration};

use async_openai::{Client, config::OpenAIConfig, types::chat::CreateChatCompletionRequest};
use futures_util::{StreamExt, future::join_all};
use serde_json::json;
use tokio::time::Instant;

use super::{answer::within, kit::Running};
use crate::embedded::Embedded;

fn request(stream: bool) -> CreateChatCompletionRequest {
    let request = json!({ "model": "chat", "stream": stream,
        "messages": [{ "role": "user", "content": "Is it far?" }] });
    serde_json::from_value(request).expect("a request")
}

/// One call: who answered, what, and after which time.
async fn call(client: &Client<OpenAIConfig>, stream: bool) -> (String, String, Duration) {
    let start = Instant::now();
    let (mut model, mut text) = (String::new(), String::new());
    if stream {
        let mut events = client
            .chat()
            .create_stream(request(true))
            .await
            .expect("a stream");
        while let Some(event) = events.next().await {
            let event = event.expect("an event");
            model = event.model;
            text.extend(
                event
                    .choices
                    .into_iter()
                    .filter_map(|choice| choice.delta.content),
            );
        }
    } else {
        let answer = client
            .chat()
            .create(request(false))
            .await
            .expect("an answer");
        model = answer.model;
        text.extend(
            answer
                .choices
                .into_iter()
                .filter_map(|choice| choice.message.content),
        );
    }
    (model, text, start.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_120_calls_at_once_are_answered() {
    let embedded = Embedded::start().await.expect("ports");
    let gateway = Running::start(embedded.config().expect("good settings")).await;
    let config = OpenAIConfig::new()
        .with_api_base(format!("http://{}/v1", gateway.address))
        .with_api_key("whatever");
    let client = Client::with_config(config);
    let calls = (0..120).map(|n| call(&client, n % 3 == 0));
    let answers = within(join_all(calls)).await;
    let models: BTreeSet<_> = answers.iter().map(|(model, ..)| model.as_str()).collect();
    assert_eq!(models.len(), 4, "every target has some: {models:?}");
    let yes = |text: &str| text.ends_with("the answer is yes.");
    assert!(answers.iter().all(|(_, text, _)| yes(text)));
    let mut times: Vec<_> = answers.iter().map(|(.., time)| *time).collect();
    times.sort();
    assert!(times[113] < Duration::from_secs(5), "p95 {:?}", times[113]);
    // Calls have ended here when the gateway has: the last byte is sent before the permit returns.
    let handle = gateway.gateway.handle.clone();
    let stopped = within(gateway.stop()).await.expect("no panic");
    stopped.expect("no error");
    for key in handle.limit().expect("a limiter").states() {
        assert_eq!((key.in_flight, key.queued), (0, 0), "{}", key.target);
    }
}
