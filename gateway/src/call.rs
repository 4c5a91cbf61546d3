//! A call: its model becomes a wish of the router's, and the stack does the rest.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{HeaderName, StatusCode, header};
use http_body::Body as _;
use http_body_util::Full;
use tollgate::{
    BoxBody,
    core::{Class, Classification},
    reply,
};
use tower::ServiceExt;

use crate::{body, gateway::Shared, refusal::Refusal, together::Together};

/// What concerns the connection to the provider alone, or its account.
const KEPT_BACK: [HeaderName; 10] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::SET_COOKIE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::LOCATION,
    HeaderName::from_static("openai-organization"),
    HeaderName::from_static("openai-project"),
    HeaderName::from_static("anthropic-organization-id"),
];

pub(crate) async fn call(
    State(gateway): State<Shared>,
    request: Request,
) -> Result<Response, Refusal> {
    let (mut parts, body) = request.into_parts();
    let body = body::read(&parts.headers, body).await?;
    let model = body::model(&body)?;
    let wish = gateway.models().wish(&model)?;
    parts.extensions.clear();
    parts.extensions.insert(wish);
    // The stack reads errors and usage, and reads nothing that is compressed. What else the client
    // sent, its key first of all, the router leaves out.
    parts.headers.remove(header::ACCEPT_ENCODING);
    let request = http::Request::from_parts(parts, Full::new(body));
    Ok(pass(gateway.client.clone().oneshot(request).await?))
}

/// The provider's answer, error or not: each frame of it as it comes.
fn pass(response: http::Response<BoxBody>) -> Response {
    if Classification::of(&response).class() == Class::Auth {
        // Its own words may show a part of the gateway's key.
        let (status, code) = (StatusCode::BAD_GATEWAY, "provider_auth");
        let words = "the provider refused the key of this gateway";
        return reply::answer(status, code, words).map(Body::new);
    }
    let (parts, body) = response.into_parts();
    // Of a known length is what comes in one piece, or nearly.
    let body = match body.size_hint().exact() {
        Some(_) => Body::new(body),
        None => Body::new(Together::new(body)),
    };
    let mut answer = Response::new(body);
    *answer.status_mut() = parts.status;
    *answer.headers_mut() = parts.headers;
    for name in KEPT_BACK {
        answer.headers_mut().remove(name);
    }
    answer
}
