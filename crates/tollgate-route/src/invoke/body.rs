//! The body of `InvokeStream`.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::frame::{self, Next};

pin_project! {
    /// A response body whose frames of AWS are unpacked, where it has any.
    ///
    /// Each event is handed on as soon as its frame is there. Errors and trailers of the inner body
    /// pass. It holds one frame at most, of 16 MiB at most, beside what came with it.
    pub struct InvokeStreamBody<R> {
        #[pin]
        inner: R,
        // In a box, because few answers are unpacked. None where the answer passes unchanged.
        unpacked: Option<Box<Unpacked>>,
    }
}

#[derive(Default)]
struct Unpacked {
    read: BytesMut,
    /// Nothing follows: it broke off, and that was told.
    over: bool,
}

impl Unpacked {
    /// The next event that is there already.
    fn event(&mut self) -> Option<Bytes> {
        loop {
            match frame::take(&mut self.read) {
                Next::Event(event) => return Some(event),
                Next::Nothing => {}
                Next::Partial => return None,
                Next::Broken => return Some(self.end("it is no stream of frames")),
            }
        }
    }

    fn end(&mut self, why: &str) -> Bytes {
        self.over = true;
        self.read = BytesMut::new();
        let words = format!("the stream of Bedrock cannot be read: {why}");
        frame::error("api_error", &words)
    }
}

impl<R> InvokeStreamBody<R> {
    pub(super) const fn passing(inner: R) -> Self {
        Self {
            inner,
            unpacked: None,
        }
    }

    pub(super) fn unpacking(inner: R) -> Self {
        Self {
            inner,
            unpacked: Some(Box::default()),
        }
    }
}

impl<R: Body<Data = Bytes>> Body for InvokeStreamBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let mut this = self.project();
        let Some(unpacked) = this.unpacked else {
            return this.inner.poll_frame(cx);
        };
        loop {
            if unpacked.over {
                return Poll::Ready(None);
            }
            if let Some(event) = unpacked.event() {
                return Poll::Ready(Some(Ok(Frame::data(event))));
            }
            let frame = ready!(this.inner.as_mut().poll_frame(cx)).transpose()?;
            let rest = match frame.map(Frame::into_data) {
                Some(Ok(data)) => {
                    unpacked.read.extend_from_slice(&data);
                    continue;
                }
                Some(Err(other)) => Some(other),
                None => None,
            };
            if !unpacked.read.is_empty() {
                let event = unpacked.end("it ends inside a frame");
                return Poll::Ready(Some(Ok(Frame::data(event))));
            }
            return Poll::Ready(rest.map(Ok));
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.unpacked {
            None => self.inner.is_end_stream(),
            Some(unpacked) => {
                unpacked.over || (unpacked.read.is_empty() && self.inner.is_end_stream())
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.unpacked {
            None => self.inner.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}

impl<R> fmt::Debug for InvokeStreamBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeStreamBody")
            .field("unpacks", &self.unpacked.is_some())
            .finish_non_exhaustive()
    }
}
