//! The list of models, as OpenAI shows it.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use crate::{gateway::Shared, models::Model, refusal::Refusal};

fn show(model: &Model) -> Value {
    json!({ "id": model.id, "object": "model", "created": 0, "owned_by": model.owner })
}

pub(crate) async fn all(State(gateway): State<Shared>) -> Json<Value> {
    let data: Vec<_> = gateway.models().listed.iter().map(show).collect();
    Json(json!({ "object": "list", "data": data }))
}

pub(crate) async fn one(
    State(gateway): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let models = gateway.models();
    let model = models.named(&id).ok_or_else(|| Refusal::no_model(&id))?;
    Ok(Json(show(model)))
}
