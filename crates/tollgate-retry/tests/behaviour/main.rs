//! What the layer does, seen from outside, on the paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod cancel;
mod changes;
mod compose;
mod events;
mod gated;
mod policy;
mod readiness;
mod resend;
mod settings;
mod support;
