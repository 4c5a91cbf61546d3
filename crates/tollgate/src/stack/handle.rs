//! A hand on all layers of a stack at once.

use tollgate_breaker as breaker;
use tollgate_core::SystemClock;
use tollgate_limit as limit;
use tollgate_retry as retry;
use tollgate_route as route;

use crate::{
    recent::Recent,
    state::{Parts, State},
};

/// The handles of a stack's layers, to look at and to change what runs.
///
/// A part that was left out, or put in as a layer of one's own, has none. Clones show the same stack.
#[derive(Debug, Clone, Default)]
pub struct Handle {
    pub(super) route: Option<route::Handle>,
    pub(super) retry: Option<retry::Handle>,
    pub(super) breaker: Option<breaker::Handle>,
    pub(super) limit: Option<limit::Handle>,
    pub(super) recent: Option<Recent>,
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

    /// The latest decisions, where the stack [remembers](super::Stack::remember) them.
    #[must_use]
    pub const fn recent(&self) -> Option<&Recent> {
        self.recent.as_ref()
    }

    /// All parts there are, for those who look at them one by one.
    pub fn parts(&self) -> Parts<'_> {
        Parts::new()
            .route(self.route.as_ref())
            .retry(self.retry.as_ref())
            .breaker(self.breaker.as_ref())
            .limit(self.limit.as_ref())
            .recent(self.recent.as_ref())
    }

    /// The whole state as data; with serde, as JSON.
    ///
    /// # Examples
    ///
    /// ```
    /// let layer = tollgate::Stack::new().build()?;
    /// let json = serde_json::to_string_pretty(&layer.handle().state());
    /// assert!(json.expect("plain data").contains("retry_budgets"));
    /// # Ok::<_, tollgate::stack::BuildError>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> State {
        State::gather(&self.parts(), &SystemClock::default())
    }
}
