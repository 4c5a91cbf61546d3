//! What it costs to read a request, by its size: beside `serde_json`, and beside a copy of its bytes.
//!
//! `cargo bench -p tollgate-benches --bench requests` prints for bodies of 1 to 900 KiB how long one
//! reading takes, as a part of what `serde_json` takes to walk over the same bytes (`IgnoredAny`), and how
//! many copies of the body a call through a `Stack` with three targets takes, the model replaced. All in
//! one run. `-- --check` fails where a long prompt of 16 KiB or more takes more than a fifth of
//! `serde_json`, or a call of 900 KiB more than four copies; run it on a quiet machine.

use std::{env, future::poll_fn, hint::black_box, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde::de::IgnoredAny;
use tokio::{
    runtime::{Builder, Runtime},
    time::Instant,
};
use tollgate::{BoxClient, Route, Stack, provider::preset};
use tollgate_benches::Mock;
use tollgate_core::JsonRequest;
use tollgate_limit::{Limit, LimitLayer};
use tower_service::Service;

const SENTENCE: &str =
    r"It was a bright cold day in April, and the clocks were striking thirteen.\n";

fn main() {
    let check = env::args().any(|arg| arg == "--check");
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    let mut worst = (0.0_f64, 0.0_f64);
    println!(
        "{:10} {:>8} {:>10} {:>13} {:>12}",
        "prompt", "bytes", "ns", "of serde_json", "call, copies"
    );
    for kib in [1, 16, 128, 900] {
        for (name, body) in bodies(kib << 10) {
            let bytes = Bytes::from(body);
            let rounds = (20_000_000 / bytes.len()).clamp(20, 10_000);
            let read = least(rounds, || {
                drop(black_box(JsonRequest::read(black_box(&bytes).clone())));
            });
            let theirs = least(rounds, || {
                let walked = serde_json::from_slice::<IgnoredAny>(black_box(&bytes));
                black_box(walked.expect("it is JSON"));
            });
            let copy = least(rounds, || drop(black_box(black_box(&bytes[..]).to_vec())));
            let call = calls(&runtime, rounds, &bytes);
            let (part, copies) = (ratio(read, theirs), ratio(call, copy));
            println!(
                "{name:10} {:8} {:10} {part:13.3} {copies:12.1}",
                bytes.len(),
                read.as_nanos()
            );
            if name == "text" && kib >= 16 {
                worst.0 = worst.0.max(part);
            }
            if name == "text" && kib == 900 {
                worst.1 = copies;
            }
        }
    }
    if check {
        assert!(worst.0 <= 0.2, "reading takes {:.2} of serde_json", worst.0);
        assert!(worst.1 <= 4.0, "a call takes {:.1} copies", worst.1);
    }
}

/// One prompt of so many bytes: a text, a conversation, code (full of escapes), tools (full of short
/// strings), and a picture.
fn bodies(len: usize) -> [(&'static str, String); 5] {
    let one = |piece: &str| {
        let text = piece.repeat(len / piece.len());
        format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{text}"}}]}}"#)
    };
    let many = |key: &str, piece: &str| {
        let all = vec![piece; (len / piece.len()).max(1)].join(",");
        format!(r#"{{"model":"gpt-4o","{key}":[{all}],"max_tokens":100}}"#)
    };
    let turn = format!(r#"{{"role":"user","content":"{}"}}"#, SENTENCE.repeat(4));
    let tool = r#"{"type":"function","function":{"name":"get_weather","description":"The weather of a city","parameters":{"type":"object","properties":{"city":{"type":"string"},"unit":{"type":"string","enum":["c","f"]}},"required":["city"]}}}"#;
    [
        ("text", one(SENTENCE)),
        ("turns", many("messages", &turn)),
        ("code", one(r#"if x == \"a\" {\n    print(\"hello\")\n}\n"#)),
        ("tools", many("tools", tool)),
        (
            "picture",
            one("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODk"),
        ),
    ]
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// The time of one of many rounds, the least of several tries.
fn least(rounds: usize, mut one: impl FnMut()) -> Duration {
    let tries = (0..7).map(|_| {
        let start = Instant::now();
        (0..rounds).for_each(|_| one());
        start.elapsed() / rounds as u32
    });
    tries.min().unwrap_or_default()
}

/// The time of one call.
fn calls(runtime: &Runtime, rounds: usize, body: &Bytes) -> Duration {
    let route = Route::new("chat")
        .ordered([preset::groq().key("k").model("llama-3.3-70b-versatile")])
        .ordered([preset::openai().key("k").model("gpt-4o-mini")])
        .ordered([preset::mistral().key("k").model("mistral-small-latest")]);
    // Limits that nobody meets: without any the limiter lets a new target have a few calls at a time.
    let second = Duration::from_secs(1);
    let limits = LimitLayer::builder()
        .limit(Limit::requests(100_000_000, second).bucket(100_000_000))
        .limit(Limit::tokens(4_000_000_000, second).bucket(4_000_000_000))
        .concurrency(1_000);
    let stack = Stack::new().route(route).limit(|_| limits);
    let stack = stack.boxed(Mock::bare());
    let mut client: BoxClient<Full<Bytes>> = stack.expect("a good route");
    let call = || {
        let request = Request::post("https://api.openai.com/v1/chat/completions")
            .header("content-type", "application/json")
            .body(Full::new(body.clone()));
        runtime.block_on(async {
            poll_fn(|cx| client.poll_ready(cx)).await.expect("ready");
            let answer = client.call(request.expect("a request")).await;
            drop(black_box(answer.expect("an answer")));
        });
    };
    least(rounds, call)
}
