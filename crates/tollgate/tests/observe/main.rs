//! What a stack tells: events, spans, metrics and snapshots, seen from outside.

#[cfg(feature = "tracing")]
mod capture;
#[cfg(feature = "tracing")]
mod fields;
mod operation;
#[cfg(feature = "tracing")]
mod secrets;
#[cfg(feature = "tracing")]
mod spans;
mod support;
