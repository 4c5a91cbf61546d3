//! What every layer of a stack tells, through one hook.

mod call;
mod each;
mod name;
mod observer;

use std::fmt;

pub use call::{Attempted, Delivered, End, Finished, Outcome};
pub use each::Each;
pub use observer::Observer;

/// What a layer of the stack did, or how a whole call ended.
///
/// An observer of a whole stack hears these; one of a single layer hears that layer's own events.
///
/// # Examples
///
/// ```
/// use tollgate::{Event, core::Observe};
///
/// fn observer() -> impl for<'a> Observe<Event<'a>> {
///     |event: &Event<'_>| println!("{event}")
/// }
/// # let _ = observer();
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The classifier read an answer that is more than a plain success.
    #[cfg(feature = "classify")]
    Classify(&'a tollgate_classify::Classified),
    /// Retry waits, gives up, or got through.
    #[cfg(feature = "retry")]
    Retry(&'a tollgate_retry::Event),
    /// The limiter let go, held, refused or learned.
    #[cfg(feature = "limit")]
    Limit(&'a tollgate_limit::Event),
    /// A breaker changed its state or refused.
    #[cfg(feature = "breaker")]
    Breaker(&'a tollgate_breaker::Event),
    /// The router went on to another target, or had none left.
    #[cfg(feature = "route")]
    Route(&'a tollgate_route::Event),
    /// One attempt ended: exactly one for each that an [`AttemptLayer`](crate::AttemptLayer) let
    /// through.
    Attempted(&'a Attempted),
    /// A whole call ended: exactly one for each that came to an
    /// [`OperationLayer`](crate::OperationLayer).
    Finished(&'a Finished),
    /// The body of a response ended: exactly one for each response that an
    /// [`OperationLayer`](crate::OperationLayer) handed up.
    Delivered(&'a Delivered),
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "classify")]
            Self::Classify(event) => event.fmt(f),
            #[cfg(feature = "retry")]
            Self::Retry(event) => event.fmt(f),
            #[cfg(feature = "limit")]
            Self::Limit(event) => event.fmt(f),
            #[cfg(feature = "breaker")]
            Self::Breaker(event) => event.fmt(f),
            #[cfg(feature = "route")]
            Self::Route(event) => event.fmt(f),
            Self::Attempted(event) => event.fmt(f),
            Self::Finished(event) => event.fmt(f),
            Self::Delivered(event) => event.fmt(f),
        }
    }
}
