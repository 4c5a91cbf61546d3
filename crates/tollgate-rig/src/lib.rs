//! A tollgate stack as the HTTP client of [rig](https://docs.rs/rig-core).
//!
//! ```text
//!  agent, model ─▶ rig's provider ─▶ RigClient ─▶ Route ─▶ Retry ─▶ … ─▶ any client Service
//! ```
//!
//! rig 0.44 sends everything through one trait, [`HttpClientExt`](rig_http::http_client::HttpClientExt).
//! [`RigClient`] is that trait on a stack: completions, streams, embeddings and forms of all of rig's
//! providers are then classified, limited, retried and routed, and no other line of a program changes.
//!
//! # Five lines
//!
//! ```
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use rig_core::{completion::CompletionRequest, providers::openai::OpenAIConfig};
//! use tollgate::Stack;
//! use tollgate_rig::RigClient;
//! # use tollgate_test::{Dialect, Provider};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Provider::builder(Dialect::OpenAi).text("Paris.").build().serve().await?;
//! # let config = OpenAIConfig::new("sk_not_a_real_key");
//! # let config = config.with_base_url(format!("{}/v1", server.uri()));
//! // `tollgate::client` has a client with TLS; this one is for loopback.
//! let client = Client::builder(TokioExecutor::new()).build_http();
//! let http = RigClient::new(Stack::new().around(client)?);
//!
//! // let config = OpenAIConfig::from_env()?;
//! let model = config.connect(http).chat("gpt-4o-mini");
//! let answer = model.call(CompletionRequest::new("Capital of France?")).await?;
//! assert_eq!(answer.text(), "Paris.");
//! # Ok(())
//! # }
//! ```
//!
//! Give clones of one `RigClient` to all providers, so that they share its limits; its layers keep them
//! apart by host. A stack around a reqwest client (`tollgate_reqwest::Transport`) works as well.
//!
//! # Retries
//!
//! rig's HTTP clients and provider models do not retry, so there is nothing to switch off there. Its
//! errors have `is_retryable()`, which is true for what the stack has tried already, and for what it
//! refused: a loop of your own around rig multiplies attempts. A `rig-core` with the feature `reqwest`
//! brings a client of its own, which is used wherever no other is given (`OpenAI::from_env()`): those
//! calls go around the stack.
//!
//! # Fallback
//!
//! A route sends each request where it says, with the key, the address and the model of its target;
//! what rig was given for these is replaced. Its targets must speak the format that rig speaks:
//! `OpenAIConfig`'s `chat` (not `completion`, which asks `/responses`) for targets that speak like
//! OpenAI, `AnthropicConfig` for those that speak like Anthropic.
//!
//! # Errors
//!
//! An answer with an error status is rig's `ProviderError::ProviderResponse`, with status, headers and
//! body. All else is a `ProviderError::Http`, which shows its text but gives no source; a refusal is in
//! the error inside:
//!
//! ```
//! # use rig_core::error::ProviderError;
//! use tollgate_core::Rejected;
//!
//! fn refusal(error: &ProviderError) -> Option<&Rejected> {
//!     match error {
//!         ProviderError::Http(error) => Rejected::find(&**error),
//!         _ => None,
//!     }
//! }
//! # use tollgate_core::Reason;
//! # let inner = rig_http::http_client::Error::instance(Rejected::new(Reason::QueueFull));
//! # assert!(refusal(&ProviderError::from_transport_error(inner)).is_some());
//! ```
//!
//! # Versions
//!
//! Each version of rig has a trait of its own: this crate is for `rig-core` and `rig` 0.44, the last
//! that Rust 1.95 builds. It depends on `rig-http` alone.

mod client;
mod form;
mod read;

pub use client::RigClient;
