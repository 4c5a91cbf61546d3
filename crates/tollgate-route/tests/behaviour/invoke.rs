//! Streams of Bedrock's `InvokeModel`, for callers in Anthropic's dialect.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tollgate_core::BoxError;
use tollgate_route::invoke::InvokeStreamLayer;
use tollgate_test::{Dialect, Provider};
use tower::{Layer, ServiceExt, service_fn};

const FRAMES: &str = "application/vnd.amazon.eventstream";

/// What Bedrock sends to a path.
async fn sent(path: &str) -> Result<Response<Bytes>, BoxError> {
    let provider = Provider::new(Dialect::Bedrock);
    let request =
        Request::post(format!("https://bedrock{path}")).body(Full::<Bytes>::from("{}"))?;
    let response = provider.service().oneshot(request).await?;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Response::from_parts(head, body))
}

/// What becomes of a body in these pieces, in an answer to a path.
async fn unpacked(
    path: &str,
    kind: &str,
    pieces: Vec<Bytes>,
) -> Result<Response<String>, BoxError> {
    let inner = service_fn(|_: Request<()>| async {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", HeaderValue::from_static("1"));
        let data = pieces.clone().into_iter().map(Frame::data);
        let frames: Vec<_> = data.chain([Frame::trailers(trailers)]).collect();
        let body = Frames(frames.into_iter());
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let response = Response::builder().header("content-type", kind);
        Ok::<_, BoxError>(response.header("content-length", length).body(body)?)
    });
    let service = InvokeStreamLayer::new().layer(inner);
    let request = Request::post(format!("https://x{path}")).body(())?;
    let (head, body) = service.oneshot(request).await?.into_parts();
    let body = body.collect().await?;
    let over = body.trailers().is_some();
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let mut response = Response::from_parts(head, text);
    response.extensions_mut().insert(over);
    Ok(response)
}

/// A body of these frames.
struct Frames(std::vec::IntoIter<Frame<Bytes>>);

impl Body for Frames {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

#[tokio::test(start_paused = true)]
async fn frames_become_events_in_whatever_pieces_they_come() -> Result<(), BoxError> {
    let frames = sent("/model/m/invoke-with-response-stream").await?;
    assert_eq!(frames.headers()["content-type"], FRAMES);
    for size in [1, 5, 64, 100_000] {
        let pieces = frames.body().chunks(size).map(Bytes::copy_from_slice);
        let answer = unpacked("/v1/messages", FRAMES, pieces.collect()).await?;
        assert_eq!(
            answer.headers()["content-type"],
            "text/event-stream; charset=utf-8"
        );
        assert!(!answer.headers().contains_key("content-length"));
        assert!(answer.body().starts_with("event: message_start\ndata: {"));
        assert!(answer.body().contains("event: message_stop\n"));
        assert_eq!(answer.extensions().get(), Some(&true), "the trailers pass");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_inside_a_frame_ends_in_an_error_of_anthropic() -> Result<(), BoxError> {
    let frames = sent("/model/m/invoke-with-response-stream").await?;
    for cut in [1, 700, frames.body().len() - 1] {
        let pieces = vec![frames.body().slice(..cut)];
        let answer = unpacked("/v1/messages", FRAMES, pieces).await?;
        let last = answer.body().trim_end().rsplit("\n\n").next();
        let last = last.unwrap_or_default();
        assert!(last.starts_with("event: error\n"), "{cut}: {last}");
        assert!(last.contains("it ends inside a frame"), "{cut}: {last}");
    }
    let pieces = vec![Bytes::from_static(b"<html>")];
    let answer = unpacked("/v1/messages", FRAMES, pieces).await?;
    assert!(answer.body().contains("it is no stream of frames"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn all_other_answers_pass_unchanged() -> Result<(), BoxError> {
    for (path, from, kind) in [
        (
            "/model/m/converse-stream",
            "/model/m/converse-stream",
            FRAMES,
        ),
        (
            "/model/m/invoke-with-response-stream",
            "/model/m/invoke-with-response-stream",
            FRAMES,
        ),
        ("/v1/messages", "/model/m/invoke", "application/json"),
    ] {
        let whole = sent(from).await?.into_body();
        let answer = unpacked(path, kind, vec![whole.clone()]).await?;
        assert_eq!(answer.headers()["content-type"], kind);
        assert_eq!(*answer.body(), String::from_utf8_lossy(&whole), "{path}");
        assert_eq!(answer.headers()["content-length"], whole.len().to_string());
    }
    Ok(())
}
