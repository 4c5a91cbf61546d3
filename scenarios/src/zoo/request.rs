//! What is sent, and what comes of it.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::time::Instant;
use tollgate::BoxClient;
use tollgate_core::Rejected;
use tollgate_test::Dialect;
use tower::ServiceExt;

use super::{outcome::End, world::World};
use crate::request::CALL;

/// The request of this call, addressed to the provider it is for.
pub(super) fn request(world: &World, number: usize) -> Request<Full<Bytes>> {
    let dialect = world.headers.dialect;
    let path = match dialect {
        Dialect::Anthropic => "/v1/messages",
        Dialect::Groq => "/openai/v1/chat/completions",
        _ => "/v1/chat/completions",
    };
    Request::post(format!("https://{}{path}", dialect.host()))
        .header(CALL, number)
        .body(Full::new(world.calls[number].body.clone()))
        .expect("the parts are good")
}

/// Sends a request and reads its answer to the end.
pub(super) async fn answer(
    client: BoxClient<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    arrival: Instant,
) -> End {
    match client.oneshot(request).await {
        Ok(response) if response.status().is_success() => {
            match response.into_body().collect().await {
                Ok(_) => End::Answered(arrival.elapsed()),
                Err(_) => End::Failed,
            }
        }
        Ok(_) => End::Failed,
        Err(error) => match Rejected::find(&error) {
            Some(_) => End::Refused,
            None => End::Failed,
        },
    }
}
