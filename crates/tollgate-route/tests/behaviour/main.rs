//! What the layer does, seen from outside, on the paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod accounts;
mod bodies;
mod changes;
mod choice;
mod fallback;
mod handle;
mod invoke;
mod readiness;
mod responses;
mod secrets;
mod signing;
mod support;
mod timeouts;
mod tries;
mod waits;
