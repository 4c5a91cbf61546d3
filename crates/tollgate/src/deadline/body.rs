//! The body of `Deadline`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tollgate_core::{BoxError, Reason, Rejected};

use crate::closing::Open;

pin_project! {
    /// The response body below a [`DeadlineLayer`](super::DeadlineLayer): the one of the service below,
    /// frame by frame, until the deadline where that covers the body.
    pub struct DeadlineBody<R> {
        // Gone when it was late: whoever keeps this body keeps nothing of the one below.
        #[pin]
        inner: Option<R>,
        until: Option<Instant>,
        // In a box only for bodies that must end in time and pause, and so that they can be moved.
        timer: Option<Pin<Box<Sleep>>>,
        // The call is counted until this body is over.
        open: Option<Open>,
    }
}

impl<R> DeadlineBody<R> {
    pub(super) const fn new(inner: R, until: Option<Instant>, open: Option<Open>) -> Self {
        Self {
            inner: Some(inner),
            until,
            timer: None,
            open,
        }
    }
}

impl<R> Body for DeadlineBody<R>
where
    R: Body,
    R::Error: Into<BoxError>,
{
    type Data = R::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<R::Data>, BoxError>>> {
        let mut this = self.project();
        let Some(mut inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if let Some(until) = *this.until {
            // The timer first: a body that is always ready must end in time, too.
            let timer = this
                .timer
                .get_or_insert_with(|| Box::pin(sleep_until(until)));
            if timer.as_mut().poll(cx).is_ready() {
                this.inner.set(None);
                *this.open = None;
                let error = Rejected::new(Reason::DeadlineExceeded);
                return Poll::Ready(Some(Err(error.into())));
            }
        }
        let frame = ready!(inner.as_mut().poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || inner.is_end_stream() {
            *this.open = None;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.as_ref();
        inner.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<R> fmt::Debug for DeadlineBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadlineBody")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
