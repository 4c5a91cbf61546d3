//! Tests of the body that can be sent twice, and of the layer that makes it.

use std::{convert::Infallible, future::poll_fn, io, time::Duration};

use http::{HeaderMap, Request};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use tokio::time::Instant;
use tower::{Service, ServiceExt, limit::ConcurrencyLimit, service_fn};
use tower_layer::Layer;

use super::*;
use crate::{BoxError, Call, Reason, Rejected};

/// A body that yields these frames, each only at the second poll.
fn slow(
    frames: Vec<Result<Frame<Bytes>, io::Error>>,
) -> impl Body<Data = Bytes, Error = io::Error> + Unpin {
    let mut frames = frames.into_iter();
    let mut asked = false;
    Frames(Box::new(move |cx: &mut Context<'_>| {
        asked = !asked;
        if asked {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(frames.next())
    }))
}

type Step = Option<Result<Frame<Bytes>, io::Error>>;

type Script = dyn FnMut(&mut Context<'_>) -> Poll<Step> + Send + Sync;

struct Frames(Box<Script>);

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Step> {
        (self.0)(cx)
    }
}

fn data(text: &'static str) -> Result<Frame<Bytes>, io::Error> {
    Ok(Frame::data(Bytes::from(text)))
}

/// Sends a body through a layer with a cap of 8 bytes; what arrives, and whether it was whole.
async fn through<B>(body: B) -> Result<(String, bool, Option<HeaderMap>), BoxError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let service = service_fn(|request: Request<ReplayBody<B>>| async move {
        let whole = request.body().is_whole();
        let body = request.into_body();
        let hint = body.size_hint();
        let all = body.collect().await?;
        let trailers = all.trailers().cloned();
        let text = String::from_utf8(all.to_bytes().to_vec()).expect("text");
        assert!(hint.lower() <= text.len() as u64);
        assert!(hint.upper().is_none_or(|most| most >= text.len() as u64));
        Ok::<_, BoxError>((text, whole, trailers))
    });
    let service = ReplayLayer::with_cap(8).layer(service);
    service.oneshot(Request::new(body)).await
}

#[tokio::test]
async fn bodies_up_to_the_cap_are_whole() {
    let (text, whole, _) = through(Full::new(Bytes::from("12345678")))
        .await
        .expect("served");
    assert_eq!((text.as_str(), whole), ("12345678", true));
    let (text, whole, _) = through(slow(vec![data("123"), data(""), data("45")]))
        .await
        .expect("served");
    assert_eq!((text.as_str(), whole), ("12345", true));
    let (text, whole, _) = through(Empty::new()).await.expect("served");
    assert_eq!((text.as_str(), whole), ("", true));
}

#[tokio::test]
async fn a_larger_body_is_sent_once_and_loses_nothing() {
    let (text, whole, _) = through(Full::new(Bytes::from("123456789")))
        .await
        .expect("served");
    assert_eq!((text.as_str(), whole), ("123456789", false));
    let parts = vec![data("12345"), data("6789"), data("abc")];
    let (text, whole, _) = through(slow(parts)).await.expect("served");
    assert_eq!((text.as_str(), whole), ("123456789abc", false));
}

#[tokio::test]
async fn trailers_arrive() {
    let mut map = HeaderMap::new();
    map.insert("x-sum", "1".parse().expect("a value"));
    let parts = vec![data("123"), Ok(Frame::trailers(map.clone()))];
    let (text, whole, trailers) = through(slow(parts)).await.expect("served");
    assert_eq!((text.as_str(), whole, trailers), ("123", true, Some(map)));
}

#[tokio::test]
async fn a_broken_body_is_an_error_with_its_reason() {
    let parts = vec![data("123"), Err(io::Error::other("cable cut"))];
    let error = through(slow(parts)).await.expect_err("the body broke");
    assert_eq!(error.to_string(), "cable cut");
}

#[tokio::test]
async fn the_bodies_of_axum_and_reqwest_are_taken() {
    let (text, whole, _) = through(axum::body::Body::from("axum"))
        .await
        .expect("served");
    assert_eq!((text.as_str(), whole), ("axum", true));
    let (text, whole, _) = through(reqwest::Body::from("reqwest"))
        .await
        .expect("served");
    assert_eq!((text.as_str(), whole), ("reqwest", true));
    let boxed: BoxBody<Bytes, Infallible> = BoxBody::new(Full::new(Bytes::from("boxed")));
    let (text, whole, _) = through(boxed).await.expect("served");
    assert_eq!((text.as_str(), whole), ("boxed", true));
    fn takes<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin>() {}
    takes::<hyper::body::Incoming>();
    let _ = StreamBody::new(Vec::<()>::new());
}

