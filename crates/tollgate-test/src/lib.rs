//! Scripted LLM providers for tests: they speak the providers' dialects, count real quotas, and fail
//! on demand.
//!
//! ```text
//!                        ┌─ dialect: its successes, errors, headers ─┐
//!  your stack ─ request ─▶  quota:   buckets, windows, logs (pure)    ├─ as a tower service (paused clock)
//!             ◀ answer ──   faults:  resets, hangs, cuts, slow drips ─┘  or a server on 127.0.0.1
//! ```
//!
//! | to test | use |
//! |---|---|
//! | what a stack does when a provider pushes back | [`Provider`] with a [`Quota`], as [`service`](Provider::service) |
//! | the same with a real client and real sockets | [`Provider::serve`] |
//! | what a stack does when things break | [`Fault`] |
//! | one answer, word by word | [`Dialect`] and [`Answer`] |
//! | how a layer handles readiness | [`Probe`] |
//! | which decisions a layer takes | [`Recorder`] |
//! | when a layer lets go of a body | [`TrackedBody`] |
//! | waits that are stated as a time of day | [`ManualClock`] |
//! | a simulation of one's own | [`quota::Meters`]: state, cost, now → decision |
//!
//! # Examples
//!
//! A provider with a limit, on the paused clock: an hour of pacing takes no time.
//!
//! ```
//! use http::Request;
//! use std::time::Duration;
//! use tokio::time::{self, Instant};
//! use tollgate_test::{Dialect, Fault, Kind, KitBody, Provider, Quota};
//! use tower::ServiceExt;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let provider = Provider::builder(Dialect::OpenAi)
//!     .quota(Quota::fixed(Kind::Requests, 100, Duration::from_secs(3600)))
//!     .latency(Duration::from_millis(30), Duration::from_millis(10))
//!     .fault(Fault::status(503).call(2))
//!     .seed(7)
//!     .build();
//! let ask = || Request::post("/v1/chat/completions").body(KitBody::new(r#"{"model":"gpt-4o"}"#)).unwrap();
//! let call = || provider.service().oneshot(ask());
//!
//! let first = call().await.unwrap();
//! assert_eq!(first.headers()["x-ratelimit-remaining-requests"], "99");
//! assert_eq!(call().await.unwrap().status(), 503);
//!
//! let start = Instant::now();
//! while call().await.unwrap().status() != 429 {}
//! assert_eq!(provider.stats().served, 100);
//! time::sleep(Duration::from_secs(3600)).await;
//! assert_eq!(call().await.unwrap().status(), 200);
//! # assert!(start.elapsed() >= Duration::from_secs(3600));
//! # });
//! ```
//!
//! The same over a real socket, with a real client:
//!
//! ```
//! use http::Request;
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use tollgate_test::{Dialect, KitBody, Provider};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let server = Provider::new(Dialect::Anthropic).serve().await?;
//! let client = Client::builder(TokioExecutor::new()).build_http::<KitBody>();
//! let request = Request::post(format!("{}/v1/messages", server.uri()))
//!     .body(KitBody::new(r#"{"model":"claude-3-5-haiku-20241022","stream":true}"#))?;
//! let response = client.request(request).await?;
//! assert_eq!(response.headers()["content-type"], "text/event-stream");
//! # drop(response);
//! # drop(client);
//! server.shutdown().await;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # The tower-test way beside it
//!
//! `tower_test::mock` turns a test around: the test itself plays the
//! provider, takes each request and sends each answer. It says exactly what the layer sent and
//! when, where a [`Provider`] says how a whole stack fares. They go together: send an [`Answer`] of
//! a [`Dialect`] through the mock.
//!
//! ```
//! use http::{Request, Response};
//! use std::time::Duration;
//! use tollgate_test::{Dialect, Kind, KitBody, Limited};
//! use tower::{Service, ServiceExt};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let (mut service, mut provider) = tower_test::mock::pair::<Request<KitBody>, Response<KitBody>>();
//! // Here would be `let mut service = your_layer.layer(service);`.
//! let call = service.ready().await.unwrap().call(Request::new(KitBody::default()));
//!
//! let (request, respond) = provider.next_request().await.unwrap();
//! assert_eq!(request.method(), "GET");
//! let limited = Limited::new(Kind::Requests).retry_after(Duration::from_secs(7));
//! respond.send_response(Dialect::Groq.rate_limited(&limited).into());
//!
//! assert_eq!(call.await.unwrap().headers()["retry-after"], "7");
//! # });
//! ```
//!
//! # Time and chance
//!
//! All waits are tokio's, so that a service works on the paused clock; only a [`Server`] needs real
//! time, because sockets do. Everything that is drawn (latency, travel, [`Fault::chance`]) comes out
//! of one seed: the same calls in the same order get the same answers.

mod answer;
mod asked;
mod body;
mod clock;
mod closing;
mod dialect;
mod fault;
mod probe;
mod provider;
pub mod quota;
mod recorder;
mod server;
mod service;
mod tracked;
mod wire;

pub use answer::Answer;
pub use asked::Asked;
pub use body::KitBody;
pub use clock::ManualClock;
pub use dialect::{Dialect, Limited};
pub use fault::Fault;
pub use probe::{Probe, ProbeFuture, ProbeHandle};
pub use provider::{Entry, Headers, Neighbour, Provider, ProviderBuilder, Stats};
pub use quota::Quota;
pub use recorder::Recorder;
pub use server::Server;
pub use service::{AnswerFuture, ProviderService};
/// What a limit counts: the same words as everywhere in tollgate.
pub use tollgate_core::LimitKind as Kind;
pub use tracked::{TrackedBody, Tracker};
pub use wire::Success;
