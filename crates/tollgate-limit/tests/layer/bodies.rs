//! Permits ride in the response body to its last byte.

use std::{
    convert::Infallible,
    future::poll_fn,
    io::ErrorKind,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tollgate_core::{Cost, LimitKind};
use tollgate_limit::{Handle, Limit, LimitLayer};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use crate::support::{Req, call, ms, named, s, target};

/// A body of frames, which may know its end or not, and may break.
#[derive(Debug)]
struct Frames {
    left: Vec<Result<&'static str, &'static str>>,
    knows_end: bool,
}

impl Frames {
    fn of(frames: &[Result<&'static str, &'static str>]) -> Self {
        let left = frames.iter().rev().copied().collect();
        Self {
            left,
            knows_end: false,
        }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let next = self.left.pop();
        Poll::Ready(next.map(|next| next.map(|text| Frame::data(Bytes::from(text)))))
    }

    fn is_end_stream(&self) -> bool {
        self.knows_end && self.left.is_empty()
    }
}

fn builder() -> (LimitLayer, Handle) {
    LimitLayer::builder()
        .limit(Limit::requests(6_000, s(60)).bucket(100))
        .limit(Limit::tokens(60_000, s(60)).bucket(10_000))
        .build_with_handle()
        .unwrap()
}

fn in_flight(handle: &Handle) -> u32 {
    handle.key(&target()).unwrap().in_flight
}

/// What is missing of the tokens, and whether anything is still reserved.
fn taken(handle: &Handle) -> (u64, bool) {
    let state = handle.key(&target()).unwrap();
    let tokens = state
        .limits
        .iter()
        .find(|limit| limit.kind == LimitKind::Tokens)
        .unwrap();
    let reserved = state.reserved != Cost::default().with_requests(0);
    (tokens.limit - tokens.remaining, reserved)
}

/// 100 tokens of prompt, at most 900 of answer.
fn ask() -> Req {
    let cost = Cost::default()
        .with_input_tokens(100)
        .with_output_tokens(900);
    named("", call().with_cost(cost))
}

async fn answer(
    layer: &LimitLayer,
    status: u16,
    content: &'static str,
    body: Frames,
) -> Response<tollgate_limit::PermitBody<Frames, tollgate_limit::LocalPermit>> {
    let body = Arc::new(Mutex::new(Some(body)));
    let service = service_fn(move |_: Request<Full<Bytes>>| {
        let body = body.lock().unwrap().take().unwrap();
        let response = Response::builder()
            .status(status)
            .header("content-type", content);
        std::future::ready(Ok::<_, Infallible>(response.body(body).unwrap()))
    });
    layer.layer(service).oneshot(ask()).await.unwrap()
}

const USAGE: &str = r#"{"usage":{"prompt_tokens":120,"completion_tokens":30,"total_tokens":150}}"#;

#[tokio::test(start_paused = true)]
async fn the_permit_is_held_to_the_last_frame_and_settles_with_the_usage() {
    let (layer, handle) = builder();
    let frames = Frames::of(&[Ok(&USAGE[..20]), Ok(&USAGE[20..])]);
    let response = answer(&layer, 200, "application/json", frames).await;
    let mut body = response.into_body();
    for _ in 0..2 {
        body.frame().await.unwrap().unwrap();
        assert_eq!((in_flight(&handle), taken(&handle)), (1, (1_000, true)));
    }
    assert!(body.frame().await.is_none());
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (150, false)));
    // Reading on, or dropping it, changes nothing more.
    assert!(body.frame().await.is_none());
    drop(body);
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (150, false)));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_knows_its_end_is_not_asked_again() {
    let (layer, handle) = builder();
    let mut frames = Frames::of(&[Ok(USAGE)]);
    frames.knows_end = true;
    let mut body = answer(&layer, 200, "application/json", frames)
        .await
        .into_body();
    assert_eq!(in_flight(&handle), 1);
    body.frame().await.unwrap().unwrap();
    assert!(body.is_end_stream());
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (150, false)));
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_gives_the_permit_back_at_once_and_the_estimate_stands() {
    let (layer, handle) = builder();
    let mut frames = Frames::of(&[]);
    frames.knows_end = true;
    let response = answer(&layer, 200, "application/json", frames).await;
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (1_000, false)));
    drop(response);
    assert_eq!(taken(&handle), (1_000, false));
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_usage_settles_with_the_text_that_came() {
    let (layer, handle) = builder();
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"0123456789012345678901234567890123456789\"}}]}\n\n";
    let frames = Frames::of(&[Ok(event), Ok(event), Ok("data: [DONE]\n\n")]);
    let response = answer(&layer, 200, "text/event-stream", frames).await;
    response.into_body().collect().await.unwrap();
    assert_eq!(taken(&handle), (100 + 20, false));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_midway_settles_with_what_came() {
    let (layer, handle) = builder();
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"0123456789012345678901234567890123456789\"}}]}\n\n";
    let frames = Frames::of(&[Ok(event), Ok(event)]);
    let mut body = answer(&layer, 200, "text/event-stream", frames)
        .await
        .into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (100 + 10, false)));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_gives_the_permit_back() {
    let (layer, handle) = builder();
    let frames = Frames::of(&[Ok("{"), Err("cut"), Ok("never")]);
    let mut body = answer(&layer, 200, "application/json", frames)
        .await
        .into_body();
    body.frame().await.unwrap().unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap_err(), "cut");
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (1_000, false)));
}

/// An error took a request but no tokens; who reads it still holds a place.
#[tokio::test(start_paused = true)]
async fn tokens_of_an_error_come_back_at_its_head() {
    let (layer, handle) = builder();
    for status in [400, 401, 404, 500] {
        let frames = Frames::of(&[Ok("wrong")]);
        let response = answer(&layer, status, "application/json", frames).await;
        assert_eq!(
            (in_flight(&handle), taken(&handle)),
            (1, (0, false)),
            "{status}"
        );
        response.into_body().collect().await.unwrap();
        assert_eq!(in_flight(&handle), 0);
    }
    let requests = handle.key(&target()).unwrap().limits;
    let requests = requests
        .iter()
        .find(|limit| limit.kind == LimitKind::Requests)
        .unwrap();
    assert_eq!(requests.remaining, 96);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_reached_the_provider_took_nothing() {
    // There was no connection. Or there was one, and whatever broke it may have been counted before
    // (fault L7): the prompt counts as read.
    for (kind, tokens) in [
        (ErrorKind::ConnectionRefused, 0),
        // Also reported of connections that were there.
        (ErrorKind::HostUnreachable, 100),
        (ErrorKind::ConnectionReset, 100),
        (ErrorKind::TimedOut, 100),
        (ErrorKind::BrokenPipe, 100),
        (ErrorKind::UnexpectedEof, 100),
        (ErrorKind::Other, 100),
    ] {
        let (layer, handle) = builder();
        let fails = service_fn(move |_: Req| async move {
            Err::<Response<Full<Bytes>>, _>(std::io::Error::from(kind))
        });
        layer.layer(fails).oneshot(ask()).await.unwrap_err();
        assert_eq!(taken(&handle), (tokens, false), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_in_flight_took_its_prompt() {
    let (layer, handle) = builder();
    let hanging =
        service_fn(|_: Req| std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let mut call = Box::pin(layer.layer(hanging).oneshot(ask()));
    poll_fn(|cx| {
        assert!(call.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    assert_eq!((in_flight(&handle), taken(&handle)), (1, (1_000, true)));
    drop(call);
    assert_eq!((in_flight(&handle), taken(&handle)), (0, (100, false)));
    tokio::time::advance(ms(1)).await;
}
