//! The body that is followed to its end.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::watch::BodyWatch;
use crate::event::{End, Observer};

pin_project! {
    /// A response body whose end is told.
    ///
    /// Frames, trailers, errors and size hints pass unchanged. The usage that the answer reports is read
    /// while it passes, where somebody listens.
    pub struct OperationBody<B, O: Observer = ()> {
        // Dropped first: what the layers inside tell of it comes before its end.
        #[pin]
        body: B,
        watch: Option<BodyWatch<O>>,
    }
}

impl<B, O: Observer> OperationBody<B, O> {
    pub(super) const fn new(body: B, watch: Option<BodyWatch<O>>) -> Self {
        Self { body, watch }
    }

    pub(super) const fn unwatched(body: B) -> Self {
        Self::new(body, None)
    }
}

impl<B: Body<Data = Bytes>, O: Observer> Body for OperationBody<B, O> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let Some(watch) = this.watch else {
            return this.body.poll_frame(cx);
        };
        let frame = ready!(watch.span().within(|| this.body.as_mut().poll_frame(cx)));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    watch.read(data);
                }
                // Who knows the end beforehand does not ask again.
                if this.body.is_end_stream() {
                    watch.end(End::Complete);
                }
            }
            Some(Err(_)) => watch.end(End::Broken),
            None => watch.end(End::Complete),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: fmt::Debug, O: Observer> fmt::Debug for OperationBody<B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationBody")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
