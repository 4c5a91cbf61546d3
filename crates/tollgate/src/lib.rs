//! Keeps LLM calls flowing when providers push back: five tower layers, and a stack of them.
//!
//! A call that would die on `429 … try again in 22m46.848s` waits exactly as long as it must, or is
//! answered by another model or provider, or comes back at once, whole, with what the answer means.
//!
//! ```
//! # #[cfg(all(feature = "client", feature = "stack"))]
//! # fn five_lines() -> Result<(), tollgate::BoxError> {
//! use tollgate::{Client, Route, Stack, provider::preset};
//!
//! let groq = preset::groq().key_from_env()?;
//! let openai = preset::openai().key_from_env()?;
//! let chat = Route::new("chat").ordered([groq.model("llama-3.3-70b-versatile"), openai.model("gpt-4o-mini")]);
//! let client = Stack::new().route(chat).around(Client::new())?;
//! # type Body = http_body_util::Full<bytes::Bytes>;
//! # let client = tollgate::core::check::<_, Body>(client);
//! # Ok(())
//! # }
//! ```
//!
//! `client` is a tower [`Service`](tower::Service) for `http::Request`s with any body.

#[cfg(feature = "client")]
pub mod client;
pub mod deadline;
pub mod event;
mod ext;
pub mod json;
pub mod reply;
#[cfg(feature = "stack")]
pub mod stack;

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
pub use stack::{BoxBody, BoxClient, Stack};

#[cfg(feature = "client")]
pub use client::Client;
pub use deadline::DeadlineLayer;
pub use event::Event;
pub use ext::ServiceBuilderExt;
pub use reply::reply;
pub use tollgate_core::{BoxError, Call, Class, Classification, Rejected, ReplayLayer, Target};
