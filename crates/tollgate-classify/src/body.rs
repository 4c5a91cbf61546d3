//! The response body the layer hands on.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tollgate_core::Observe;

use crate::{Builtin, Classified, Classifier, late::Late};

/// A response body whose start may have been read already: first that, then the rest, as they came.
///
/// Every frame, the trailers and an error of the inner body arrive in their order and unchanged; the
/// size hint is that of the bytes already here plus the inner one's. Where nothing was read this is
/// a thin wrapper. `Send`, `Sync` and `Unpin` where the inner body, its error, the classifier and the
/// observer are.
///
/// The events of a stream are read while they pass; an error event among them is written into the
/// [`StreamReport`](tollgate_core::StreamReport) of the response, and the observer receives it. The bytes
/// stay as they are.
pub struct PeekBody<R: Body, C = Builtin, O = ()> {
    // In a box, because most bodies have none.
    read: Option<Box<Read<R::Error, C, O>>>,
    inner: R,
}

/// What was read of a body, and what is still to be read.
struct Read<E, C, O> {
    ahead: Ahead<E>,
    late: Option<Box<Late<C, O>>>,
}

/// What was read of a body ahead of the caller.
pub(crate) struct Ahead<E> {
    pub(crate) data: Queue,
    pub(crate) then: Option<Then<E>>,
}

/// Pieces of data in their order. Most bodies are one piece, which takes no memory of its own.
#[derive(Default)]
pub(crate) struct Queue {
    first: Option<Bytes>,
    rest: VecDeque<Bytes>,
}

impl Queue {
    pub(crate) fn push(&mut self, data: Bytes) {
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(data);
        } else {
            self.rest.push_back(data);
        }
    }

    fn pop(&mut self) -> Option<Bytes> {
        self.first.take().or_else(|| self.rest.pop_front())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.first.iter().chain(&self.rest)
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }
}

/// What came after the data that was read.
pub(crate) enum Then<E> {
    /// Trailers (or a frame of a kind yet to be invented).
    Frame(Box<Frame<Bytes>>),
    /// The body broke off.
    Error(E),
    /// The body is over.
    End,
}

impl<E> Ahead<E> {
    pub(crate) fn new() -> Self {
        Self {
            data: Queue::default(),
            then: None,
        }
    }

    fn len(&self) -> usize {
        self.data.iter().map(Bytes::len).sum()
    }

    fn is_empty(&self) -> bool {
        self.data.is_empty() && self.then.is_none()
    }
}

impl<R: Body, C, O> PeekBody<R, C, O> {
    /// A body of which nothing was read.
    pub(crate) fn untouched(inner: R, late: Option<Box<Late<C, O>>>) -> Self {
        let read = late.map(|late| {
            let ahead = Ahead::new();
            Box::new(Read {
                ahead,
                late: Some(late),
            })
        });
        Self { read, inner }
    }

    /// What was read of a body, and the body.
    pub(crate) fn peeked(ahead: Ahead<R::Error>, inner: R, late: Option<Box<Late<C, O>>>) -> Self {
        let nothing = late.is_none() && ahead.is_empty();
        let read = (!nothing).then(|| Box::new(Read { ahead, late }));
        Self { read, inner }
    }

    /// How many bytes the layer has read that the body did not yet give out.
    #[must_use]
    pub fn ahead(&self) -> usize {
        self.read.as_ref().map_or(0, |read| read.ahead.len())
    }
}

impl<R, C, O> PeekBody<R, C, O>
where
    R: Body<Data = Bytes> + Unpin,
{
    /// The next frame, of what was read or of the inner body.
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let Some(read) = &mut self.read else {
            return Pin::new(&mut self.inner).poll_frame(cx);
        };
        if let Some(data) = read.ahead.data.pop() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let then = read.ahead.then.take();
        if read.late.is_none() {
            self.read = None;
        }
        match then {
            Some(Then::Frame(frame)) => Poll::Ready(Some(Ok(*frame))),
            Some(Then::Error(error)) => Poll::Ready(Some(Err(error))),
            Some(Then::End) => Poll::Ready(None),
            None => Pin::new(&mut self.inner).poll_frame(cx),
        }
    }
}

impl<R, C, O> Body for PeekBody<R, C, O>
where
    R: Body<Data = Bytes> + Unpin,
    C: Classifier,
    O: Observe<Classified>,
{
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let frame = ready!(self.next(cx));
        if self.read.as_ref().is_some_and(|read| read.late.is_some()) {
            self.report(frame.as_ref().and_then(|frame| frame.as_ref().ok()));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let Some(ahead) = self.read.as_ref().map(|read| &read.ahead) else {
            return self.inner.is_end_stream();
        };
        ahead.data.is_empty()
            && match ahead.then {
                None => self.inner.is_end_stream(),
                Some(Then::End) => true,
                Some(Then::Frame(_) | Then::Error(_)) => false,
            }
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.inner.size_hint();
        let ahead = self.ahead() as u64;
        if ahead == 0 {
            return hint;
        }
        let mut sum = SizeHint::new();
        // The upper bound first: `set_lower` must stay below it.
        if let Some(upper) = hint.upper().and_then(|upper| upper.checked_add(ahead)) {
            sum.set_upper(upper);
        }
        sum.set_lower(hint.lower().saturating_add(ahead));
        sum
    }
}

impl<R, C, O> PeekBody<R, C, O>
where
    R: Body<Data = Bytes> + Unpin,
    C: Classifier,
    O: Observe<Classified>,
{
    /// Reads the events of a frame that passes; `None` for the end, and for an error.
    fn report(&mut self, frame: Option<&Frame<Bytes>>) {
        let Some(late) = self.read.as_mut().and_then(|read| read.late.as_mut()) else {
            return;
        };
        match frame.map(Frame::data_ref) {
            Some(Some(data)) => {
                late.read(data);
                // Whoever knows the end beforehand does not ask again.
                if self.is_end_stream() {
                    self.report(None);
                }
            }
            // Trailers, the end, or an error.
            Some(None) | None => {
                late.end();
                if let Some(read) = &mut self.read {
                    read.late = None;
                }
            }
        }
    }
}

impl<R: Body, C, O> fmt::Debug for PeekBody<R, C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sizes only: what a model says does not belong into a log.
        f.debug_struct("PeekBody")
            .field("ahead", &self.ahead())
            .finish_non_exhaustive()
    }
}
