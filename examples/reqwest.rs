//! A stack around a `reqwest::Client`, used as one: `cargo run --release --example reqwest`.
//!
//! A provider on loopback refuses the first call and tells how long to wait; the call is answered all
//! the same. Then it refuses for ten minutes: a call with a timeout of a minute does not wait for that,
//! it gets the refusal at once. The exit status is 1 if the server counted other calls than these.

use std::{error::Error, process::ExitCode, time::Duration};

use tollgate::{Event, Stack};
use tollgate_reqwest::{Bridge, Transport};
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider};

fn limited(wait: Duration) -> Fault {
    let limited = Limited::new(Kind::Requests).retry_after(wait);
    Fault::answer(Dialect::OpenAi.rate_limited(&limited))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let provider = Provider::builder(Dialect::OpenAi)
        .text("Three gates.")
        .fault(limited(Duration::from_millis(1_500)).call(1))
        .fault(limited(Duration::from_secs(600)).call(3))
        .build();
    let server = provider.serve().await?;
    let url = format!("{}/v1/chat/completions", server.uri());

    // Any settings of reqwest; `build` adds that no redirect is followed.
    let settings = reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
    let stack = Stack::new()
        .observer(|event: &Event<'_>| println!("  {event}"))
        .around(Transport::build(settings)?)?;
    let stack = Bridge::new(stack);

    // Requests are built as ever; `stack.execute` takes the place of `send`.
    let http = reqwest::Client::new();
    let ask = || {
        let request = http.post(&url).bearer_auth("sk-not-a-real-key");
        let request = request.header("content-type", "application/json");
        request.body(r#"{"model":"gpt-4o-mini","messages":[]}"#)
    };

    println!("Limited for 1.5 seconds:");
    let answer = stack.execute(ask().build()?).await?;
    println!("{} from {}", answer.status(), answer.url());
    let answered = answer.text().await?.contains("Three gates.");

    println!("Limited for ten minutes, and no more time than one:");
    let request = ask().timeout(Duration::from_secs(60)).build()?;
    let answer = stack.execute(request).await?;
    let refused = answer.status() == 429;
    let wait = answer.headers().get("retry-after");
    println!("{}, retry-after: {wait:?}", answer.status());

    let calls = provider.stats().calls;
    println!("reqwest: calls={calls} answered={answered} refused={refused}");
    server.shutdown().await;
    let good = calls == 3 && answered && refused;
    Ok(ExitCode::from(u8::from(!good)))
}
