//! The future of `Retry`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tollgate_core::{Nap, Observe, Replay};
use tower_service::Service;

use crate::{Event, run::Run};

pin_project! {
    /// The response future of [`Retry`](crate::Retry).
    ///
    /// # Panics
    ///
    /// When polled again after it was ready, and when it must sleep outside of a tokio runtime with
    /// its timer enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it in any state drops the attempt that is under way, or the sleep, or the place in
    /// the queue of the service below; nothing else is held.
    pub struct ResponseFuture<S, B, O>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S::Future>,
        // For further attempts, where there may be any. Not ready, except between the end of
        // `Readying` and the call that follows at once.
        service: Option<S>,
        run: Run<B, O>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // An attempt is under way.
        Calling { #[pin] future: F },
        // It failed, its response is dropped, and the next attempt must wait.
        Sleeping { #[pin] sleep: Sleep, nap: Nap },
        // The wait is over; the service is being made ready.
        Readying,
        // The result was handed over.
        Done,
    }
}

impl<S: Service<Request<B>>, B, O> ResponseFuture<S, B, O> {
    #[inline]
    pub(crate) const fn new(future: S::Future, service: Option<S>, run: Run<B, O>) -> Self {
        Self {
            state: State::Calling { future },
            service,
            run,
        }
    }
}

impl<S, B, R, O> Future for ResponseFuture<S, B, O>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: 'static,
    B: Replay,
    O: Observe<Event>,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                // Calling => Sleeping, Readying, Done
                StateProj::Calling { future } => {
                    let result = ready!(future.poll(cx));
                    let Some(wait) = this.run.after(&result) else {
                        this.state.set(State::Done);
                        return Poll::Ready(result);
                    };
                    // With the response go its connection and every permit in its body; with the
                    // future of the attempt, those it holds itself.
                    drop(result);
                    this.state.set(match wait.is_zero() {
                        true => State::Readying,
                        false => State::Sleeping {
                            sleep: sleep(wait),
                            nap: this.run.nap(wait),
                        },
                    });
                }
                // Sleeping => Readying
                StateProj::Sleeping { sleep, nap } => {
                    // Woken before its time it asks at once; who closed the stack rejects that below.
                    if nap.poll_closed(cx).is_pending() {
                        ready!(sleep.poll(cx));
                    }
                    this.state.set(State::Readying);
                }
                // Readying => Calling, Done
                StateProj::Readying => {
                    let service = this.service.as_mut().expect("a retry was planned with it");
                    if let Err(error) = ready!(service.poll_ready(cx)) {
                        this.run.not_ready(&error);
                        this.state.set(State::Done);
                        return Poll::Ready(Err(error));
                    }
                    let request = this.run.resend().expect("a retry was planned with it");
                    let future = service.call(request);
                    if !this.run.can_resend() {
                        *this.service = None;
                    }
                    this.state.set(State::Calling { future });
                }
                StateProj::Done => panic!("polled after it was ready"),
            }
        }
    }
}

impl<S: Service<Request<B>>, B, O> fmt::Debug for ResponseFuture<S, B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Calling { .. } => "calling",
            State::Sleeping { .. } => "sleeping",
            State::Readying => "readying",
            State::Done => "done",
        };
        f.debug_struct("ResponseFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
