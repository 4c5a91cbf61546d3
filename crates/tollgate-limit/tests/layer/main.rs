//! The layer as its users meet it, on the paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod order;
mod refuse;
mod support;
