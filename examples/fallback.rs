//! A call that three targets refuse is answered by the fourth: `cargo run --release --example fallback`.
//!
//! Groq tells its callers to come back in 22m46.848s; the answer is there at once all the same. The
//! last line is checked against what the servers counted; the exit status is 1 if they disagree.

use std::{error::Error, process::ExitCode, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::Instant;
use tollgate_classify::ClassifyLayer;
use tollgate_core::Window;
use tollgate_retry::RetryLayer;
use tollgate_route::{
    Event, Provider as ToProvider, Route, RouteLayer, Served, Wire, provider::preset,
};
use tollgate_test::{Answer, Dialect, Fault, Kind, Limited, Provider};
use tower::{ServiceBuilder, ServiceExt};

const BIG: &str = "llama-3.3-70b-versatile";
const SMALL: &str = "llama-3.1-8b-instant";
const CLAUDE: &str = "claude-3-5-haiku-20241022";
const TOLD: Duration = Duration::from_millis(1_366_848);

/// A used-up day in Groq's words, with the wait in the text alone, to the millisecond.
fn used_up() -> Answer {
    let day = Limited::new(Kind::Tokens).window(Window::Day);
    let limited = day.of(100_000, 99_582, 2_000).model(BIG);
    let answer = Dialect::Groq.rate_limited(&limited.retry_after(TOLD));
    let text = answer.value().unwrap_or_default();
    Answer::json(StatusCode::TOO_MANY_REQUESTS, &text)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let serve = |dialect, faults| Provider::builder(dialect).key("k").script(faults).build();
    let faults = [Fault::answer(used_up()), Fault::status(429)];
    let groq = serve(Dialect::Groq, faults.to_vec());
    let no_credit = Fault::answer(Dialect::OpenAi.quota_exhausted("gpt-4o"));
    let openai = serve(Dialect::OpenAi, vec![no_credit]);
    let anthropic = serve(Dialect::Anthropic, vec![]);
    let (a, b, c) = (
        groq.serve().await?,
        openai.serve().await?,
        anthropic.serve().await?,
    );

    // The presets know where their providers are; today they are on this machine.
    let here = |preset: ToProvider, uri| preset.base(format!("{uri}/v1")).key("k");
    let to_groq = here(preset::groq(), a.uri());
    let to_openai = here(preset::openai(), b.uri());
    let to_anthropic = here(preset::anthropic().speaking(Wire::OpenAi), c.uri());
    let route = Route::new("chat")
        .ordered([to_groq.model(BIG), to_groq.model(SMALL)])
        .ordered([to_openai.model("gpt-4o")])
        .ordered([to_anthropic.model(CLAUDE)]);

    let start = Instant::now();
    let tell = move |event: &Event| println!("{:>7.1?}  {event}", start.elapsed());
    let client = ServiceBuilder::new()
        .layer(RouteLayer::builder(route).observer(tell).build()?)
        .layer(RetryLayer::new())
        .layer(ClassifyLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());

    println!("Asking {BIG}:");
    let body = format!(r#"{{"model":"{BIG}","messages":[]}}"#);
    let request = Request::post("https://any.example/v1/chat/completions");
    let response = client.oneshot(request.body(Full::from(body))?).await?;
    let elapsed = start.elapsed();
    println!("{elapsed:>7.1?}  {}", response.status());

    let served = Served::of(&response).ok_or("nobody answered")?;
    let (target, failed) = (served.target(), served.attempts());
    let (attempts, ms) = (failed.len() + 1, elapsed.as_millis());
    let by = format!("{}/{}", target.provider(), target.model().unwrap_or("?"));
    let told = failed[0].wait().unwrap_or_default().as_millis();
    println!("fallback: answered_by={by} told_wait_ms={told} elapsed_ms={ms} attempts={attempts}");

    let counts = [
        groq.stats().calls,
        openai.stats().calls,
        anthropic.stats().served,
    ];
    let good = counts == [2, 1, 1] && attempts == 4 && by == format!("anthropic/{CLAUDE}");
    let good = good && told == TOLD.as_millis() && ms < 2_000;
    Ok(ExitCode::from(u8::from(!good)))
}
