//! A route: tiers of targets, tried one after the other.

use std::sync::Arc;

use crate::{Endpoint, strategy::Strategy};

/// The targets a call may go to: a list of tiers, each with targets and a strategy to choose among
/// them. A tier is left for the next when none of its targets will do.
///
/// # Examples
///
/// ```
/// use tollgate_route::{Route, RouteLayer, strategy::Weighted, provider::preset};
///
/// let groq = preset::groq().key("gsk_not_a_real_key");
/// let openai = preset::openai().key("sk_not_a_real_key");
/// let route = Route::new("chat")
///     .ordered([groq.model("llama-3.3-70b-versatile"), groq.model("llama-3.1-8b-instant")])
///     .tier(Weighted, [openai.model("gpt-4o-mini").weight(3.0), openai.model("gpt-4o")]);
/// let layer = RouteLayer::new(route)?;
/// # let _ = layer;
/// # Ok::<_, tollgate_route::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Route {
    pub(crate) name: Arc<str>,
    pub(crate) tiers: Vec<Tier>,
    pub(crate) then: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Tier {
    /// None where the order decides.
    pub(crate) strategy: Option<Arc<dyn Strategy>>,
    pub(crate) endpoints: Vec<Endpoint>,
}

impl Route {
    /// A route without targets, by the name that a call may choose it by.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            tiers: Vec::new(),
            then: None,
        }
    }

    /// Adds a tier of targets that are tried in their order.
    pub fn ordered(self, endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        self.push(None, endpoints)
    }

    /// Adds a tier of targets among which a strategy chooses.
    pub fn tier(
        self,
        strategy: impl Strategy + 'static,
        endpoints: impl IntoIterator<Item = Endpoint>,
    ) -> Self {
        self.push(Some(Arc::new(strategy)), endpoints)
    }

    fn push(
        mut self,
        strategy: Option<Arc<dyn Strategy>>,
        endpoints: impl IntoIterator<Item = Endpoint>,
    ) -> Self {
        self.tiers.push(Tier {
            strategy,
            endpoints: endpoints.into_iter().collect(),
        });
        self
    }

    /// Goes on with the tiers of another route, by its name, when all of its own are through. Targets
    /// that were there already are left out; a circle does not build.
    pub fn then(mut self, route: impl Into<Arc<str>>) -> Self {
        self.then = Some(route.into());
        self
    }
}
