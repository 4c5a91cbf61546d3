//! The time limits of an attempt: to the head, to the first event, and between two pieces of a body.
//!
//! They belong inside the limiter (the time a call is queued is nobody's slowness) and around the
//! classifier (which holds a stream back until its first event), and they end in errors of class
//! [`Timeout`](tollgate_core::Class::Timeout): a breaker counts them, retry retries them, the router
//! goes on to the next target. The deadline of a whole call is none of theirs: see
//! [`Call`](tollgate_core::Call).
//!
//! tower and tower-http have the first and the last of them too. These know from each other, and have
//! the one in between.

mod body;
mod error;
mod future;
mod layer;
mod recent;
mod service;

pub use body::TimedBody;
pub use error::{Limit, TimedOut};
pub use future::ResponseFuture;
pub use layer::{TimeoutBuilder, TimeoutLayer};
pub use service::Timed;
