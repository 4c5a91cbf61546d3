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
//! | status 400 and above | 16 KiB, 2 s; with the feature `compressed` also where it is |
//! | 2xx `text/event-stream` | up to its first event: 64 KiB, 10 s; then the events that pass |
//! | 2xx `application/vnd.amazon.eventstream` | the same, frame by frame |
//! | 2xx `application/x-ndjson` to a POST | the same, line by line |
//! | 2xx JSON of a provider that is known to put errors there | 16 KiB, 2 s |
//! | 2xx JSON of any other, to a POST | 512 bytes, 2 s; where they look like an error, 16 KiB |
//! | 2xx `text/plain` or `text/html` of 64 bytes or less | all of it, 2 s |
//! | any other, a success with a content encoding | nothing |
//!
//! A JSON object is enough when its last brace is there. The sizes and times are settings of
//! [`ClassifyBuilder`], and no wait goes beyond the deadline of a [`Call`]. When a limit is met the
//! bytes so far are classified.
//!
//! # Streams
//!
//! The layer holds an event stream back until its first event, on purpose: as long as nothing of it has
//! reached the caller, a layer above can still retry it or send it elsewhere. Events that show nothing to
//! a user do not count: comments, pings, and those that only open a stream (Anthropic's `message_start`,
//! the chunk that names the role, `response.created`, Azure's report on its filter of the prompt).
//!
//! Behind the first event nothing is held back any more. The layer reads the events while they pass, and
//! writes what it finds into the [`StreamReport`] of the [`Note`]: an error event, which the breaker, the
//! router and the events of a call then take for the failure that it is, and the number of events, by
//! which a time limit tells a stream that only sends comments from one that goes on. The bytes stay as
//! they are, and are copied only where an event is cut in two by a frame. An event that is longer than
//! 64 KiB and cut so is not looked at. A classifier of your own is asked about a later event when its
//! name ends in `error`, `failed` or `exception`, or it holds a JSON string that ends in `error`, `_code` or
//! `Exception`.
//!
//! An opening shows that the provider is at work. So a stream that has one is handed on shortly before the
//! [time of its attempt](tollgate_core::Call::attempt_deadline) is over, and is not ended by it.
//!
//! # Successes that say nothing
//!
//! A 200 to a POST whose stream ends without an event, or whose JSON body is empty or blank, is no success:
//! nothing came of the call. It is classified as [`Class::ServerError`].
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
//! # Features
//!
//! * `compressed`: error bodies in gzip, deflate, brotli and zstd are decoded to be read, 16 KiB of their
//!   text at most. The bytes that the caller receives stay compressed. Off by default.
//!
//! # Events
//!
//! The observer receives one [`Classified`] for each answer that is not a plain success, and one for the
//! first error event of a stream that began as one.
//!
//! [`Call`]: tollgate_core::Call
//! [`Class::ServerError`]: tollgate_core::Class::ServerError
//! [`Note`]: tollgate_core::Note
//! [`StreamReport`]: tollgate_core::StreamReport

mod asked;
mod body;
mod builder;
mod builtin;
mod chain;
mod classifier;
mod codes;
mod dialect;
mod encoded;
mod error;
mod event;
mod facts;
mod late;
mod layer;
mod opening;
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