#[tokio::test(start_paused = true)]
async fn no_readiness_is_held_while_a_body_is_read() {
    let served = service_fn(|_: Request<ReplayBody<_>>| async { Ok::<_, BoxError>(()) });
    let mut service = ReplayLayer::new().layer(ConcurrencyLimit::new(served, 1));
    let mut other = service.clone();
    poll_fn(|cx| Service::<Request<_>>::poll_ready(&mut service, cx))
        .await
        .expect("ready");
    let waiting = service.call(Request::new(Frames(Box::new(|_| Poll::Pending))));
    // The only permit is free again although the first call is still reading.
    assert_free(&mut other).await;
    drop(waiting);
}

/// A body that fails at once is not a call: the only place below is free again.
#[tokio::test(start_paused = true)]
async fn no_readiness_is_held_after_a_body_failed() {
    let served = service_fn(|_: Request<ReplayBody<_>>| async { Ok::<_, BoxError>(()) });
    let mut service = ReplayLayer::new().layer(ConcurrencyLimit::new(served, 1));
    let mut other = service.clone();
    poll_fn(|cx| Service::<Request<Frames>>::poll_ready(&mut service, cx))
        .await
        .expect("ready");
    let broken = Frames(Box::new(|_| {
        Poll::Ready(Some(Err(io::Error::other("cut"))))
    }));
    service
        .call(Request::new(broken))
        .await
        .expect_err("the body broke");
    assert_free(&mut other).await;
}

/// The only place below is there for another caller.
async fn assert_free<S: Service<Request<Frames>, Error = BoxError>>(service: &mut S) {
    let ready = poll_fn(|cx| service.poll_ready(cx));
    let ready = tokio::time::timeout(Duration::from_secs(1), ready).await;
    ready.expect("the place was not given back").expect("ready");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_hangs_ends_with_the_deadline() {
    let served = service_fn(|_: Request<ReplayBody<_>>| async { Ok::<_, BoxError>(()) });
    let service = ReplayLayer::new().layer(served);
    let start = Instant::now();
    let mut request = Request::new(Frames(Box::new(|_| Poll::Pending)));
    let call = Call::new().with_deadline_in(Duration::from_secs(3));
    request.extensions_mut().insert(call);
    let error = service.oneshot(request).await.expect_err("it hangs");
    let rejected = Rejected::find(error.as_ref()).expect("it is one");
    assert_eq!(rejected.reason(), Reason::DeadlineExceeded);
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test]
async fn a_row_of_empty_frames_ends() {
    let empty = Frames(Box::new(|_| {
        Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
    }));
    let service = service_fn(|request: Request<ReplayBody<Frames>>| async move {
        Ok::<_, BoxError>(request.body().is_whole())
    });
    let whole = ReplayLayer::new()
        .layer(service)
        .oneshot(Request::new(empty))
        .await;
    assert!(!whole.expect("served"), "it is handed on as it comes");
}

/// With an exact length hyper would send no trailers over HTTP/1.1.
#[test]
fn a_body_with_trailers_has_no_exact_length() {
    let body = ReplayBody::<Empty<Bytes>>::read("ab".into(), Some(HeaderMap::new()));
    assert_eq!(
        (body.size_hint().exact(), body.size_hint().lower()),
        (None, 2)
    );
    assert_eq!(
        ReplayBody::<Empty<Bytes>>::whole("ab").size_hint().exact(),
        Some(2)
    );
}

#[test]
fn full_shows_its_bytes_and_a_stream_does_not() {
    assert_eq!(
        Full::new(Bytes::from("ab")).bytes(),
        Some(Bytes::from("ab"))
    );
    assert_eq!(Full::<Bytes>::default().bytes(), Some(Bytes::new()));
    let once = ReplayBody::once("ab", ());
    assert_eq!(once.bytes(), None);
    assert!(once.try_clone().is_none());
    let either: Either<Full<Bytes>, Empty<Bytes>> = Either::Left(Full::new(Bytes::from("ab")));
    assert_eq!(either.bytes(), Some(Bytes::from("ab")));
    assert_eq!(format!("{once:?}"), "Once { len: 2, .. }");
}
