//! Refusals, in the shape of OpenAI's errors.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tollgate::{CallError, reply};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The gateway refuses by itself: the code is for programs, the sentence for people.
    Own(StatusCode, &'static str, String),
    /// The stack gave up, or a layer of it refused.
    Stack(CallError),
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, why: impl Into<String>) -> Self {
        Self::Own(status, code, why.into())
    }

    /// No route has the model.
    pub(crate) fn no_model(id: &str) -> Self {
        let why = format!("The model `{id:.100}` does not exist. GET /v1/models lists all models.");
        Self::new(StatusCode::NOT_FOUND, "model_not_found", why)
    }
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        Self::Stack(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Own(status, code, why) => reply::answer(status, code, &why),
            Self::Stack(error) => reply(&error),
        }
        .into_response()
    }
}
