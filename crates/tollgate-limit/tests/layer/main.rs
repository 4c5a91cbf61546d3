//! The layer as its users meet it, on the paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod answers;
mod batches;
mod bodies;
mod calendar;
mod cancel;
mod configured_only;
mod events;
mod evict;
mod full_map;
mod gated;
mod handle;
mod keys;
mod max_wait;
mod order;
mod overtaking;
mod pitfalls;
mod refuse;
mod remote;
mod runtimes;
mod settings;
mod support;
mod tokens;
mod unpolled;
