//! The routes as they are in force.

use std::sync::Arc;

use tollgate_core::Target;

use super::Handle;

/// A route that is in force: what a program can tell others about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteView {
    /// Its name.
    pub name: Arc<str>,
    /// Its targets in their order, those of routes that it goes on with among them.
    pub targets: Vec<Target>,
}

impl Handle {
    /// The routes, the one for calls that choose none first.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate_route::{Route, RouteLayer, provider::preset};
    ///
    /// let groq = preset::groq().key("gsk_not_a_real_key");
    /// let route = Route::new("chat").ordered([groq.model("llama-3.1-8b-instant")]);
    /// let (layer, handle) = RouteLayer::builder(route).build_with_handle()?;
    ///
    /// let routes = handle.routes();
    /// assert_eq!(&*routes[0].name, "chat");
    /// assert_eq!(routes[0].targets[0].model(), Some("llama-3.1-8b-instant"));
    /// # let _ = layer;
    /// # Ok::<_, tollgate_route::ConfigError>(())
    /// ```
    #[must_use]
    pub fn routes(&self) -> Vec<RouteView> {
        let setup = self.state.setup();
        let table = &setup.table;
        let lanes = table.routes.iter().map(|lane| RouteView {
            name: lane.name.clone(),
            targets: lane
                .sites()
                .map(|site| table.sites[site].target.clone())
                .collect(),
        });
        lanes.collect()
    }
}
