//! The body of a request: all of it, up to a limit, and the model it names.

use std::{borrow::Cow, fmt::Display, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use tokio::time::timeout;

use crate::refusal::Refusal;

/// The most bytes a request may have: pictures are sent as text.
pub(crate) const MOST: usize = 16 * 1024 * 1024;

/// How long the rest of what is too large is read. A connection that is closed while its client still
/// sends is reset, and the client never sees the answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Refusal> {
    let large = body.size_hint().lower() > MOST as u64;
    if !large {
        match Limited::new(&mut body, MOST).collect().await {
            Ok(whole) => return Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {}
            Err(_) => {
                let why = "The body of the request broke off.";
                return Err(Refusal::new(StatusCode::BAD_REQUEST, "broken_body", why));
            }
        }
    }
    // Who waits for a go-ahead has sent nothing yet.
    if !headers.contains_key(header::EXPECT) {
        let rest = async { while let Some(Ok(_)) = body.frame().await {} };
        // Enough was read, or not: it is refused either way.
        let _ = timeout(PATIENCE, rest).await;
    }
    let why = format!("The body of the request has more than {MOST} bytes.");
    Err(Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        &why,
    ))
}

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
}

/// The model that a body names.
pub(crate) fn model(body: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let bad = |code, why: &str| Refusal::new(StatusCode::BAD_REQUEST, code, why);
    let not_json = |why: &dyn Display| {
        let why = format!("The body of the request is not the JSON object it should be: {why}.");
        bad("invalid_json", &why)
    };
    // A list of fields would be read as an object, too.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(not_json(&"it does not begin with `{`"));
    }
    let asked: Asked<'_> = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    let model = asked.model.filter(|model| !model.is_empty());
    model.ok_or_else(|| bad("missing_model", "The body of the request names no model."))
}
