//! All that the stack knows, as JSON.

use std::sync::Arc;

use axum::{Json, extract};
use tollgate::state::State;

use crate::gateway::Gateway;

pub(crate) async fn state(extract::State(gateway): extract::State<Arc<Gateway>>) -> Json<State> {
    Json(gateway.handle.state())
}
