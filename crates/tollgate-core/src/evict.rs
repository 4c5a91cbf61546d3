//! How a breaker ends the calls that wait below it.

use std::time::Duration;

use crate::Target;

/// A queue below a circuit breaker, as the breaker sees it.
///
/// The handle of a limiter implements it; the builder of a breaker takes any number of them. When a
/// circuit opens, the calls that passed it before and still wait would be sent to a provider that is
/// down. The breaker calls [`evict`](Self::evict) instead, and they end at once.
pub trait Evict: Send + Sync {
    /// How many calls wait for targets that this one [covers](Target::covers): they have passed the
    /// breaker, and were not sent yet. Must not block.
    fn waiting(&self, target: &Target) -> usize;

    /// The circuit of `target` opened, for this long; `None` where the end is unknown. Ends every
    /// call that waits for a target that it [covers](Target::covers), with
    /// [`Reason::CircuitOpen`](crate::Reason::CircuitOpen).
    ///
    /// Called without a lock, on the task whose call opened the circuit: must not block.
    fn evict(&self, target: &Target, retry_after: Option<Duration>);
}

impl<T: Evict + ?Sized> Evict for std::sync::Arc<T> {
    fn waiting(&self, target: &Target) -> usize {
        (**self).waiting(target)
    }

    fn evict(&self, target: &Target, retry_after: Option<Duration>) {
        (**self).evict(target, retry_after);
    }
}
