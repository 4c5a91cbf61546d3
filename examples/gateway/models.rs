//! The models there are: routes, targets, and the models of targets. Each is a wish that leaves all
//! other targets of its route to fall back on.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use tollgate::{
    core::Target,
    route::{Preference, RouteView},
    stack::Handle,
};

use crate::{gateway::Gateway, refusal::Refusal};

/// What may be asked for, and what the router makes of it.
struct Model {
    id: String,
    owner: String,
    wish: Preference,
}

fn models(handle: &Handle) -> Vec<Model> {
    let routes = handle.route().map(tollgate::route::Handle::routes);
    let routes = routes.unwrap_or_default();
    let named = routes.iter().map(|route| Model {
        id: route.name.to_string(),
        owner: "tollgate".to_owned(),
        wish: Preference::new().route(route.name.clone()),
    });
    let mut models: Vec<_> = named.collect();
    for route in &routes {
        models.extend(route.targets.iter().flat_map(|target| of(route, target)));
    }
    // The first of a name is the one that is meant.
    let mut all: Vec<Model> = Vec::with_capacity(models.len());
    for model in models {
        if all.iter().all(|other| other.id != model.id) {
            all.push(model);
        }
    }
    all
}

/// A target by its model, as SDKs name it, and by its whole name.
fn of(route: &RouteView, target: &Target) -> Vec<Model> {
    let provider = target.provider();
    let Some(model) = target.model() else {
        return Vec::new();
    };
    let ids = [model.to_owned(), format!("{provider}/{model}")];
    let one = |id| Model {
        id,
        owner: provider.to_owned(),
        wish: Preference::new()
            .route(route.name.clone())
            .prefer(provider, model),
    };
    ids.map(one).into()
}

/// What a call of this model wants. One that nobody lists goes to a route that takes any.
pub(crate) fn find(handle: &Handle, id: &str) -> Option<Preference> {
    let listed = models(handle).into_iter().find(|model| model.id == id);
    listed.map(|model| model.wish)
}

fn show(model: &Model) -> Value {
    json!({ "id": model.id, "object": "model", "created": 0, "owned_by": model.owner })
}

pub(crate) async fn all(State(gateway): State<Gateway>) -> Json<Value> {
    let data: Vec<_> = models(&gateway.handle).iter().map(show).collect();
    Json(json!({ "object": "list", "data": data }))
}

pub(crate) async fn one(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let models = models(&gateway.handle);
    let model = models.iter().find(|model| model.id == id);
    model.map_or_else(
        || Err(Refusal::no_model(&id)),
        |model| Ok(Json(show(model))),
    )
}
