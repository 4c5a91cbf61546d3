//! The future of the service.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Response, response::Parts};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};
use tollgate_core::Observe;

use crate::{Classified, Classifier, Cut, PeekBody, origin::Origin, peek::Peek, shared::Shared};

pin_project! {
    /// The response future of [`Classify`](crate::Classify).
    ///
    /// # Panics
    ///
    /// When the start of a body must be waited for and there is no tokio runtime with its timer
    /// enabled, and when polled again after it was ready.
    pub struct ResponseFuture<F, R, C, O>
    where
        R: Body,
    {
        #[pin]
        state: State<F, R>,
        origin: Origin,
        deadline: Option<Instant>,
        shared: Arc<Shared<C, O>>,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<F, R>
    where
        R: Body,
    {
        // The inner service was called.
        Waiting { #[pin] future: F },
        // The head is here; the start of the body is being read.
        Peeking {
            head: Parts,
            peek: Peek<R>,
            time: Duration,
            // Made when the body is waited for.
            #[pin] timer: Option<Sleep>,
        },
        // An answer was given.
        Done,
    }
}

impl<F, R: Body, C, O> ResponseFuture<F, R, C, O> {
    pub(crate) const fn new(
        future: F,
        origin: Origin,
        deadline: Option<Instant>,
        shared: Arc<Shared<C, O>>,
    ) -> Self {
        Self {
            state: State::Waiting { future },
            origin,
            deadline,
            shared,
        }
    }
}

impl<F, R, E, C, O> Future for ResponseFuture<F, R, C, O>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes> + Unpin,
    C: Classifier,
    O: Observe<Classified>,
{
    type Output = Result<Response<PeekBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Waiting { future } => {
                    let mut response = ready!(future.poll(cx))?;
                    let Some(look) = this.shared.begin(this.origin, &mut response) else {
                        // Waiting => Done
                        this.state.set(State::Done);
                        return Poll::Ready(Ok(response.map(PeekBody::untouched)));
                    };
                    // Waiting => Peeking
                    let (head, body) = response.into_parts();
                    this.state.set(State::Peeking {
                        head,
                        peek: Peek::new(body, look.scan, look.cap),
                        time: look.time,
                        timer: None,
                    });
                }
                // Peeking => Done
                StateProj::Peeking {
                    peek,
                    time,
                    mut timer,
                    ..
                } => {
                    let peeked = match peek.poll(cx) {
                        Poll::Ready(peeked) => peeked,
                        Poll::Pending => {
                            if timer.is_none() {
                                timer.set(Some(sleep(at_most(*time, *this.deadline))));
                            }
                            if let Some(timer) = timer.as_pin_mut() {
                                ready!(timer.poll(cx));
                            }
                            peek.stopped(Some(Cut::Time))
                        }
                    };
                    let StateOwn::Peeking { head, peek, .. } =
                        this.state.project_replace(State::Done)
                    else {
                        unreachable!("the state was just matched")
                    };
                    let response = this.shared.finish(this.origin, head, peek, peeked);
                    return Poll::Ready(Ok(response));
                }
                StateProj::Done => panic!("polled after it was ready"),
            }
        }
    }
}

/// How long to wait at most: never beyond the deadline.
fn at_most(time: Duration, deadline: Option<Instant>) -> Duration {
    match deadline {
        Some(deadline) => time.min(deadline.saturating_duration_since(Instant::now())),
        None => time,
    }
}

impl<F, R: Body, C, O> fmt::Debug for ResponseFuture<F, R, C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
