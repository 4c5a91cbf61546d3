//! All that the stack knows, as JSON.

use axum::{Json, extract};
use tollgate::state::State;

use crate::gateway::Shared;

pub(crate) async fn state(extract::State(gateway): extract::State<Shared>) -> Json<State> {
    Json(gateway.handle.state())
}
