//! Keeps LLM calls flowing when providers push back: five tower layers, and a stack of them.
//!
//! A call that would die on `429 … try again in 22m46.848s` either waits as long as required, fails over to
//! another model or provider, or returns the original response immediately with its classification.
//!
//! ```
//! # #[cfg(all(feature = "client", feature = "stack"))]
//! # fn five_lines() -> Result<(), tollgate::BoxError> {
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use tollgate::{BoxClient, Client, Route, Stack, provider::preset};
//!
//! let groq = preset::groq().key_from_env()?;
//! let models = [groq.model("llama-3.3-70b-versatile"), groq.model("llama-3.1-8b-instant")];
//! let chat = Route::new("chat").ordered(models);
//! let client: BoxClient<Full<Bytes>> = Stack::new().route(chat).boxed(Client::new())?;
//! # let _ = client;
//! # Ok(())
//! # }
//! ```
//!
//! `client` is a tower [`Service`](tower::Service) for `http::Request`s. Clone it for each call: clones share
//! limits, breakers, budgets and cooldowns. `Stack::around` does without the box, with a long type.
//!
//! # What is where
//!
//! | you want | use |
//! |---|---|
//! | all layers, in the right order | `Stack`; its `Handle` shows and changes what runs |
//! | a client with TLS, HTTP/1.1 and HTTP/2 | `Client`, or any tower service for `http::Request` |
//! | to send JSON and read JSON | [`json`] |
//! | the layers one by one | `ClassifyLayer`, `LimitLayer`, `BreakerLayer`, `RetryLayer`, `RouteLayer` |
//! | them between other people's layers | [`ServiceBuilderExt`], [`BoxBodyLayer`] |
//! | a time limit for whole calls | [`DeadlineLayer`] |
//! | to say something about one call | [`Call`]: deadline, priority, cost, target |
//! | to know what an answer means | [`Classification::of`] |
//! | to know why a call was refused | [`Rejected::find`], [`CallError::find`] |
//! | to know who answered | `Served::of` |
//! | to hear what layers do | [`Event`] |
//! | to answer HTTP with an error of the stack | [`reply()`](reply()) |
//! | the words that all share | [`tollgate::core`](crate::core) |
//!
#![cfg_attr(
    all(
        feature = "client",
        feature = "metrics",
        feature = "stack",
        feature = "tracing"
    ),
    doc = "# Guides\n\nIn [`guide`]: [getting started](guide::getting_started), the [order](guide::order) of \
           layers, [existing tower stacks](guide::tower), [testing](guide::testing), \
           [fallback](guide::fallback) in production, [limits](guide::limits), [tuning](guide::tuning) with a table of every default, \
           [observability](guide::observability), [troubleshooting](guide::troubleshooting), [shutdown](guide::shutdown), \
           [SDKs](guide::sdks) and [migration](guide::migration)."
)]
//!
//! # Features
//!
//! | feature | brings | on by default |
//! |---|---|---|
//! | `stack` | all five layers, and `Stack` | yes |
//! | `classify`, `retry`, `limit`, `breaker`, `route` | one layer each | through `stack` |
//! | `client` | `Client`: hyper-util with rustls | no |
//! | `config` | stacks and routes from TOML, changed while they run | no |
//! | `tracing` | spans and events | no |
//! | `metrics` | counters, gauges and histograms | no |
//! | `compressed` | error bodies in gzip, deflate, brotli and zstd are read | no |
//! | `calendar` | limits of days that end at midnight in a time zone: `Limit::day_in`, `counts = "day"` in TOML | no |
//!
//! A single layer without the others: `default-features = false, features = ["limit"]`.
//!
//! # Runtime
//!
//! All waits are tokio's, so calls must run in a tokio runtime with its timer enabled, and tests can
//! pause the clock. No layer spawns a task or blocks.

pub mod attempt;
pub mod box_body;
#[cfg(feature = "client")]
pub mod client;
mod closing;
#[cfg(feature = "config")]
pub mod config;
pub mod deadline;
pub mod event;
mod ext;
#[cfg(all(
    feature = "client",
    feature = "metrics",
    feature = "stack",
    feature = "tracing"
))]
pub mod guide;
pub mod json;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod operation;
pub mod recent;
pub mod reply;
mod span;
#[cfg(feature = "stack")]
pub mod stack;
pub mod state;
#[cfg(feature = "tracing")]
pub mod trace;

#[cfg(feature = "breaker")]
pub use tollgate_breaker as breaker;
#[cfg(feature = "classify")]
pub use tollgate_classify as classify;
pub use tollgate_core as core;
#[cfg(feature = "limit")]
pub use tollgate_limit as limit;
#[cfg(feature = "retry")]
pub use tollgate_retry as retry;
#[cfg(feature = "route")]
pub use tollgate_route as route;

#[cfg(feature = "breaker")]
pub use breaker::BreakerLayer;
#[cfg(feature = "classify")]
pub use classify::ClassifyLayer;
#[cfg(feature = "limit")]
pub use limit::LimitLayer;
#[cfg(feature = "retry")]
pub use retry::RetryLayer;
#[cfg(feature = "route")]
pub use route::{Route, RouteLayer, Served, provider};
#[cfg(feature = "stack")]
pub use stack::{BoxClient, Stack};

#[cfg(feature = "metrics")]
pub use self::metrics::Metrics;
pub use attempt::AttemptLayer;
pub use box_body::{BoxBody, BoxBodyLayer};
#[cfg(feature = "client")]
pub use client::Client;
pub use deadline::DeadlineLayer;
pub use event::Event;
pub use ext::ServiceBuilderExt;
pub use operation::OperationLayer;
pub use reply::reply;
pub use tollgate_core::{
    BoxError, Call, CallError, Class, Classification, Priority, Reason, Rejected, ReplayBody,
    ReplayLayer, Target,
};
#[cfg(feature = "tracing")]
pub use trace::Tracing;
