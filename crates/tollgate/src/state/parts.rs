//! What is looked at.

use tollgate_core::Sleepers;

use crate::recent::Recent;

/// The handles of the layers that are there: what a [`State`](super::State) is gathered from, and what
/// gauges are read from.
///
/// # Examples
///
#[cfg_attr(feature = "retry", doc = "```")]
#[cfg_attr(not(feature = "retry"), doc = "```text")]
/// use tollgate::{recent::Recent, retry::RetryLayer, state::Parts};
///
/// let (recent, retry) = (Recent::new(), RetryLayer::new().handle());
/// let parts = Parts::new().retry(&retry).recent(&recent);
/// # let _ = parts;
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct Parts<'a> {
    #[cfg(feature = "route")]
    pub(crate) route: Option<&'a tollgate_route::Handle>,
    #[cfg(feature = "retry")]
    pub(crate) retry: Option<&'a tollgate_retry::Handle>,
    #[cfg(feature = "breaker")]
    pub(crate) breaker: Option<&'a tollgate_breaker::Handle>,
    #[cfg(feature = "limit")]
    pub(crate) limit: Option<&'a tollgate_limit::Handle>,
    pub(crate) sleepers: Option<&'a Sleepers>,
    pub(crate) recent: Option<&'a Recent>,
}

impl<'a> Parts<'a> {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The router: targets and cooldowns.
    #[cfg(feature = "route")]
    pub fn route(mut self, handle: impl Into<Option<&'a tollgate_route::Handle>>) -> Self {
        self.route = handle.into();
        self
    }

    /// Retry: its budgets.
    #[cfg(feature = "retry")]
    pub fn retry(mut self, handle: impl Into<Option<&'a tollgate_retry::Handle>>) -> Self {
        self.retry = handle.into();
        self
    }

    /// The breakers.
    #[cfg(feature = "breaker")]
    pub fn breaker(mut self, handle: impl Into<Option<&'a tollgate_breaker::Handle>>) -> Self {
        self.breaker = handle.into();
        self
    }

    /// The limiter: limits, queues and calls on their way.
    #[cfg(feature = "limit")]
    pub fn limit(mut self, handle: impl Into<Option<&'a tollgate_limit::Handle>>) -> Self {
        self.limit = handle.into();
        self
    }

    /// The calls that sleep: what the builders of retry and router were given.
    pub fn sleepers(mut self, sleepers: impl Into<Option<&'a Sleepers>>) -> Self {
        self.sleepers = sleepers.into();
        self
    }

    /// The latest decisions.
    pub fn recent(mut self, recent: impl Into<Option<&'a Recent>>) -> Self {
        self.recent = recent.into();
        self
    }
}
