//! rig over a stack, none of its calls changed: `cargo run --release --example rig`.
//!
//! Two providers on loopback. The first refuses a call and is waited for, as it is worth ten seconds;
//! a stream passes token by token; then its day is used up, and the second answers. The exit status is 1
//! if the servers counted other calls than these.

use std::{error::Error, process::ExitCode, time::Duration};

use futures_util::StreamExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rig_core::{
    completion::CompletionRequest,
    providers::openai::OpenAIConfig,
    streaming::{Item, StreamEvent},
};
use tollgate::{Event, Route, Stack, core::Window, provider::preset};
use tollgate_rig::RigClient;
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
        .around(Client::builder(TokioExecutor::new()).build_http())?;

    // The line that is new: the stack is rig's HTTP client. The key and the address are the route's.
    let client = OpenAIConfig::new("").connect(RigClient::new(stack));
    let model = client.chat("gpt-4o");
    let question = || CompletionRequest::new("What does a tollgate say?");

    println!("Limited for 1.5 seconds:");
    let answer = model.call(question()).await?;
    let waited = answer.text() == TEXT;
    println!("{:?}", answer.text());

    println!("A stream:");
    let mut stream = model.stream(question())?;
    let mut tokens = Vec::new();
    while let Some(item) = stream.next().await {
        if let Item::Event(StreamEvent::Text { text, .. }) = item? {
            tokens.push(text);
        }
    }
    println!("{}", tokens.join("|"));

    println!("The day is used up:");
    println!("{:?}", model.call(question()).await?.text());

    let calls = [openai.stats().calls, groq.stats().calls];
    println!(
        "rig: calls={calls:?} waited={waited} tokens={}",
        tokens.len()
    );
    let good = calls == [4, 1] && waited && tokens.len() > 1 && tokens.concat() == TEXT;
    Ok(ExitCode::from(u8::from(!good)))
}
