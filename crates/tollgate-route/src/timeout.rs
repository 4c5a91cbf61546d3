//! The time limits of an attempt: to the head, to the first event, and between two pieces of a body; and
//! the two that its [`Call`](tollgate_core::Call) brings along, the deadline and the share of it that this
//! target gets.
//!
//! They belong inside the limiter (the time a call is queued is nobody's slowness) and around the
//! classifier (which holds a stream back until its first event), and they end in errors of class
//! [`Timeout`](tollgate_core::Class::Timeout): a breaker counts them, retry retries them, the router
//! goes on to the next target. The error says which limit was met, after how long, and who had not
//! answered. An attempt that is dropped before its head came, and a stream that carries an error event, are
//! reported to the [listeners](TimeoutBuilder::listener).
//!
//! tower and tower-http have the first and the last of them too. These know from each other, and have
//! the one in between.

mod body;
mod future;
mod layer;
mod recent;
mod service;

pub use body::TimedBody;
pub use future::ResponseFuture;
pub use layer::{TimeoutBuilder, TimeoutLayer};
pub use service::Timed;
pub use tollgate_core::{TimeLimit, TimedOut};
