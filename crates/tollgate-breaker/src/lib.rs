//! Shuts a provider off while it is ill, and takes it back by probes.
//!
//! ```text
//!                 5 failures in a row,
//!                 or half of 10 calls in 30 s
//!      ┌────────┐ ─────────────────────────▶ ┌────────┐ ◀── a probe failed:
//!      │ CLOSED │                            │  OPEN  │     open again
//!      └────────┘                            └────────┘ ──┐        │
//!       calls pass                  calls are refused     │        │
//!           ▲                                  the time is over    │
//!           │                                             ▼        │
//!           │        2 probes succeeded            ┌───────────┐   │
//!           └───────────────────────────────────── │ HALF-OPEN │ ──┘
//!                                                  └───────────┘
//!                                     one call passes as a probe, then two, ...
//! ```
//!
//! # The rules
//!
//! * It opens on either of two conditions: failures in a row, or their part of the calls in a window
//!   that slides in ten steps. Both at once, because each alone misses something: a busy client
//!   whose calls fail half of the time has no five in a row, and a rare one has no ten calls in 30 s.
//!   A third, for slow calls, is off unless asked for. A success never opens it.
//! * Failures come back at once, and answers take their time: of a crowd that a provider serves, but for
//!   one call in twenty, the failures come first. So a quarter of the calls that were sent and are still out
//!   count as if they were served: the row must be as long as they are many, and they lower the rate. Not
//!   where a call timed out: then all are out, and that is the outage.
//! * Connections that break within 50 ms are one failure: somebody in between closed all of them. A
//!   connection that had been used before ([`StaleConnection`](tollgate_core::StaleConnection)) counts nothing.
//! * Bodies that break, or carry an error event of one of the classes below, are counted in a row of their
//!   own, which a body that ends well ends: where streams break one after the other, others begin well
//!   meanwhile. Error events are seen where a classifier below reads the stream.
//! * A failure is an answer of class `Overloaded`, `ServerError`, `Timeout` or `Transport`. All other
//!   errors are neutral: a 401 is counted neither as failure nor as success, nor does it end a row of
//!   failures. So is what a layer below refused, an upload that its own caller broke off, and a call that was
//!   dropped; but see [Cancellation](#cancellation).
//! * Half open, though, any answer that is no failure is a good probe, if it was not slow: a provider
//!   that was down and now says 429 or 401 is there again, and would else be kept half open for as
//!   long as it says nothing else.
//! * To be rate limited is neutral too, unless asked for ([`BreakerLayer::with_rate_limits`]). Then
//!   the wait that the provider told is the least it stays open, unless a call has succeeded since.
//! * It is open for 5 s at first. While the provider stays ill, it is open for a second for each minute of
//!   that, up to 60 s. Up to a tenth is added at random.
//! * Half open, one call may be in flight, and twice as many after each success. A probe that is
//!   dropped or panics gives its place back. What was let in before the state last changed counts
//!   nothing, however late it comes. A probe that has not ended after 60 s keeps no other out.
//! * A response counts when its head is there, and if its body breaks later, it was a failure after
//!   all; by choice only the end of the body is a success ([`Builder::whole_body`]).
//!
//! All numbers are settings of the [`Builder`].
//!
//! # Examples
//!
//! ```
//! use std::{convert::Infallible, time::Duration};
//!
//! use http::{Request, Response};
//! use tollgate_breaker::BreakerLayer;
//! use tollgate_core::{Reason, Rejected};
//! use tower::{Layer, Service, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let provider = service_fn(|_: Request<String>| async {
//!     let down = Response::builder().status(503).header("retry-after", "30");
//!     Ok::<_, Infallible>(down.body("no capacity".to_owned()).unwrap())
//! });
//! let mut client = BreakerLayer::new().layer(provider);
//! let ask = || Request::post("https://api.example.com/v1").body(String::new()).unwrap();
//!
//! for _ in 0..5 {
//!     let answer = client.ready().await.unwrap().call(ask()).await.unwrap();
//!     assert_eq!(answer.status(), 503, "handed over untouched");
//! }
//! let error = client.ready().await.unwrap().call(ask()).await.unwrap_err();
//! let refused = Rejected::find(error.as_ref()).unwrap();
//! assert_eq!(refused.reason(), Reason::CircuitOpen);
//! assert_eq!(refused.retry_after(), Some(Duration::from_secs(30)));
//! # }
//! ```
//!
//! # Alone, or above others
//!
//! It needs nothing below: it then judges by status and error. A classifier below leaves a
//! [`Note`](tollgate_core::Note) that says more: an overload behind a 429, an error inside a 200.
//! With a time-out between it and the client, a provider that hangs opens it; without one, nothing
//! ever ends there, and what does not end counts nothing. An error of tower's `Timeout` is a
//! [`Transport`](tollgate_core::Class::Transport) failure, unless the feature `tower` of
//! `tollgate-core` is on; both count.
//!
//! # Keys
//!
//! Each [`Target`](tollgate_core::Target) in a request's [`Call`](tollgate_core::Call) has a breaker
//! of its own. A request without one goes by its host, whatever its model: an outage is one of the
//! host, and servers on several ports of one are several. [`Builder::key`] takes a function
//! instead. To find the breaker of a known key allocates
//! nothing (but for a host that is written with capitals). At most 10,000 keys are kept.
//!
//! # Readiness
//!
//! Always ready, so that it can refuse at once; see [`Breaker`]. It never sleeps. Only a call that
//! finds the service below not ready waits, for that, inside its future. Should that fail, the error
//! is passed on and counts nothing: no call was made.
//!
//! # Sharing
//!
//! Clones of a [`BreakerLayer`] and of its services share the breakers. A service keeps the breaker
//! of its last call at hand, and a layer that of its first; while they live, those keys are not
//! forgotten.
//!
//! # Cancellation
//!
//! Dropping the future, or the response body, leaves no place taken, and counts nothing by itself: a call
//! may have waited in a queue below. The time limits around the client know better. Where they
//! [tell](tollgate_core::AttemptListener) the [`Handle`] of an attempt that was dropped before its head, it is a
//! failure if it took twice as long as the slowest answer of late (3 s where there was none). So a provider
//! that hangs is found by callers who leave, too. A time-out at the deadline of a call counts by the same rule.
//!
//! # Order
//!
//! Outside whatever queues calls, so that an open breaker queues none, and inside whatever retries,
//! so that each attempt counts. Calls that passed and still wait in the queue below when it opens are
//! ended, if [`Builder::evict`] names that queue. How long a limiter below held a call is not taken for slowness, if
//! it says so in the note. Time-outs of one attempt belong below, the one of the whole call above.
//!
//! # Events
//!
//! [`Event`] tells of every change, probe and refusal. A [`Handle`] shows and moves each breaker,
//! lets people subscribe to its changes, keeps what is open across a restart, and is an
//! [`Outlook`](tollgate_core::Outlook) for a router.
//!
//! # Features
//!
//! * `serde`: a [`Snapshot`] can be written and read. Off by default.

mod body;
mod builder;
mod cell;
mod cells;
mod config;
mod event;
mod handle;
mod judge;
mod key;
mod layer;
mod permit;
mod probes;
mod rules;
mod service;
mod shared;
mod snapshot;
mod state;
mod status;
mod sync;
mod time;
mod window;

pub mod future;

pub use body::GuardBody;
pub use builder::Builder;
pub use config::ConfigError;
pub use event::Event;
pub use handle::Handle;
pub use judge::Verdict;
pub use key::Head;
pub use layer::BreakerLayer;
pub use rules::Why;
pub use service::Breaker;
pub use snapshot::Snapshot;
pub use status::{State, Status};
