//! The layer, and what the services made by it share.

use std::{fmt, sync::Arc};

use tollgate_core::{Random, Sleepers};
use tower_layer::Layer;

use crate::{Builder, Handle, Retry, live::Live};

/// Retries calls that were throttled or failed for a while: see the [crate's front page](crate).
///
/// # Sharing
///
/// Clones of a layer, and all services made by it, share one set of budgets and one stream of
/// jitter. Build a layer per process rather than per call.
///
/// # Examples
///
/// ```
/// use tollgate_retry::RetryLayer;
/// use tower_layer::Layer;
///
/// # let client = ();
/// let client = RetryLayer::new().layer(client);
/// # let _ = client;
/// ```
pub struct RetryLayer<O = ()> {
    shared: Arc<Shared<O>>,
}

/// What every call needs to know.
pub(crate) struct Shared<O> {
    pub(crate) live: Arc<Live>,
    pub(crate) random: Random,
    pub(crate) sleepers: Sleepers,
    pub(crate) observer: O,
}

impl RetryLayer {
    /// A layer with all defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().assemble()
    }

    /// Settings to start from.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl<O> RetryLayer<O> {
    pub(crate) fn of(shared: Shared<O>) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A handle to look at the budgets and to change the settings.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(self.shared.live.clone(), self.shared.sleepers.clone())
    }
}

impl Default for RetryLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<O> Clone for RetryLayer<O> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<S, O> Layer<S> for RetryLayer<O> {
    type Service = Retry<S, O>;

    fn layer(&self, inner: S) -> Retry<S, O> {
        Retry::new(inner, self.shared.clone())
    }
}

impl<O> fmt::Debug for RetryLayer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryLayer")
            .field("policy", &self.shared.live.rules().policy)
            .finish_non_exhaustive()
    }
}
