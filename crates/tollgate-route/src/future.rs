//! The future of `Router`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tollgate_core::{BoxError, Nap, Observe, Replay};
use tower_service::Service;

use crate::{
    Event,
    run::{Run, Step},
};

pin_project! {
    /// The response future of [`Router`](crate::Router).
    ///
    /// # Panics
    ///
    /// When polled again after it was ready, and when it must wait for a target to return outside of
    /// a tokio runtime with its timer enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it in any state drops the attempt that is under way, or the wait, or the place in the
    /// queue of the service below, and gives back the place of a request that tests a target.
    pub struct ResponseFuture<S, B, O>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S::Future>,
        // None where the call failed before anything was sent.
        course: Option<Course<S, B, O>>,
    }
}

struct Course<S, B, O> {
    // Not ready, except between the end of `Readying` and the call that follows at once.
    service: S,
    run: Run<B, O>,
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // The service is being made ready.
        Readying,
        // No target may be asked now.
        Waiting { #[pin] sleep: Sleep, nap: Nap },
        // A target was asked.
        Calling { #[pin] future: F },
        // The call failed before anything was sent.
        Failed { error: Option<BoxError> },
        // The result was handed over.
        Done,
    }
}

impl<S: Service<Request<B>>, B, O> ResponseFuture<S, B, O> {
    const fn new(state: State<S::Future>, service: S, run: Run<B, O>) -> Self {
        let course = Some(Course { service, run });
        Self { state, course }
    }

    pub(crate) const fn calling(future: S::Future, service: S, run: Run<B, O>) -> Self {
        Self::new(State::Calling { future }, service, run)
    }

    pub(crate) const fn readying(service: S, run: Run<B, O>) -> Self {
        Self::new(State::Readying, service, run)
    }

    pub(crate) fn waiting(time: Duration, service: S, run: Run<B, O>) -> Self {
        let (sleep, nap) = (sleep(time), run.nap(time));
        Self::new(State::Waiting { sleep, nap }, service, run)
    }

    pub(crate) const fn failed(error: BoxError) -> Self {
        let state = State::Failed { error: Some(error) };
        Self {
            state,
            course: None,
        }
    }
}

impl<S, B, R, O> Future for ResponseFuture<S, B, O>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    B: Replay + From<Bytes>,
    R: Send + 'static,
    O: Observe<Event>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let Course { service, run } = match (this.state.as_mut().project(), &mut *this.course) {
                // Failed => Done
                (StateProj::Failed { error }, _) => {
                    let error = error.take().expect("taken once");
                    this.state.set(State::Done);
                    return Poll::Ready(Err(error));
                }
                (StateProj::Done, _) | (_, None) => panic!("polled after it was ready"),
                (_, Some(course)) => course,
            };
            let next = match this.state.as_mut().project() {
                // Readying => Calling, Waiting, Done
                StateProj::Readying => {
                    if let Err(error) = ready!(service.poll_ready(cx)) {
                        this.state.set(State::Done);
                        *this.course = None;
                        return Poll::Ready(Err(error.into()));
                    }
                    match run.step() {
                        Step::Ask(pick) => {
                            let request = match run.send(pick) {
                                Ok(request) => request,
                                Err(error) => {
                                    this.state.set(State::Done);
                                    *this.course = None;
                                    return Poll::Ready(Err(error));
                                }
                            };
                            State::Calling {
                                future: service.call(request),
                            }
                        }
                        Step::Wait(time) => {
                            // Nothing that was made ready is held while the call waits.
                            *service = service.clone();
                            State::Waiting {
                                sleep: sleep(time),
                                nap: run.nap(time),
                            }
                        }
                        Step::Over => {
                            let error = run.exhausted::<R>(None);
                            this.state.set(State::Done);
                            *this.course = None;
                            return Poll::Ready(Err(error));
                        }
                    }
                }
                // Waiting => Readying, Done
                StateProj::Waiting { sleep, nap } => {
                    if nap.poll_closed(cx).is_ready() {
                        let closed = run.closed().map(BoxError::from);
                        let error = run.refuse(closed.expect("it was just closed"));
                        this.state.set(State::Done);
                        *this.course = None;
                        return Poll::Ready(Err(error));
                    }
                    ready!(sleep.poll(cx));
                    State::Readying
                }
                // Calling => Readying, Waiting, Done
                StateProj::Calling { future } => {
                    let result = ready!(future.poll(cx)).map_err(Into::into);
                    let next = match run.after(&result) {
                        // With the response go its connection and every permit in its body; with the
                        // future of the attempt, those it holds itself.
                        Some(Step::Ask(_)) => State::Readying,
                        Some(Step::Wait(time)) => State::Waiting {
                            sleep: sleep(time),
                            nap: run.nap(time),
                        },
                        over => {
                            let result = match over {
                                None => run.deliver(result),
                                Some(_) => Err(run.exhausted(Some(result))),
                            };
                            this.state.set(State::Done);
                            *this.course = None;
                            return Poll::Ready(result);
                        }
                    };
                    drop(result);
                    next
                }
                StateProj::Failed { .. } | StateProj::Done => unreachable!("matched above"),
            };
            this.state.set(next);
        }
    }
}

impl<S: Service<Request<B>>, B, O> fmt::Debug for ResponseFuture<S, B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Readying => "readying",
            State::Waiting { .. } => "waiting",
            State::Calling { .. } => "calling",
            State::Failed { .. } => "failed",
            State::Done => "done",
        };
        f.debug_struct("ResponseFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
