//! The response body the layer hands on.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A response body whose start may have been read already: first that, then the rest, as they came.
///
/// Every frame, the trailers and an error of the inner body arrive in their order and unchanged; the
/// size hint is that of the bytes already here plus the inner one's. Where nothing was read this is
/// a thin wrapper. `Send`, `Sync` and `Unpin` where the inner body and its error are.
pub struct PeekBody<R: Body> {
    ahead: Option<Box<Ahead<R::Error>>>,
    inner: R,
}

/// What was read of a body ahead of the caller.
pub(crate) struct Ahead<E> {
    pub(crate) data: VecDeque<Bytes>,
    pub(crate) then: Option<Then<E>>,
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
    pub(crate) const fn new() -> Self {
        Self {
            data: VecDeque::new(),
            then: None,
        }
    }

    fn len(&self) -> usize {
        self.data.iter().map(Bytes::len).sum()
    }
}

impl<R: Body> PeekBody<R> {
    /// A body of which nothing was read.
    pub(crate) const fn untouched(inner: R) -> Self {
        Self { ahead: None, inner }
    }

    /// What was read of a body, and the body.
    pub(crate) fn peeked(ahead: Ahead<R::Error>, inner: R) -> Self {
        let nothing = ahead.data.is_empty() && ahead.then.is_none();
        Self {
            ahead: (!nothing).then(|| Box::new(ahead)),
            inner,
        }
    }

    /// How many bytes the layer has read that the body did not yet give out.
    #[must_use]
    pub fn ahead(&self) -> usize {
        self.ahead.as_ref().map_or(0, |ahead| ahead.len())
    }
}

impl<R: Body<Data = Bytes> + Unpin> Body for PeekBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        if let Some(ahead) = &mut self.ahead {
            if let Some(data) = ahead.data.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            match self.ahead.take().and_then(|ahead| ahead.then) {
                Some(Then::Frame(frame)) => return Poll::Ready(Some(Ok(*frame))),
                Some(Then::Error(error)) => return Poll::Ready(Some(Err(error))),
                Some(Then::End) => return Poll::Ready(None),
                None => {}
            }
        }
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        let Some(ahead) = &self.ahead else {
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

impl<R: Body> fmt::Debug for PeekBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sizes only: what a model says does not belong into a log.
        f.debug_struct("PeekBody")
            .field("ahead", &self.ahead())
            .finish_non_exhaustive()
    }
}
