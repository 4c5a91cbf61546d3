//! A web service that calls an LLM: `cargo run --release --example axum_app`.
//!
//! `POST /summarize` asks the provider through the stack, which lives in axum's state. The provider,
//! on loopback, allows 10 calls a second; 36 come at once, a few of which cannot wait for their turn.
//! What ends in an error is answered with the status and the `Retry-After` that go with it.

use std::time::Duration;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::future::try_join_all;
use http_body_util::Full;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::Instant};
use tollgate::{BoxClient, BoxError, Call, Client, Route, Stack, limit::Limit, provider::preset};
use tollgate_test::{Dialect, Kind, Provider, Quota};
use tower::ServiceExt;

const SECOND: Duration = Duration::from_secs(1);

type Llm = BoxClient<Full<Bytes>>;

#[derive(Deserialize)]
struct Ask {
    text: String,
    /// How long the caller waits for the summary.
    patience_ms: u64,
}

async fn summarize(State(llm): State<Llm>, Json(ask): Json<Ask>) -> Response {
    let answer = through(llm, ask).await;
    answer.unwrap_or_else(|error| tollgate::reply(error.as_ref()).map(Body::new))
}

/// The text of the model; an answer of the provider that is no success, as it came.
async fn through(llm: Llm, ask: Ask) -> Result<Response, BoxError> {
    let prompt = json!([{"role": "user", "content": format!("Summarize: {}", ask.text)}]);
    let body = json!({"model": "chat", "messages": prompt});
    let mut request = tollgate::json::post("/v1/chat/completions", &body)?;
    let patience = Duration::from_millis(ask.patience_ms);
    let call = Call::new().with_deadline_in(patience);
    request.extensions_mut().insert(call);
    let response = llm.oneshot(request).await?;
    if !response.status().is_success() {
        return Ok(response.map(Body::new));
    }
    let answer: Value = tollgate::json::read(response).await?;
    let text = answer["choices"][0]["message"]["content"].as_str();
    Ok(text.unwrap_or_default().to_owned().into_response())
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(Quota::bucket(Kind::Requests, 10, SECOND, 10))
        .latency(SECOND / 10, SECOND / 20)
        .build();
    let upstream = provider.serve().await?;
    // Without the base, and with `key_from_env()`, this is the real one.
    let base = format!("{}/v1", upstream.uri());
    let openai = preset::openai().base(base).key("sk_not_a_key");
    let chat = Route::new("chat").ordered([openai.model("gpt-4o-mini")]);
    let known = Limit::requests(10, SECOND).bucket(10);
    let stack = Stack::new().route(chat).limit(|limit| limit.limit(known));
    let llm: Llm = stack.boxed(Client::new())?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let here = format!("http://{}/summarize", listener.local_addr()?);
    let app = Router::new().route("/summarize", post(summarize));
    tokio::spawn(axum::serve(listener, app.with_state(llm)).into_future());

    let (client, start) = (Client::new(), Instant::now());
    let calls = (0..36).map(async |number| {
        let patience = if number < 30 { 10_000 } else { 500 };
        let ask = json!({"text": "a long story", "patience_ms": patience});
        let request = tollgate::json::post(&here, &ask)?;
        let response = client.clone().oneshot(request).await?;
        let (status, at) = (response.status(), start.elapsed());
        if let Some(wait) = response.headers().get("retry-after-ms") {
            println!("{at:>6.1?}  {status}, come back in {wait:?} ms");
        }
        Ok::<_, BoxError>(status)
    });
    let answers = try_join_all(calls).await?;
    let good = answers.iter().filter(|status| status.is_success()).count();
    let (met, took) = (provider.stats().rate_limited, start.elapsed());
    println!("{took:>6.1?}  {good} of 36 answered; the provider turned {met} calls away");
    let fine = good >= 30 && met == 0;
    fine.then_some(())
        .ok_or_else(|| "too few were answered".into())
}
