//! Bodies of answers, as rig wants them.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use http_body::Body;
use http_body_util::{BodyDataStream, BodyExt};
use rig_http::http_client::{Error, LazyBody, Result};
use tollgate_core::BoxError;

/// The most of a refusal's body that is kept: as much as rig keeps of one.
const MOST: usize = 1 << 20;

/// The whole of it, once rig asks.
pub(crate) fn lazy<R, U>(body: R) -> LazyBody<U>
where
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
    U: From<Bytes>,
{
    Box::pin(async move {
        let whole = body.collect().await.map_err(broken)?;
        Ok(U::from(whole.to_bytes()))
    })
}

/// Piece by piece, as it comes.
pub(crate) fn pieces<R>(body: R) -> impl Stream<Item = Result<Bytes>> + Send
where
    R: Body<Data = Bytes> + Send,
    R::Error: Into<BoxError>,
{
    BodyDataStream::new(body).map_err(broken)
}

/// As much of it as is kept; where it breaks off, what came until then.
pub(crate) async fn start<R>(body: R) -> Bytes
where
    R: Body<Data = Bytes> + Send,
{
    let mut pieces = pin!(BodyDataStream::new(body));
    let mut kept = BytesMut::new();
    while let Some(Ok(piece)) = pieces.next().await {
        let room = MOST - kept.len();
        kept.extend_from_slice(&piece[..piece.len().min(room)]);
        if kept.len() == MOST {
            break;
        }
    }
    kept.freeze()
}

fn broken(error: impl Into<BoxError>) -> Error {
    Error::Instance(error.into())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{FutureExt, stream};
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[test]
    fn a_long_refusal_is_cut() {
        let mut read = 0;
        let piece = || {
            read += 1;
            Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b'x'; 300_000])))
        };
        let long = stream::repeat_with(piece).take(10);
        let kept = start(StreamBody::new(long)).now_or_never();
        assert_eq!(kept.expect("it ends").len(), MOST);
        assert_eq!(read, 4);
    }

    #[test]
    fn a_refusal_that_breaks_off_is_kept_up_to_there() {
        let steps = [Ok(Frame::data(Bytes::from("slow down"))), Err("cable cut")];
        let kept = start(StreamBody::new(stream::iter(steps))).now_or_never();
        assert_eq!(kept.expect("it ends"), "slow down");
    }
}
