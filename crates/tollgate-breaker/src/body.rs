//! The response body that tells how it ended.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tollgate_core::Observe;

use crate::{Event, permit::Watch};

pin_project! {
    /// A response body that reports its end to the breaker. A body that breaks, or carries an error event, is a
    /// failure of the provider. Error events are known if a classifier below reads the stream.
    ///
    /// Every frame, the trailers, an error, the size hint and the end are those of the inner body.
    /// `Send`, `Sync` and `Unpin` where the inner body (and the observer) is.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before its end counts nothing: a caller who has read enough says nothing about
    /// the provider.
    pub struct GuardBody<R, O = ()> {
        #[pin]
        inner: R,
        // Until its end is known, where that matters.
        watch: Option<Watch<O>>,
    }
}

impl<R, O> GuardBody<R, O> {
    #[inline]
    pub(crate) const fn new(inner: R, watch: Option<Watch<O>>) -> Self {
        Self { inner, watch }
    }
}

impl<R, O> Body for GuardBody<R, O>
where
    R: Body,
    R::Error: 'static,
    O: Observe<Event>,
{
    type Data = R::Data;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<R::Data>, R::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(cx));
        match &frame {
            Some(Err(error)) => {
                if let Some(watch) = this.watch.take() {
                    watch.broke(error);
                }
            }
            _ if this.watch.as_ref().is_some_and(Watch::has_failed) => {
                if let Some(watch) = this.watch.take() {
                    watch.failed();
                }
            }
            _ if this.watch.is_some() && is_last(frame.as_ref(), &*this.inner) => {
                if let Some(watch) = this.watch.take() {
                    watch.ended();
                }
            }
            _ => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Whoever knows the length does not ask for the end after the last byte, and nobody has to after
/// the trailers.
fn is_last<R: Body>(frame: Option<&Result<Frame<R::Data>, R::Error>>, inner: &R) -> bool {
    match frame {
        Some(Ok(frame)) => frame.is_trailers() || inner.is_end_stream(),
        _ => true,
    }
}

impl<R: fmt::Debug, O> fmt::Debug for GuardBody<R, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardBody")
            .field("inner", &self.inner)
            .field("watched", &self.watch.is_some())
            .finish()
    }
}
