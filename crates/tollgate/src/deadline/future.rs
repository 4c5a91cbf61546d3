//! The future of `Deadline`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tollgate_core::{BoxError, Reason, Rejected, TimeLimit, TimedOut};

use super::DeadlineBody;
use crate::closing::Open;

pin_project! {
    /// The response future of [`Deadline`](super::Deadline).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the call below.
    ///
    /// # Panics
    ///
    /// When polled again after it was ready.
    pub struct ResponseFuture<F> {
        // Gone when time is up, so that the call below ends then, and not when this is dropped.
        #[pin]
        future: Option<F>,
        until: Option<Instant>,
        // Made when the call is first waited for.
        #[pin]
        timer: Option<Sleep>,
        whole_body: bool,
        // Time is up, and those inside have one more turn to say why.
        last_turn: bool,
        // The call is counted until its body is over.
        open: Option<Open>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(
        future: F,
        until: Option<Instant>,
        whole_body: bool,
        open: Option<Open>,
    ) -> Self {
        Self {
            future: Some(future),
            until,
            timer: None,
            whole_body,
            last_turn: false,
            open,
        }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Output = Result<Response<DeadlineBody<R>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // First the call: a layer below that gives up at the same time has the better reason.
        let future = this.future.as_mut().as_pin_mut();
        if let Poll::Ready(result) = future.expect("polled after it was ready").poll(cx) {
            this.future.set(None);
            let until = this.until.filter(|_| *this.whole_body);
            // Whatever came: a future that is kept is no call.
            let open = this.open.take();
            let response = result.map_err(|error| named(error.into()))?;
            return Poll::Ready(Ok(response.map(|body| DeadlineBody::new(body, until, open))));
        }
        let Some(until) = *this.until else {
            return Poll::Pending;
        };
        if this.timer.is_none() {
            this.timer.set(Some(sleep_until(until)));
        }
        if let Some(timer) = this.timer.as_pin_mut() {
            ready!(timer.poll(cx));
        }
        if !std::mem::replace(this.last_turn, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.future.set(None);
        *this.open = None;
        Poll::Ready(Err(Rejected::new(Reason::DeadlineExceeded).into()))
    }
}

/// What ended at this deadline says so, and who had not answered.
fn named(error: BoxError) -> BoxError {
    let late = TimedOut::find(error.as_ref()).filter(|late| late.limit() == TimeLimit::Deadline);
    match (late, Rejected::find(error.as_ref())) {
        (Some(late), None) => Rejected::new(Reason::DeadlineExceeded)
            .with_target(late.target().cloned())
            .with_unanswered(late.after())
            .into(),
        _ => error,
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
