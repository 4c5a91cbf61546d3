//! One observer for the events of all layers.

use tollgate_core::Observe;

use super::{Attempted, Delivered, Event, Finished};

/// Hands the events of each layer to one observer of all of them.
///
/// # Examples
///
#[cfg_attr(feature = "retry", doc = "```")]
#[cfg_attr(not(feature = "retry"), doc = "```text")]
/// use tollgate::{Event, event::Each};
///
/// let all = Each::new(|event: &Event<'_>| println!("{event}"));
/// let retry = tollgate::retry::RetryLayer::builder().observer(all).build()?;
/// # let _ = retry;
/// # Ok::<_, tollgate::retry::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Each<O>(pub(crate) O);

impl<O> Each<O> {
    /// Around an observer of all events.
    pub const fn new(observer: O) -> Self
    where
        O: for<'a> Observe<Event<'a>>,
    {
        Self(observer)
    }
}

macro_rules! each {
    ($($(#[$on:meta])? $event:ty => $kind:ident),* $(,)?) => { $(
        $(#[$on])?
        impl<O: for<'a> Observe<Event<'a>>> Observe<$event> for Each<O> {
            fn observe(&self, event: &$event) {
                self.0.observe(&Event::$kind(event));
            }

            fn listens(&self) -> bool {
                self.0.listens()
            }
        }
    )* };
}

each! {
    #[cfg(feature = "classify")] tollgate_classify::Classified => Classify,
    #[cfg(feature = "retry")] tollgate_retry::Event => Retry,
    #[cfg(feature = "limit")] tollgate_limit::Event => Limit,
    #[cfg(feature = "breaker")] tollgate_breaker::Event => Breaker,
    #[cfg(feature = "route")] tollgate_route::Event => Route,
    Attempted => Attempted,
    Finished => Finished,
    Delivered => Delivered,
}
