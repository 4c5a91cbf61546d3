//! The whole stack in one go: `cargo run --release --example stack`.
//!
//! Three calls, each with trouble of its own: Groq's day is used up, so OpenAI answers; OpenAI is
//! busy for a second, so the call waits; OpenAI hangs, so the call ends at its deadline. Both are on
//! loopback today. What every layer did is printed as it happens, and what they know at the end.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;
use serde_json::{Value, json as value};
use tokio::time::Instant;
use tollgate::{
    BoxClient, BoxError, Call, Client, Event, Route, Served, Stack,
    core::{Reason, Rejected, Window},
    json,
    provider::preset,
    stack::Handle,
};
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider};
use tower::{Service, ServiceExt};

type Body = Full<Bytes>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let day = Limited::new(Kind::Tokens).window(Window::Day);
    let used_up = day.retry_after(Duration::from_millis(1_366_848));
    let used_up = Dialect::Groq.rate_limited(&used_up);
    let groq = Provider::builder(Dialect::Groq).answers([used_up]);
    let busy = Limited::new(Kind::Requests).retry_after(Duration::from_secs(1));
    let busy = Fault::answer(Dialect::OpenAi.rate_limited(&busy));
    let story = [Fault::none(), busy, Fault::none(), Fault::hang()];
    let openai = Provider::builder(Dialect::OpenAi).script(story);
    let (groq, openai) = (groq.build().serve().await?, openai.build().serve().await?);

    let start = Instant::now();
    // Without the `base`s, and with `key_from_env()`, these are the real ones.
    let to_groq = preset::groq().base(format!("{}/openai/v1", groq.uri()));
    let to_openai = preset::openai().base(format!("{}/v1", openai.uri()));
    let chat = Route::new("chat")
        .ordered([to_groq
            .key("gsk_not_a_key")
            .model("llama-3.3-70b-versatile")])
        .ordered([to_openai.key("sk_not_a_key").model("gpt-4o-mini")]);
    let layer = Stack::new()
        .route(chat)
        .deadline(Duration::from_secs(30))
        .observer(move |event: &Event<'_>| println!("{:>8.1?}  {event}", start.elapsed()))
        .build()?;
    let handle = layer.handle();
    let mut client: BoxClient<Body> = layer.boxed(Client::new());

    println!("A day that is used up:");
    let first = ask(&mut client, Call::new()).await?;
    println!("\nA provider that is busy, and nobody else left:");
    let second = ask(&mut client, Call::new()).await?;
    println!("\nA provider that hangs, and 500 ms to answer:");
    let hurry = Call::new().with_deadline_in(Duration::from_millis(500));
    let error = ask(&mut client, hurry).await.err().ok_or("it hangs")?;
    println!("   error  {error}");

    println!("\nWhat the layers know:");
    show(&handle);
    let reason = Rejected::find(error.as_ref()).map(Rejected::reason);
    let good = [first, second] == [StatusCode::OK; 2] && reason == Some(Reason::DeadlineExceeded);
    good.then_some(())
        .ok_or_else(|| "the story went otherwise".into())
}

async fn ask(client: &mut BoxClient<Body>, call: Call) -> Result<StatusCode, BoxError> {
    let messages = value!([{"role": "user", "content": "Is the gate open?"}]);
    let body = value!({"model": "chat", "messages": messages});
    let mut request = json::post("/v1/chat/completions", &body)?;
    request.extensions_mut().insert(call);
    let response = client.ready().await?.call(request).await?;
    let status = response.status();
    let by = Served::of(&response).map(|served| served.target().clone());
    let answer: Value = json::read(response).await?;
    println!("  answer  {}", answer["choices"][0]["message"]["content"]);
    println!("      by  {}", by.ok_or("nobody")?);
    Ok(status)
}

fn show(handle: &Handle) {
    for cooling in handle.route().iter().flat_map(|route| route.cooldowns()) {
        println!("  {cooling}");
    }
    for key in handle.limit().iter().flat_map(|limit| limit.states()) {
        println!("  {key}");
    }
    for breaker in handle.breaker().iter().flat_map(|breaker| breaker.list()) {
        println!("  {breaker}");
    }
}
