//! A hand on all layers of a stack at once.

use std::time::Duration;

use tollgate_breaker as breaker;
use tollgate_core::{Sleeping, SystemClock};
use tollgate_limit as limit;
use tollgate_retry as retry;
use tollgate_route as route;

use crate::{
    closing::{Closed, Closing},
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
    pub(super) closing: Closing,
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

    /// Closes the stack, for the end of a program. Calls that wait (in a queue, before a retry, for a
    /// target) end at once, and so do those that come from now on, with
    /// [`Reason::Closed`](tollgate_core::Reason::Closed) and this time to come back. Attempts that are under
    /// way go on, and bodies may be read to their end; what is returned is ready when all of them are over.
    /// So do calls that wait for the client itself to be ready, or in a limiter of your own
    /// ([`Prebuilt`](super::Prebuilt)). A stack stays closed.
    ///
    /// Bound the wait by what your platform gives you: Kubernetes kills 30 s after its first signal.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), tollgate::BoxError> {
    /// let layer = tollgate::Stack::new().build()?;
    /// let handle = layer.handle();
    /// // After the signal to end:
    /// let all_done = handle.close(Duration::from_secs(5));
    /// let in_time = timeout(Duration::from_secs(25), all_done).await.is_ok();
    /// assert!(in_time, "nothing was under way");
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(&self, retry_after: impl Into<Option<Duration>>) -> Closed {
        let retry_after = retry_after.into();
        self.closing.close(retry_after);
        if let Some(limit) = &self.limit {
            limit.reject_waiting(retry_after);
        }
        Closed(self.closing.clone())
    }

    /// The stack was [closed](Self::close).
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closing.is_closed()
    }

    /// How many calls are not over, their bodies included.
    #[must_use]
    pub fn open_calls(&self) -> usize {
        self.closing.count()
    }

    /// The calls that sleep: before a retry, or because no target may be asked.
    #[must_use]
    pub fn sleeping(&self) -> Vec<Sleeping> {
        self.closing.sleepers().list()
    }

    /// All parts there are, for those who look at them one by one.
    pub fn parts(&self) -> Parts<'_> {
        Parts::new()
            .route(self.route.as_ref())
            .retry(self.retry.as_ref())
            .breaker(self.breaker.as_ref())
            .limit(self.limit.as_ref())
            .sleepers(self.closing.sleepers())
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
