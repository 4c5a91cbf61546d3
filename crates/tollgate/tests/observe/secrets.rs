//! No key, no header, no query and no body is ever shown.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tollgate::{Tracing, core::Target, route::provider::preset};
use tollgate_test::Fault;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::*;

/// A log that is read afterwards.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics inside").extend(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no test panics inside").clone()).expect("text")
    }
}

/// Every key, every header of the caller, the query and the prompt have the canary in them.
#[tokio::test(start_paused = true)]
async fn the_canary_is_in_no_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let prompt = r#"{"model":"any","messages":[{"role":"user","content":"canary"}]}"#;
    let limited = Fault::status(429).calls(2..=9);
    let ill = openai().fault(Fault::status(500).first(3));
    let (client, handles) = stack(internet(groq().fault(limited), ill), Tracing::new(), true);
    for _ in 0..4 {
        match send(&client, asking(prompt)).await {
            Ok(answer) => {
                tracing::trace!(?answer, "what the caller got");
                let _ = read(answer).await;
            }
            Err(error) => tracing::trace!(?error, %error, "what the caller got"),
        }
    }
    handles
        .breaker
        .force_open(&Target::new("groq", "big"), None);
    tracing::trace!(?client, ?handles, route = ?route(), "all there is");
    tracing::trace!(stack = handles.debug, "all layers");
    tracing::trace!(provider = ?preset::groq().key("gsk-canary"), "a provider");

    let text = log.text();
    for part in [
        "switching",
        "admitted",
        "operation",
        "attempt",
        "all there is",
    ] {
        assert!(text.contains(part), "{part} is not in the log:\n{text}");
    }
    let shown: Vec<_> = text.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

/// A model's name comes out of a request, so it must not begin a line of its own.
#[tokio::test(start_paused = true)]
async fn a_name_makes_no_line_of_its_own() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let layer = tollgate::OperationLayer::new()
        .observer(Tracing::new())
        .spans(true);
    let client = tower::Layer::layer(&layer, groq().build().service());
    let request = http::Request::post("https://api.groq.com/v1/chat/completions");
    let request = request.body(Body::from(r#"{"model":"m\nERROR forged\u001b[31m"}"#));
    let answer = tower::ServiceExt::oneshot(client, request.expect("a request")).await;
    drop(answer.expect("one"));
    let long = format!(r#"{{"model":"{}"}}"#, "m".repeat(1 << 20));
    let client = tower::Layer::layer(&layer, groq().build().service());
    let request = http::Request::post("https://api.groq.com/v1/chat/completions");
    let request = request.body(Body::from(long)).expect("a request");
    drop(
        tower::ServiceExt::oneshot(client, request)
            .await
            .expect("one"),
    );
    let text = log.text();
    assert!(text.len() < 20_000, "a long name fills {}", text.len());
    assert!(text.contains("forged"), "{text}");
    assert!(
        !text.contains("\nERROR forged") && !text.contains('\u{1b}'),
        "{text}"
    );
}
