//! Layer 1 of tollgate: tells what an LLM provider's answer means.
//!
//! A 429 may mean "try again in two seconds", "your credit is used up" or "not before midnight", and
//! some providers put the same into a 200. [`ClassifyLayer`] reads the status, the headers and the
//! start of an error body once, and leaves a [`Note`] on the response: the class, which limit was
//! met, how far it reaches, how long to wait, and what said so. Every layer above reads that note.
//! The response itself reaches the caller as it came, byte for byte.
//!
//! ```text
//!  request ──▶ retry ──▶ limit ──▶ Classify ──▶ client
//!                                     │
//!  response ◀── every layer above ◀── Note { classification, quota }
//!               reads the note
//! ```
//!
//! # Examples
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use std::{convert::Infallible, time::Duration};
//! use tollgate_classify::ClassifyLayer;
//! use tollgate_core::{Class, Classification};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A provider that has had enough; any client that is a tower service will do.
//! let text = r#"{"error":{"message":"Rate limit reached. Please try again in 2.5s."}}"#;
//! let client = tower::service_fn(move |_: Request<()>| async move {
//!     let response = Response::builder().status(429);
//!     Ok::<_, Infallible>(response.body(Full::new(Bytes::from(text))).unwrap())
//! });
//!
//! let service = ServiceBuilder::new().layer(ClassifyLayer::new()).service(client);
//! let response = service.oneshot(Request::new(())).await?;
//!
//! let seen = Classification::of(&response);
//! assert_eq!(seen.class(), Class::RateLimited);
//! assert_eq!(seen.wait(), Some(Duration::from_millis(2500)));
//! // Nothing of the body is lost.
//! assert_eq!(response.into_body().collect().await?.to_bytes(), text);
//! # Ok(())
//! # }
//! ```
//!
//! A provider of one's own is a [`Classifier`] of a few lines:
//!
//! ```
//! use tollgate_classify::{Answer, Classifier, ClassifyLayer};
//! use tollgate_core::{Class, Classification};
//!
//! #[derive(Debug)]
//! struct Ours;
//!
//! impl Classifier for Ours {
//!     fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
//!         let busy = answer.origin() == Some("llm.internal") && answer.status() == 423;
//!         // `None` leaves the answer to the built-in classifier.
//!         busy.then(|| Classification::new(Class::Overloaded).with_evidence("status 423"))
//!     }
//! }
//!
//! let layer = ClassifyLayer::builder().classifier(Ours).build()?;
//! # let _ = layer;
//! # Ok::<(), tollgate_classify::ConfigError>(())
//! ```
//!
//! # What is read
//!
//! | answer | what is read of its body, at most |
//! |---|---|
//! | status 400 and above | 16 KiB, 2 s |
//! | 2xx `text/event-stream` | up to its first event: 64 KiB, 10 s |
//! | 2xx `application/vnd.amazon.eventstream` | its first frame: 64 KiB, 10 s |
//! | 2xx JSON of a provider that hides errors there | 16 KiB, 2 s |
//! | 2xx `text/plain` or `text/html` of 64 bytes or less | all of it, 2 s |
//! | any other, or one with a content encoding | nothing |
//!
//! A JSON object is enough when its last brace is there. The sizes and times are settings of
//! [`ClassifyBuilder`], and no wait goes beyond the deadline of a [`Call`]. When a limit is met the
//! bytes so far are classified. An event stream is handed on late on purpose: as long as nothing of
//! it has reached the caller, a layer above can still retry it or send it elsewhere.
//!
//! The body is handed on as a [`PeekBody`]: first the frames that were read, then the rest. Empty
//! frames, trailers, errors and size hints stay as they are. A body that breaks while it is read
//! fails nothing: the response comes, and its body ends in that error.
//!
//! Who answered is known by the target of the [`Call`], else by the host of the request.
//!
//! # Readiness
//!
//! That of the inner service: `poll_ready` asks it and `call` calls it at once. The inner service
//! needs not be `Clone`, `Send` or `'static`.
//!
//! # Sharing
//!
//! The classifier, the observer and the settings are made once and shared by all clones of a layer
//! and all its services. There is no other state, and no lock.
//!
//! # Cancellation
//!
//! A future that is dropped drops what it holds: the inner future, or the response with its body.
//!
//! # Order
//!
//! Innermost, next to the client, so that all layers above share one opinion. A response that an
//! inner layer of this kind has left a note on is passed on as it is; use one such layer, because a
//! plain success has no note and its stream would be held back by both. A time limit for an attempt
//! belongs around this layer: it then covers the wait for a first event.
//!
//! # Events
//!
//! An observer hears one [`Classified`] for each answer that is not a plain success.
//!
//! [`Call`]: tollgate_core::Call
//! [`Note`]: tollgate_core::Note

mod body;
mod builder;
mod builtin;
mod chain;
mod classifier;
mod codes;
mod dialect;
mod error;
mod event;
mod facts;
mod layer;
mod origin;
mod peek;
mod phrases;
mod plan;
mod quota;
mod reading;
mod scan;
mod service;
mod settings;
mod shared;
mod text;
mod verdict;

pub mod future;

pub use body::PeekBody;
pub use builder::ClassifyBuilder;
pub use builtin::Builtin;
pub use classifier::{Answer, Classifier};
pub use error::ConfigError;
pub use event::{Classified, Cut};
pub use layer::ClassifyLayer;
pub use service::Classify;
