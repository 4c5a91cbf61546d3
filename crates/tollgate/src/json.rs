//! Requests made of JSON, and answers read as JSON: for those who have no SDK above the stack.

use std::pin::pin;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use serde::{Serialize, de::DeserializeOwned};
use tollgate_core::BoxError;

/// The most bytes [`read`] takes: 32 MiB.
pub const MOST: usize = 32 << 20;

/// A POST of `value` as JSON. Below a route, the path is enough of an address.
///
/// # Errors
///
/// An address that is none; a value that JSON cannot express.
///
/// # Examples
///
/// ```
/// let messages = serde_json::json!([{ "role": "user", "content": "Hello!" }]);
/// let body = serde_json::json!({ "model": "gpt-4o-mini", "messages": messages });
/// let request = tollgate::json::post("/v1/chat/completions", &body)?;
/// assert_eq!(request.headers()["content-type"], "application/json");
/// # Ok::<_, tollgate::BoxError>(())
/// ```
pub fn post<U, T>(uri: U, value: &T) -> Result<Request<Full<Bytes>>, BoxError>
where
    U: TryInto<Uri, Error: Into<http::Error>>,
    T: Serialize + ?Sized,
{
    let json = HeaderValue::from_static("application/json");
    let request = Request::post(uri).header(header::CONTENT_TYPE, json);
    Ok(request.body(Full::from(serde_json::to_vec(value)?))?)
}

/// Reads the body of an answer as JSON, whatever its status.
///
/// # Errors
///
/// A body that breaks, is larger than [`MOST`], or is not the JSON that `T` expects.
///
/// # Cancel safety
///
/// Dropping it drops the answer.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::Response;
/// use http_body_util::Full;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tollgate::BoxError> {
/// let response = Response::new(Full::<Bytes>::from(r#"{"answer": 42}"#));
/// let value: serde_json::Value = tollgate::json::read(response).await?;
/// assert_eq!(value["answer"], 42);
/// # Ok(())
/// # }
/// ```
pub async fn read<T, B>(response: Response<B>) -> Result<T, BoxError>
where
    T: DeserializeOwned,
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    // Frame by frame: a future of `Limited<B>` is not known to be `Send` where its error is boxed.
    let mut body = pin!(response.into_body());
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Into::into)?.into_data() else {
            continue;
        };
        if data.len() > MOST - bytes.len() {
            return Err("the answer is too large".into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use http_body_util::combinators::UnsyncBoxBody;

    use super::*;

    /// In a task, and in a handler of axum.
    #[test]
    fn reading_may_move_between_threads() {
        fn sent<T: Send>(_: T) {}
        let body = Full::<Bytes>::default().map_err(|never| match never {});
        let body: UnsyncBoxBody<Bytes, BoxError> = body.boxed_unsync();
        sent(async { read::<serde_json::Value, _>(Response::new(body)).await });
    }

    #[tokio::test]
    async fn what_is_too_large_or_no_json_is_an_error() {
        let large = Response::new(Full::<Bytes>::from(vec![b' '; MOST + 1]));
        assert!(read::<serde_json::Value, _>(large).await.is_err());
        let page = Response::new(Full::<Bytes>::from("<html>"));
        assert!(read::<serde_json::Value, _>(page).await.is_err());
        assert!(post("not an address", &1).is_err());
    }
}
