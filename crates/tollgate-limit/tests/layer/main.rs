//! The layer as its users meet it, on the paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod answers;
mod bodies;
mod cancel;
mod events;
mod handle;
mod keys;
mod order;
mod pitfalls;
mod refuse;
mod remote;
mod runtimes;
mod settings;
mod support;
mod unpolled;
