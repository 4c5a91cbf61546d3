//! A hand on all layers of a stack at once.

use tollgate_breaker as breaker;
use tollgate_limit as limit;
use tollgate_retry as retry;
use tollgate_route as route;

use crate::state::Parts;

/// The handles of a stack's layers, to look at and to change what runs.
///
/// A part that was left out, or put in as a layer of one's own, has none. Clones show the same stack.
#[derive(Debug, Clone, Default)]
pub struct Handle {
    pub(crate) route: Option<route::Handle>,
    pub(super) retry: Option<retry::Handle>,
    pub(super) breaker: Option<breaker::Handle>,
    pub(crate) limit: Option<limit::Handle>,
    /// What it runs with, to compare a change with.
    #[cfg(feature = "config")]
    pub(crate) loaded: crate::config::reload::Loaded,
}

impl Handle {
    /// Cooldowns and outcomes of the targets.
    #[must_use]
    pub const fn route(&self) -> Option<&route::Handle> {
        self.route.as_ref()
    }

    /// Budgets of retries.
    #[must_use]
    pub const fn retry(&self) -> Option<&retry::Handle> {
        self.retry.as_ref()
    }

    /// States of the breakers.
    #[must_use]
    pub const fn breaker(&self) -> Option<&breaker::Handle> {
        self.breaker.as_ref()
    }

    /// Limits, what is left of them, and queues.
    #[must_use]
    pub const fn limit(&self) -> Option<&limit::Handle> {
        self.limit.as_ref()
    }

    /// All of them: what a [`State`](crate::state::State) is gathered from, and gauges are read from.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate::{Stack, core::SystemClock, state::State};
    ///
    /// let layer = Stack::new().build()?;
    /// let state = State::gather(&layer.handle().parts(), &SystemClock::default());
    /// assert!(state.limits.is_some());
    /// # Ok::<_, tollgate::stack::BuildError>(())
    /// ```
    pub fn parts(&self) -> Parts<'_> {
        Parts::new()
            .route(self.route())
            .retry(self.retry())
            .breaker(self.breaker())
            .limit(self.limit())
    }
}
