//! [reqwest](https://docs.rs/reqwest) below a tollgate stack, and a tollgate stack below code that
//! speaks reqwest.
//!
//! ```text
//!  async-openai ─┐
//!  reqwest code ─┴▶ Bridge ─▶ Route ─▶ Retry ─▶ Breaker ─▶ Limit ─▶ Classify ─▶ Transport ─▶ provider
//!                   reqwest's types  └──────── http's types ────────┘           reqwest::Client
//! ```
//!
//! * [`Transport`] makes a [`reqwest::Client`] the client of a stack.
//! * [`Bridge`] gives a stack the types of reqwest: `execute` as a reqwest client has it, a tower
//!   service, and what async-openai needs.
//!
//! Each works without the other.
//!
//! # Five lines
//!
//! ```
//! use tollgate::Stack;
//! use tollgate_reqwest::{Bridge, Transport};
//! # use tollgate_test::{Dialect, Provider};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let server = Provider::new(Dialect::OpenAi).serve().await?;
//! # let url = format!("{}/v1/chat/completions", server.uri());
//! let transport = Transport::build(reqwest::Client::builder())?;
//! let stack = Bridge::new(Stack::new().around(transport)?);
//!
//! // let url = "https://api.openai.com/v1/chat/completions";
//! let request = reqwest::Client::new().post(url).bearer_auth("sk_not_a_real_key");
//! let request = request.body(r#"{"model":"gpt-4o-mini","messages":[]}"#).build()?;
//! let answer = stack.execute(request).await?;
//! assert_eq!(answer.status(), 200);
//! # Ok(())
//! # }
//! ```
//!
//! A [`reqwest::RequestBuilder`] is bound to the client it came from: its `send` goes around the stack.
//! End it with `build`, and hand the request to [`Bridge::execute`].
//!
//! TLS, proxies and connection pools are reqwest's. This crate turns on no feature of it: choose the
//! TLS (`rustls`, `native-tls`) in the `reqwest` line of your own `Cargo.toml`; without one, reqwest
//! reaches `http://` only.
//!
//! # async-openai
//!
//! Its feature `middleware` takes a service in place of its client:
//!
//! ```
//! use async_openai::{Client, config::OpenAIConfig, middleware::HttpRequestFactory};
//! use tollgate::Stack;
//! use tollgate_reqwest::{Bridge, Transport};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let stack = Stack::new().around(Transport::build(reqwest::Client::builder())?)?;
//! let service = Bridge::new(stack)
//!     .building(|request: HttpRequestFactory| async move { request.build().await });
//! let client = Client::with_config(OpenAIConfig::new()).with_http_service(service);
//! # let _ = client;
//! # Ok(())
//! # }
//! ```
//!
//! This names no version of async-openai, so it works with each that has
//! `Client::with_http_service` and reqwest 0.13; it is tested with 0.43.
//!
//! * Its own retries are part of the client that is replaced: there is nothing left to switch off. Do
//!   not put its `OpenAIRetryLayer` around the service. (`with_http_client` after
//!   `with_http_service` would bring them back, and drop the stack.)
//! * A route replaces the key, the address and the model that async-openai sends. Its targets must
//!   speak as OpenAI does.
//! * An answer with an error status is an `OpenAIError::ApiError`. What a layer refuses is an
//!   `OpenAIError::Boxed` that reads as the refusal does, and
//!   [`Rejected::find`](tollgate_core::Rejected::find) finds it in any of its errors.
//!
//! SDKs that take neither a service nor a trait are served by a gateway on loopback, with their number
//! of retries set to 0.
//!
//! # Retries
//!
//! reqwest repeats a request only where the server refused it unread (`REFUSED_STREAM`, `GOAWAY`), which
//! costs nothing; its other retries are off unless a [`reqwest::retry`] policy is set. Leave that to the
//! stack: what reqwest repeats, no limiter counts.
//!
//! # Bodies
//!
//! A [`Bridge`]'s stack gets [`reqwest::Body`]s, so it begins with
//! [`ReplayLayer`](tollgate_core::ReplayLayer) (`Stack` does): bytes are taken as they are, a stream is
//! read up to its cap. Answers are never gathered.
//!
//! # Errors
//!
//! Every layer knows a time-out of reqwest as one. [`reqwest_error`] finds reqwest's own error in a chain;
//! its address has lost query, user name and password, where keys may be.

mod bridge;
mod error;
mod exclusive;
mod transport;

pub use bridge::{Bridge, BridgeError, BridgeFuture, Built, BuiltFuture};
pub use error::reqwest_error;
pub use transport::{AnswerBody, Transport, TransportFuture};
