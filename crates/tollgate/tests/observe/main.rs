//! What a stack tells: events, spans, metrics and snapshots, seen from outside.

#[cfg(feature = "tracing")]
mod capture;
#[cfg(feature = "tracing")]
mod fields;
#[cfg(feature = "metrics")]
mod metrics;
mod operation;
#[cfg(feature = "tracing")]
mod secrets;
#[cfg(feature = "tracing")]
mod spans;
mod state;
mod stories;
mod support;
