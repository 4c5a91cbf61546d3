//! The layer.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use crate::{
    Builder, ConfigError, Handle, Route, Router,
    state::{Shared, State},
};

/// Sends each call to the best of several targets, and on to the next one when that one fails: see
/// the [crate's front page](crate).
///
/// # Sharing
///
/// Clones of a layer, and all services made by it, share one set of cooldowns and outcomes. Build a
/// layer per process rather than per call.
///
/// # Examples
///
/// ```
/// use tollgate_route::{Route, RouteLayer, provider::preset};
/// use tower_layer::Layer;
///
/// # let client = ();
/// let groq = preset::groq().key("gsk_not_a_real_key");
/// let route = Route::new("chat").ordered([
///     groq.model("llama-3.3-70b-versatile"),
///     groq.model("llama-3.1-8b-instant"),
/// ]);
/// let client = RouteLayer::new(route)?.layer(client);
/// # let _ = client;
/// # Ok::<_, tollgate_route::ConfigError>(())
/// ```
pub struct RouteLayer<O = ()> {
    shared: Arc<Shared<O>>,
}

impl RouteLayer {
    /// A layer of one route with all defaults.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first target that makes no sense.
    pub fn new(route: Route) -> Result<Self, ConfigError> {
        Self::builder(route).build()
    }

    /// Settings to start from, and the route for calls that choose none.
    pub fn builder(route: Route) -> Builder {
        Builder::new(route)
    }
}

impl<O> RouteLayer<O> {
    pub(crate) fn of(state: Arc<State>, observer: O) -> Self {
        Self {
            shared: Arc::new(Shared { state, observer }),
        }
    }

    /// A handle to look at the cooldowns and outcomes.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(self.shared.state.clone())
    }
}

impl<O> Clone for RouteLayer<O> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<S, O> Layer<S> for RouteLayer<O> {
    type Service = Router<S, O>;

    fn layer(&self, inner: S) -> Router<S, O> {
        Router::new(inner, self.shared.clone())
    }
}

impl<O> fmt::Debug for RouteLayer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteLayer")
            .field("state", &self.shared.state)
            .finish_non_exhaustive()
    }
}
