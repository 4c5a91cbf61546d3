//! How a call ended.

use http::Response;
use http_body_util::BodyExt;
use tollgate_core::{BoxError, Rejected};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Answered, and the answer was whole.
    Answered,
    /// Turned away by the client itself, with the time to come back.
    Refused,
    /// Anything else.
    Lost,
}

impl End {
    /// Reads an answer to its end.
    pub(super) async fn of<R, E>(result: Result<Response<R>, E>) -> Self
    where
        R: http_body::Body,
        E: Into<BoxError>,
    {
        match result {
            Ok(response) if response.status().is_success() => {
                match response.into_body().collect().await {
                    Ok(_) => Self::Answered,
                    Err(_) => Self::Lost,
                }
            }
            Ok(_) => Self::Lost,
            Err(error) => {
                let error = error.into();
                match Rejected::find(&*error).and_then(Rejected::retry_after) {
                    Some(_) => Self::Refused,
                    None => Self::Lost,
                }
            }
        }
    }
}
