//! All that the stack knows, as JSON.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::gateway::Gateway;

pub(crate) async fn state(State(gateway): State<Gateway>) -> Json<Value> {
    let cooldowns = gateway
        .handle
        .route()
        .map(tollgate::route::Handle::cooldowns);
    Json(json!({ "cooldowns": cooldowns }))
}
