//! The layer as its users meet it, on the paused clock.

mod abandoned;
mod bodies;
mod cancel;
mod counted;
mod evict;
mod handle;
mod keys;
mod out;
mod rate_limits;
mod readiness;
mod settings;
mod snapshot;
mod stress;
mod support;
mod times;
