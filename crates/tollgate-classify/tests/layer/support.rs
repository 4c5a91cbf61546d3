//! A classifier that shows what it saw, and bodies that do as they are told.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::Sleep;
use tollgate_classify::{Answer, Classifier, ClassifyLayer, PeekBody};
use tollgate_core::{Class, Classification, LimitKind, Note, Quota};
use tower::{Layer, ServiceExt};

/// Takes statuses of 400 and above, and texts with the word "error" in them, for rate limits, but
/// nothing that says "fine". Its evidence is what it was shown of the body.
#[derive(Debug)]
pub(crate) struct Shown;

impl Classifier for Shown {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        let bad = answer.status().as_u16() >= 400 && text != "fine" || text.contains("error");
        let class = if bad { Class::RateLimited } else { Class::Ok };
        Some(Classification::new(class).with_evidence(text))
    }

    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        let left = answer.headers().get("x-left")?.to_str().ok()?;
        let mut quota = Quota::new();
        if let Ok(left) = left.parse() {
            quota.entry(LimitKind::Requests, None)?.remaining = Some(left);
        }
        Some(quota)
    }

    fn hides_errors(&self, origin: Option<&str>) -> bool {
        origin == Some("hides")
    }
}

/// A layer that shows what it saw.
pub(crate) fn layer() -> ClassifyLayer<(Shown, tollgate_classify::Builtin)> {
    let layer = ClassifyLayer::builder().classifier(Shown).build();
    layer.expect("the defaults")
}

pub(crate) type Head<'a> = (u16, &'a [(&'static str, &'static str)]);

pub(crate) const SSE: Head<'_> = (200, &[("content-type", "text/event-stream")]);
pub(crate) const JSON: Head<'_> = (200, &[("content-type", "application/json")]);
pub(crate) const LIMITED: Head<'_> = (429, &[]);

pub(crate) fn response<R>((status, headers): Head<'_>, body: R) -> Response<R> {
    let mut response = Response::new(body);
    *response.status_mut() = status.try_into().expect("a status");
    for (name, value) in headers {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    response
}

/// What the layer makes of a response from a provider that hides errors.
pub(crate) async fn through<R>(
    head: Head<'_>,
    body: R,
) -> Response<PeekBody<R, (Shown, tollgate_classify::Builtin)>>
where
    R: Body<Data = Bytes> + Unpin,
{
    through_layer(&layer(), head, body).await
}

pub(crate) async fn through_layer<C, O, R>(
    layer: &ClassifyLayer<C, O>,
    head: Head<'_>,
    body: R,
) -> Response<PeekBody<R, C, O>>
where
    C: Classifier,
    O: tollgate_core::Observe<tollgate_classify::Classified>,
    R: Body<Data = Bytes> + Unpin,
{
    let mut response = Some(response(head, body));
    let inner = tower::service_fn(|_: Request<()>| {
        std::future::ready(Ok::<_, Infallible>(response.take().expect("called once")))
    });
    let request = Request::post("https://hides/v1").body(());
    let answer = layer
        .layer(inner)
        .oneshot(request.expect("a request"))
        .await;
    answer.expect("infallible")
}

/// What the classifier was shown, where it found an error.
pub(crate) fn shown<R>(response: &Response<R>) -> Option<&str> {
    Some(Note::of(response)?.classification()?.evidence())
}

/// One thing that a body yields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
    Error(String),
}

/// Everything that a body yields, to its end or its first error.
pub(crate) async fn drain<R>(mut body: R) -> Vec<Piece>
where
    R: Body<Data = Bytes, Error: std::fmt::Display> + Unpin,
{
    let mut pieces = Vec::new();
    while let Some(frame) = body.frame().await {
        pieces.push(match frame.map(Frame::into_data) {
            Ok(Ok(data)) => Piece::Data(data),
            Ok(Err(frame)) => Piece::Trailers(frame.into_trailers().expect("trailers")),
            Err(error) => Piece::Error(error.to_string()),
        });
        if matches!(pieces.last(), Some(Piece::Error(_))) {
            break;
        }
    }
    pieces
}

pub(crate) fn data(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Piece {
    Piece::Data(Bytes::copy_from_slice(bytes.as_ref()))
}

pub(crate) fn trailers() -> HeaderMap {
    [(
        HeaderName::from_static("x-end"),
        HeaderValue::from_static("1"),
    )]
    .into_iter()
    .collect()
}

/// What a script does next.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Data(Bytes),
    Trailers,
    Error(&'static str),
    Wait(Duration),
    Hang,
}

pub(crate) fn says(text: &str) -> Step {
    Step::Data(Bytes::copy_from_slice(text.as_bytes()))
}

/// What became of a script.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    polled: AtomicUsize,
    frames: AtomicUsize,
    dropped: AtomicBool,
}

impl Fate {
    /// How many bytes were asked for.
    pub(crate) fn polled(&self) -> usize {
        self.polled.load(Ordering::Relaxed)
    }

    /// In how many frames they came.
    pub(crate) fn frames(&self) -> usize {
        self.frames.load(Ordering::Relaxed)
    }

    pub(crate) fn dropped(&self) -> bool {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// A body that follows a script.
#[derive(Debug)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    timer: Option<Pin<Box<Sleep>>>,
    fate: Arc<Fate>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> (Self, Arc<Fate>) {
        let fate = Arc::<Fate>::default();
        let script = Self {
            steps: steps.into_iter().collect(),
            timer: None,
            fate: Arc::clone(&fate),
        };
        (script, fate)
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(timer) = &mut self.timer {
                std::task::ready!(timer.as_mut().poll(cx));
                self.timer = None;
            }
            return Poll::Ready(match self.steps.pop_front() {
                Some(Step::Data(data)) => {
                    self.fate.polled.fetch_add(data.len(), Ordering::Relaxed);
                    self.fate.frames.fetch_add(1, Ordering::Relaxed);
                    Some(Ok(Frame::data(data)))
                }
                Some(Step::Trailers) => Some(Ok(Frame::trailers(trailers()))),
                Some(Step::Error(text)) => Some(Err(io::Error::other(text))),
                Some(Step::Wait(time)) => {
                    self.timer = Some(Box::pin(tokio::time::sleep(time)));
                    continue;
                }
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                None => None,
            });
        }
    }

    /// As a body with a `content-length` has it.
    fn size_hint(&self) -> SizeHint {
        let rest = self.steps.iter().map(|step| match step {
            Step::Data(data) => data.len() as u64,
            _ => 0,
        });
        SizeHint::with_exact(rest.sum())
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.fate.dropped.store(true, Ordering::Relaxed);
    }
}
