//! A body that only one thread at a time looks at.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use sync_wrapper::SyncWrapper;

pin_project! {
    /// Makes any body one that reqwest takes. reqwest wants bodies to be `Sync`, which many are not
    /// (axum's, the boxed ones of a stack); as a body is read by its owner alone, it need not be.
    ///
    /// What can be asked of a shared body, the size and the end, is noted after each piece.
    pub(crate) struct Exclusive<B> {
        #[pin]
        inner: SyncWrapper<B>,
        hint: SizeHint,
        ended: bool,
    }
}

impl<B: Body> Exclusive<B> {
    pub(crate) fn new(body: B) -> Self {
        Self {
            hint: body.size_hint(),
            ended: body.is_end_stream(),
            inner: SyncWrapper::new(body),
        }
    }
}

impl<B: Body> Body for Exclusive<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let mut inner = this.inner.get_pin_mut();
        let frame = inner.as_mut().poll_frame(cx);
        *this.hint = inner.size_hint();
        *this.ended = inner.is_end_stream();
        frame
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::clone(&self.hint)
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

impl<B> fmt::Debug for Exclusive<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exclusive")
            .field("hint", &self.hint)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
