//! Which path is answered by whom.

use axum::{
    Router,
    extract::Request,
    routing::{get, post},
};
use http::StatusCode;

use crate::{call, debug, gateway::Shared, list, metrics, refusal::Refusal};

/// The calls that are passed on.
const CALLS: [&str; 4] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/responses",
];

pub(crate) fn app(gateway: Shared) -> Router {
    let mut app = Router::new()
        .route("/v1/models", get(list::all))
        // A model's name may have slashes.
        .route("/v1/models/{*id}", get(list::one))
        .route("/metrics", get(metrics::text))
        .route("/debug/tollgate", get(debug::state))
        .route("/healthz", get(|| async { "ok" }));
    for path in CALLS {
        app = app.route(path, post(call::call));
    }
    app.fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(gateway)
}

async fn unknown(request: Request) -> Refusal {
    let (method, path) = (request.method(), request.uri().path());
    let why = format!("There is nothing at {method} {path:.100}.");
    Refusal::new(StatusCode::NOT_FOUND, "unknown_url", why)
}

async fn wrong_method(request: Request) -> Refusal {
    let (method, path) = (request.method(), request.uri().path());
    let why = format!("{path:.100} does not answer to {method}.");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", why)
}
