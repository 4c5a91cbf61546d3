//! A provider as a tower service.

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, BytesMut};
use http::{Request, Response, request::Parts};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tollgate_core::BoxError;
use tower_service::Service;

use crate::{
    Asked, KitBody,
    closing::Closing,
    provider::{End, InFlight, Plan, Shared},
};

/// A [`Provider`](crate::Provider) as a service: made by
/// [`Provider::service`](crate::Provider::service).
///
/// # Readiness
///
/// Always ready; it may be called without being asked. Wrap it into a [`Probe`](crate::Probe) to
/// have that checked.
///
/// # Sharing
///
/// Clones are the same provider.
///
/// # Cancel safety
///
/// Dropping the future, or the body of the response, ends the call at the provider.
#[derive(Debug, Clone)]
pub struct ProviderService {
    shared: Arc<Shared>,
}

impl ProviderService {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<B> Service<Request<B>> for ProviderService
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Response = Response<KitBody>;
    type Error = io::Error;
    type Future = AnswerFuture<B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> AnswerFuture<B> {
        let (mut parts, body) = request.into_parts();
        AnswerFuture {
            closing: parts.extensions.remove::<Arc<Closing>>(),
            shared: Arc::clone(&self.shared),
            state: State::Reading {
                body,
                read: BytesMut::new(),
                parts: Some(parts),
            },
        }
    }
}

pin_project! {
    /// The answer of a [`ProviderService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct AnswerFuture<B> {
        shared: Arc<Shared>,
        closing: Option<Arc<Closing>>,
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<B> {
        // The request comes in.
        Reading { #[pin] body: B, read: BytesMut, parts: Option<Parts> },
        // It is under way to the provider.
        Travelling { #[pin] sleep: Option<Sleep>, asked: Option<Asked> },
        // The provider has decided; its answer takes a while.
        Answering { #[pin] sleep: Option<Sleep>, end: Option<End> },
        // No answer will come.
        Hanging { call: InFlight },
    }
}

impl<B> Future for AnswerFuture<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<KitBody>, io::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Reading { body, read, parts } => {
                    ready!(poll_read(body, read, cx))?;
                    let parts = parts.take().expect("the request is read once");
                    let asked = Asked::read(parts, read.split().freeze());
                    // Reading => Travelling
                    State::Travelling {
                        sleep: timer(this.shared.travel()),
                        asked: Some(asked),
                    }
                }
                StateProj::Travelling { sleep, asked } => {
                    ready!(poll_timer(sleep, cx));
                    let asked = asked.take().expect("the request arrives once");
                    let Plan { delay, end } = this.shared.decide(asked, this.closing.clone());
                    // Travelling => Answering
                    State::Answering {
                        sleep: timer(delay),
                        end: Some(end),
                    }
                }
                StateProj::Answering { sleep, end } => {
                    ready!(poll_timer(sleep, cx));
                    match end.take().expect("polled after completion") {
                        End::Respond(response) => return Poll::Ready(Ok(response)),
                        End::Fail(error) => return Poll::Ready(Err(error)),
                        // Answering => Hanging
                        End::Hang(call) => State::Hanging { call },
                    }
                }
                StateProj::Hanging { call } => {
                    call.hangs();
                    let Some(closing) = this.closing else {
                        return Poll::Pending;
                    };
                    return closing.poll(cx).map(Err);
                }
            };
            this.state.set(next);
        }
    }
}

/// A timer, or none for no time: a timer of zero still costs a turn of the driver.
fn timer(time: std::time::Duration) -> Option<Sleep> {
    (!time.is_zero()).then(|| sleep(time))
}

fn poll_timer(sleep: Pin<&mut Option<Sleep>>, cx: &mut Context<'_>) -> Poll<()> {
    match sleep.as_pin_mut() {
        Some(sleep) => sleep.poll(cx),
        None => Poll::Ready(()),
    }
}

fn poll_read<B>(
    mut body: Pin<&mut B>,
    read: &mut BytesMut,
    cx: &mut Context<'_>,
) -> Poll<Result<(), io::Error>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    while let Some(frame) = ready!(body.as_mut().poll_frame(cx)) {
        let frame = frame.map_err(|error| io::Error::other(error.into()))?;
        if let Ok(mut data) = frame.into_data() {
            while data.has_remaining() {
                let length = data.chunk().len();
                read.put_slice(data.chunk());
                data.advance(length);
            }
        }
    }
    Poll::Ready(Ok(()))
}

impl<B> fmt::Debug for AnswerFuture<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerFuture").finish_non_exhaustive()
    }
}
