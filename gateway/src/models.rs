//! The models there are: routes and targets by the names of the settings, and the targets' models.
//! Each is a wish that leaves all other targets of its route to fall back on.

use tollgate::{
    config::Config,
    route::{Preference, RouteView},
    stack::Handle,
};

use crate::refusal::Refusal;

/// What may be asked for, and what the router makes of it.
#[derive(Debug, Default)]
pub(crate) struct Models {
    pub(crate) listed: Vec<Model>,
    /// For models that are not listed: a target that takes any.
    any: Option<Preference>,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) owner: String,
    wish: Preference,
}

impl Models {
    pub(crate) fn new(config: &Config, handle: &Handle) -> Self {
        let routes = handle.route().map(tollgate::route::Handle::routes);
        let routes = routes.unwrap_or_default();
        let mut models = Self::default();
        for route in &routes {
            models.add(
                &route.name,
                "tollgate",
                Preference::new().route(route.name.clone()),
            );
        }
        for (name, target) in &config.targets {
            if let Some(wish) = wish(&routes, &target.provider, target.model.as_deref()) {
                models.add(name, &target.provider, wish.clone());
                if target.model.is_none() {
                    models.any.get_or_insert(wish);
                }
            }
        }
        for target in routes.iter().flat_map(|route| &route.targets) {
            let (provider, model) = (target.provider(), target.model());
            if let Some((model, wish)) = model.zip(wish(&routes, provider, model)) {
                models.add(model, provider, wish);
            }
        }
        models
    }

    /// The first of a name is the one that is meant.
    fn add(&mut self, id: &str, owner: &str, wish: Preference) {
        if self.listed.iter().all(|other| other.id != id) {
            let (id, owner) = (id.to_owned(), owner.to_owned());
            self.listed.push(Model { id, owner, wish });
        }
    }

    pub(crate) fn named(&self, id: &str) -> Option<&Model> {
        self.listed.iter().find(|model| model.id == id)
    }

    /// What a call of this model wants.
    pub(crate) fn wish(&self, id: &str) -> Result<Preference, Refusal> {
        let listed = self.named(id).map(|model| &model.wish);
        let wish = listed.or(self.any.as_ref()).cloned();
        wish.ok_or_else(|| Refusal::no_model(id))
    }
}

/// The first route with a target, and the target first in it.
fn wish(routes: &[RouteView], provider: &str, model: Option<&str>) -> Option<Preference> {
    let has = |route: &&RouteView| {
        let mut targets = route.targets.iter();
        targets.any(|target| target.provider() == provider && target.model() == model)
    };
    let wish = Preference::new().route(routes.iter().find(has)?.name.clone());
    Some(match model {
        Some(model) => wish.prefer(provider, model),
        None => wish.prefer_provider(provider),
    })
}
