//! reqwest on both sides of a tollgate stack.

mod bridge;
mod error;
mod transport;

pub use bridge::{Bridge, BridgeError, BridgeFuture, Built, BuiltFuture};
pub use error::reqwest_error;
pub use transport::{AnswerBody, Transport, TransportFuture};
