//! Keeps LLM calls flowing when providers push back.

pub mod attempt;
pub mod event;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod operation;
pub mod recent;
mod span;
pub mod state;
#[cfg(feature = "tracing")]
pub mod trace;

#[cfg(feature = "breaker")]
pub use tollgate_breaker as breaker;
#[cfg(feature = "classify")]
pub use tollgate_classify as classify;
pub use tollgate_core as core;
#[cfg(feature = "limit")]
pub use tollgate_limit as limit;
#[cfg(feature = "retry")]
pub use tollgate_retry as retry;
#[cfg(feature = "route")]
pub use tollgate_route as route;

#[cfg(feature = "metrics")]
pub use self::metrics::Metrics;
pub use attempt::AttemptLayer;
pub use event::Event;
pub use operation::OperationLayer;
#[cfg(feature = "tracing")]
pub use trace::Tracing;
