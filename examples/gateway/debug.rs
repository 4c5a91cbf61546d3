//! All that the stack knows, as JSON.

use axum::{Json, extract::State};
use tollgate::{core::SystemClock, state};

use crate::gateway::Gateway;

pub(crate) async fn state(State(gateway): State<Gateway>) -> Json<state::State> {
    let parts = gateway.handle.parts().recent(&gateway.recent);
    Json(state::State::gather(&parts, &SystemClock::default()))
}
