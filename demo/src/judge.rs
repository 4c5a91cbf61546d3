//! How a call ended.

use std::error::Error;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use tollgate_core::{Class, Classification, Rejected};

use super::tally::End;

/// Judges what came back; a stream is read to its end.
pub(crate) async fn answer<R>(response: Response<R>, stream: bool) -> End
where
    R: http_body::Body<Data = Bytes, Error: Error>,
{
    let seen = Classification::of(&response).into_owned();
    match seen.class() {
        Class::Ok => {}
        _ if seen.evidence().is_empty() => return End::Lost("failed without a reason".to_owned()),
        _ => return End::Rejected(seen.to_string()),
    }
    let body = response.into_body().collect().await;
    match body.map(http_body_util::Collected::to_bytes) {
        Ok(body) if is_whole(&body, stream) => End::Ok,
        Ok(_) => End::Lost("the answer is not whole".to_owned()),
        Err(error) => End::Lost(format!("the answer broke off: {error}")),
    }
}

/// A stream has its last event, a JSON answer its last brace.
fn is_whole(body: &[u8], stream: bool) -> bool {
    let ends = |end: &[u8]| body.windows(end.len()).any(|window| window == end);
    match stream {
        true => ends(b"data: [DONE]") || ends(b"message_stop"),
        false => serde_json::from_slice::<serde_json::Value>(body).is_ok(),
    }
}

/// Judges a call that got no answer.
pub(crate) fn failure(error: &(dyn Error + 'static)) -> End {
    match Rejected::find(error) {
        Some(rejected) => End::Rejected(rejected.to_string()),
        None => End::Lost(error.to_string()),
    }
}
