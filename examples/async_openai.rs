//! async-openai over a stack, none of its calls changed: `cargo run --release --example async_openai`.
//!
//! Two providers on loopback. The first refuses a call and is waited for, as it is worth ten seconds;
//! a stream passes token by token; then its day is used up, and the second answers. The exit status is 1
//! if the servers counted other calls than these.

use std::{error::Error, process::ExitCode, time::Duration};

use async_openai::{
    Client,
    config::OpenAIConfig,
    middleware::HttpRequestFactory,
    types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs},
};
use futures_util::StreamExt;
use tollgate::{Event, Route, Stack, core::Window, provider::preset};
use tollgate_reqwest::{Bridge, Transport};
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider};

const TEXT: &str = "Wait your turn, then go through.";

fn limited(limited: &Limited) -> Fault {
    Fault::answer(Dialect::OpenAi.rate_limited(limited))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let soon = Limited::new(Kind::Requests).retry_after(Duration::from_millis(1_500));
    let day = Limited::new(Kind::Requests).window(Window::Day);
    let day = day.retry_after(Duration::from_secs(3_600));
    let openai = Provider::builder(Dialect::OpenAi)
        .text(TEXT)
        .fault(limited(&soon).call(1))
        .fault(limited(&day).call(4))
        .build();
    let groq = Provider::builder(Dialect::Groq).text(TEXT).build();
    let (a, b) = (openai.serve().await?, groq.serve().await?);

    let to_openai = preset::openai().base(format!("{}/v1", a.uri())).key("k");
    let to_groq = preset::groq().base(format!("{}/v1", b.uri())).key("k");
    let route = Route::new("chat")
        .ordered([to_openai
            .model("gpt-4o")
            .wait_budget(Duration::from_secs(10))])
        .ordered([to_groq.model("llama-3.1-8b-instant")]);
    let stack = Stack::new()
        .route(route)
        .observer(|event: &Event<'_>| println!("  {event}"))
        .around(Transport::build(reqwest::Client::builder())?)?;

    // The two lines that are new. They also replace async-openai's own retries.
    let service = Bridge::new(stack)
        .building(|request: HttpRequestFactory| async move { request.build().await });
    let client = Client::with_config(OpenAIConfig::new()).with_http_service(service);

    let message = ChatCompletionRequestUserMessage::from("What does a tollgate say?");
    let question = CreateChatCompletionRequestArgs::default()
        .model("gpt-4o")
        .messages([message.into()])
        .build()?;

    println!("Limited for 1.5 seconds:");
    let answer = client.chat().create(question.clone()).await?;
    let waited = answer.choices[0].message.content.as_deref() == Some(TEXT);
    println!(
        "{} says {:?}",
        answer.model, answer.choices[0].message.content
    );

    println!("A stream:");
    let mut stream = client.chat().create_stream(question.clone()).await?;
    let mut tokens = Vec::new();
    while let Some(piece) = stream.next().await {
        let choices = piece?.choices.into_iter();
        let texts = choices.filter_map(|choice| choice.delta.content);
        tokens.extend(texts.filter(|text| !text.is_empty()));
    }
    println!("{}", tokens.join("|"));

    println!("The day is used up:");
    let answer = client.chat().create(question).await?;
    println!(
        "{} says {:?}",
        answer.model, answer.choices[0].message.content
    );

    let calls = [openai.stats().calls, groq.stats().calls];
    println!(
        "async-openai: calls={calls:?} waited={waited} tokens={}",
        tokens.len()
    );
    let good = calls == [4, 1] && waited && tokens.len() > 1 && tokens.concat() == TEXT;
    Ok(ExitCode::from(u8::from(!good)))
}
