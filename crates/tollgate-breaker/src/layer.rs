//! The layer.

use std::{fmt, sync::Arc};

use tollgate_core::{Class, Observe};
use tower_layer::Layer;

use crate::{
    Breaker, Builder, Event, Handle,
    config::Settings,
    shared::{Shared, Sources},
};

/// Shuts off a provider that is ill, and takes it back when it is well: see the [crate's front
/// page](crate).
///
/// # Sharing
///
/// Clones of a layer, and all services made by it, share one set of breakers. Build a layer per
/// process rather than per call.
///
/// # Examples
///
/// ```
/// use tollgate_breaker::BreakerLayer;
/// use tower_layer::Layer;
///
/// # let client = ();
/// let client = BreakerLayer::new().layer(client);
/// # let _ = client;
/// ```
pub struct BreakerLayer<O = ()> {
    shared: Arc<Shared<O>>,
}

impl BreakerLayer {
    /// A layer with all defaults: [`outages`](Self::outages).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().assemble()
    }

    /// Opens on outages: no capacity, failures, time-outs and broken connections. To be rate limited
    /// is none: one knows the answer and when it ends, which is a limiter's and a router's job.
    #[must_use]
    pub fn outages() -> Self {
        Self::new()
    }

    /// As [`outages`](Self::outages), and opens when calls are rate limited again and again. The
    /// wait that the provider told is then the least it stays open.
    #[must_use]
    pub fn with_rate_limits() -> Self {
        Self::builder().trip_on(Class::RateLimited).assemble()
    }

    /// Settings to start from: those of [`outages`](Self::outages).
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl<O> BreakerLayer<O> {
    pub(crate) fn of(settings: Settings, sources: Sources, observer: O) -> Self {
        let shared = Shared::new(settings, sources, observer);
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A handle to see and move the breakers.
    #[must_use]
    pub fn handle(&self) -> Handle
    where
        O: Observe<Event> + Send + Sync + 'static,
    {
        Handle::new(self.shared.clone())
    }
}

impl Default for BreakerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<O> Clone for BreakerLayer<O> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<S, O> Layer<S> for BreakerLayer<O> {
    type Service = Breaker<S, O>;

    fn layer(&self, inner: S) -> Breaker<S, O> {
        Breaker::new(inner, self.shared.clone())
    }
}

impl<O> fmt::Debug for BreakerLayer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerLayer")
            .field("settings", &self.shared.core.settings)
            .finish_non_exhaustive()
    }
}
