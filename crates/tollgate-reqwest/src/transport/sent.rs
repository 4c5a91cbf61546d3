//! The body of a request, on its way to reqwest.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Body;
use tollgate_core::{BoxError, ReplayBody};

use crate::exclusive::Exclusive;

/// As bytes where they are all there, else as a stream.
///
/// A waker that does nothing will do: whoever polls the body next brings a real one.
pub(super) fn body<B>(body: B) -> Result<reqwest::Body, BoxError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    if body.is_end_stream() {
        return Ok(reqwest::Body::default());
    }
    let Some(length) = body.size_hint().exact().filter(|length| *length > 0) else {
        return Ok(wrap(body));
    };
    let mut body = Box::pin(body);
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(first)) = body.as_mut().poll_frame(&mut cx) else {
        return Ok(wrap(body));
    };
    Ok(match first.map_err(Into::into)?.into_data() {
        Ok(data) if data.len() as u64 == length => reqwest::Body::from(data),
        Ok(data) => wrap(ReplayBody::once(data, body)),
        // A length and trailers do not go together; the connection will say so.
        Err(_) => wrap(body),
    })
}

fn wrap<B>(body: B) -> reqwest::Body
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    reqwest::Body::wrap(Exclusive::new(body))
}
