//! The client at the bottom: readiness that can be lost, held back or broken.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    io,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tollgate_core::Replay;
use tower_service::Service;

/// What every caller of the battery sends.
pub(crate) type Req = Request<Sent>;

pub(crate) fn request() -> Req {
    sending(Sent::Whole(Bytes::from_static(br#"{"model":"m"}"#)))
}

pub(crate) fn sending(body: Sent) -> Req {
    let request = Request::post("http://client.test/v1/chat/completions").body(body);
    request.expect("a request")
}

/// A request body: all there, never there, or broken.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    Whole(Bytes),
    Hanging,
    Broken,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(data) if data.is_empty() => Poll::Ready(None),
            Self::Whole(data) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(data))))),
            Self::Hanging => Poll::Pending,
            Self::Broken => Poll::Ready(Some(Err(io::Error::other("cut")))),
        }
    }
}

impl From<Bytes> for Sent {
    fn from(data: Bytes) -> Self {
        Self::Whole(data)
    }
}

impl Replay for Sent {
    fn try_clone(&self) -> Option<Self> {
        matches!(self, Self::Whole(_)).then(|| self.clone())
    }

    fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Whole(data) => Some(data.clone()),
            Self::Hanging | Self::Broken => None,
        }
    }
}

/// What the client does and what was done to it; shared by all clones.
#[derive(Debug, Default)]
struct State {
    held: bool,
    broken: bool,
    failing: bool,
    hanging: bool,
    refusals: u32,
    waiting: Vec<Waker>,
    calls: u32,
    live_calls: u32,
    live_bodies: u32,
}

/// A client whose clones are not ready, as tower demands: calling one that was not made ready is an
/// error of the caller and panics.
#[derive(Debug)]
pub(crate) struct Inner {
    state: Arc<Mutex<State>>,
    ready: bool,
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            ready: false,
        }
    }
}

/// What the client reports when it is told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client is broken")
    }
}

impl std::error::Error for Broken {}

impl Inner {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::default(),
            ready: false,
        }
    }

    fn set(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.state.lock().expect("no test panics inside"));
        self
    }

    /// Not ready until [`release`](Self::release).
    pub(crate) fn held() -> Self {
        Self::new().set(|s| s.held = true)
    }

    /// `poll_ready` fails.
    pub(crate) fn broken() -> Self {
        Self::new().set(|s| s.broken = true)
    }

    /// Every call fails.
    pub(crate) fn failing() -> Self {
        Self::new().set(|s| s.failing = true)
    }

    /// No call ever ends.
    pub(crate) fn hanging() -> Self {
        Self::new().set(|s| s.hanging = true)
    }

    /// The first call is refused, with 5 seconds to wait.
    pub(crate) fn refusing_once() -> Self {
        Self::new().set(|s| s.refusals = 1)
    }

    pub(crate) fn release(&self) {
        let woken = {
            let mut state = self.state.lock().expect("no test panics inside");
            state.held = false;
            std::mem::take(&mut state.waiting)
        };
        woken.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn calls(&self) -> u32 {
        self.state.lock().expect("no test panics inside").calls
    }

    /// Calls and bodies that still live.
    pub(crate) fn live(&self) -> (u32, u32) {
        let state = self.state.lock().expect("no test panics inside");
        (state.live_calls, state.live_bodies)
    }
}

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Frames>;
    type Error = Broken;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let mut state = self.state.lock().expect("no test panics inside");
        if state.broken {
            return Poll::Ready(Err(Broken));
        }
        if state.held {
            state.waiting.push(cx.waker().clone());
            return Poll::Pending;
        }
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Answer {
        assert!(
            std::mem::take(&mut self.ready),
            "called without having been made ready"
        );
        let mut state = self.state.lock().expect("no test panics inside");
        state.calls += 1;
        state.live_calls += 1;
        Answer {
            state: self.state.clone(),
        }
    }
}

/// The client's future.
#[derive(Debug)]
pub(crate) struct Answer {
    state: Arc<Mutex<State>>,
}

impl Future for Answer {
    type Output = Result<Response<Frames>, Broken>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state.lock().expect("no test panics inside");
        if state.hanging {
            return Poll::Pending;
        }
        if state.failing {
            return Poll::Ready(Err(Broken));
        }
        state.live_bodies += 1;
        let refused = state.refusals > 0;
        state.refusals = state.refusals.saturating_sub(1);
        drop(state);
        let mut response = answer(Some(self.state.clone()));
        if refused {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert("retry-after", 5.into());
        }
        Poll::Ready(Ok(response))
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.state.lock().expect("no test panics inside").live_calls -= 1;
    }
}

/// The answer of every client here: a status that no layer acts on, headers, two frames, trailers.
fn answer(state: Option<Arc<Mutex<State>>>) -> Response<Frames> {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-trailer", "last".parse().expect("a value"));
    let frames = VecDeque::from([
        Frame::data(Bytes::from_static(br#"{"error":{"message":"#)),
        Frame::data(Bytes::from_static(br#""wrong"}}"#)),
        Frame::trailers(trailers),
    ]);
    Response::builder()
        .status(StatusCode::BAD_REQUEST)
        .header("content-type", "application/json")
        .header("x-first", "1")
        .body(Frames { frames, state })
        .expect("an answer")
}

/// A body that remembers whether it still lives.
#[derive(Debug)]
pub(crate) struct Frames {
    frames: VecDeque<Frame<Bytes>>,
    state: Option<Arc<Mutex<State>>>,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(self.frames.pop_front().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let data = self.frames.iter().filter_map(Frame::data_ref);
        SizeHint::with_exact(data.map(|data| data.len() as u64).sum())
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let Some(state) = &self.state {
            state.lock().expect("no test panics inside").live_bodies -= 1;
        }
    }
}

/// A client that can not leave its thread.
#[derive(Debug, Clone)]
pub(crate) struct Local(pub(crate) Rc<RefCell<u32>>);

impl<B> Service<Request<B>> for Local {
    type Response = Response<Frames>;
    type Error = Broken;
    type Future = std::future::Ready<Result<Response<Frames>, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        *self.0.borrow_mut() += 1;
        std::future::ready(Ok(answer(None)))
    }
}

/// A client that lives only as long as what it borrows.
#[derive(Debug, Clone)]
pub(crate) struct Borrowing<'a>(pub(crate) &'a Cell<u32>);

impl<B> Service<Request<B>> for Borrowing<'_> {
    type Response = Response<Frames>;
    type Error = Broken;
    type Future = std::future::Ready<Result<Response<Frames>, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        self.0.set(self.0.get() + 1);
        std::future::ready(Ok(answer(None)))
    }
}

/// Makes a service ready, whatever its request type.
pub(crate) async fn ready<S: Service<Req>>(service: &mut S) -> Result<(), S::Error> {
    poll_fn(|cx| service.poll_ready(cx)).await
}
