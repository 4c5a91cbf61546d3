//! The body of the kit's answers: bytes, with pauses and failures between them.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::{closing::Closing, provider::InFlight};

/// The body of an answer of a [`Provider`](crate::Provider).
///
/// Its frames are [`Bytes`], its error is an [`io::Error`]; it is `Send`, `Sync` and `Unpin`, as
/// every client's body should be.
///
/// # Cancel safety
///
/// Dropping it ends the call at the provider: its place among the calls at the same time is free.
#[derive(Default)]
pub struct KitBody {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<Sleep>>>,
    length: Option<u64>,
    closing: Option<Arc<Closing>>,
    call: Option<InFlight>,
}

/// What a body does next.
#[derive(Debug)]
pub(crate) enum Step {
    Data(Bytes),
    /// Nothing for a while.
    Wait(Duration),
    /// Pending once, so that a server sends what it has before the next step.
    Yield,
    Fail(io::ErrorKind, &'static str),
    /// Nothing, for ever.
    Hang,
}

impl KitBody {
    /// A body of these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::pieces([bytes.into()], true)
    }

    /// A body that sends each piece as a frame of its own. Its length is told beforehand if
    /// `sized`.
    pub(crate) fn pieces(pieces: impl IntoIterator<Item = Bytes>, sized: bool) -> Self {
        let steps = pieces.into_iter().filter(|piece| !piece.is_empty());
        let mut body = Self::steps(steps.map(Step::Data).collect());
        if sized {
            body.length = Some(body.bytes_left());
        }
        body
    }

    pub(crate) fn steps(steps: VecDeque<Step>) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    /// The length that is told beforehand, whatever the steps then do.
    pub(crate) fn with_length(mut self, length: Option<u64>) -> Self {
        self.length = length;
        self
    }

    /// The call that lasts until this body ends.
    pub(crate) fn holding(mut self, call: InFlight, closing: Option<Arc<Closing>>) -> Self {
        self.closing = closing;
        if !self.steps.is_empty() {
            self.call = Some(call);
        }
        self
    }

    fn bytes_left(&self) -> u64 {
        let length = |step: &Step| match step {
            Step::Data(data) => data.len() as u64,
            _ => 0,
        };
        self.steps.iter().map(length).sum()
    }

    fn poll_sleep(&mut self, time: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.sleep.get_or_insert_with(|| Box::pin(sleep(time)));
        let done = timer.as_mut().poll(cx);
        if done.is_ready() {
            self.sleep = None;
        }
        done
    }

    fn poll_step(&mut self, step: Step, cx: &mut Context<'_>) -> Poll<Option<Stepped>> {
        match step {
            Step::Data(data) => Poll::Ready(Some(Ok(data))),
            Step::Fail(kind, why) => {
                self.steps.clear();
                Poll::Ready(Some(Err(io::Error::new(kind, why))))
            }
            Step::Yield => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Step::Wait(time) => match self.poll_sleep(time, cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => {
                    self.steps.push_front(Step::Wait(time));
                    Poll::Pending
                }
            },
            Step::Hang => {
                if let Some(call) = &mut self.call {
                    call.hangs();
                }
                let closed = self.closing.as_ref().map(|closing| closing.poll(cx));
                if let Some(Poll::Ready(error)) = closed {
                    self.steps.clear();
                    return Poll::Ready(Some(Err(error)));
                }
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
        }
    }
}

/// What comes out of one step of a body.
type Stepped = Result<Bytes, io::Error>;

impl Body for KitBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            let Some(step) = self.steps.pop_front() else {
                self.call = None;
                return Poll::Ready(None);
            };
            let Some(out) = std::task::ready!(self.poll_step(step, cx)) else {
                continue;
            };
            if self.steps.is_empty() {
                // The last byte was handed over: the provider is done with the call.
                self.call = None;
            }
            if let (Some(left), Ok(data)) = (&mut self.length, &out) {
                *left = left.saturating_sub(data.len() as u64);
            }
            return Poll::Ready(Some(out.map(Frame::data)));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl From<Bytes> for KitBody {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

impl From<&'static str> for KitBody {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<String> for KitBody {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for KitBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KitBody")
            .field("bytes_left", &self.bytes_left())
            .field("steps", &self.steps.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
