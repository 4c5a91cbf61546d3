//! The future of `Buffered`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, request::Parts};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};
use tower_service::Service;

use super::{ReplayBody, read::Reading};
use crate::{BoxError, Call, Reason, Rejected};

pin_project! {
    /// The response future of [`Buffered`](super::Buffered).
    pub struct ReplayFuture<S, B>
    where
        S: Service<Request<ReplayBody<B>>>,
    {
        #[pin]
        state: State<S, S::Future, B>,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<S, F, B> {
        // The body is being read; nothing below was called.
        Reading { head: Parts, reading: Reading<B>, inner: S, #[pin] deadline: Option<Sleep> },
        // The body is here; an instance of the inner service is being made ready.
        Readying { request: Request<ReplayBody<B>>, inner: S },
        // The inner service was called.
        Calling { #[pin] future: F },
        // The body could not be read.
        Failed { error: BoxError },
        // An answer was given.
        Done,
    }
}

impl<S: Service<Request<ReplayBody<B>>>, B> ReplayFuture<S, B> {
    pub(super) fn reading(head: Parts, reading: Reading<B>, inner: S) -> Self {
        let deadline = Call::from_parts(&head).and_then(Call::deadline);
        Self {
            state: State::Reading {
                head,
                reading,
                inner,
                deadline: deadline.map(sleep_until),
            },
        }
    }

    pub(super) const fn calling(future: S::Future) -> Self {
        Self {
            state: State::Calling { future },
        }
    }

    pub(super) const fn failed(error: BoxError) -> Self {
        Self {
            state: State::Failed { error },
        }
    }
}

impl<S, B> Future for ReplayFuture<S, B>
where
    S: Service<Request<ReplayBody<B>>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Output = Result<S::Response, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                // Reading => Readying
                StateProj::Reading {
                    reading, deadline, ..
                } => {
                    let Poll::Ready(body) = reading.poll(cx) else {
                        let Some(deadline) = deadline.as_pin_mut() else {
                            return Poll::Pending;
                        };
                        ready!(deadline.poll(cx));
                        state.set(State::Done);
                        let late = Rejected::new(Reason::DeadlineExceeded);
                        return Poll::Ready(Err(late.into()));
                    };
                    let body = body.map_err(Into::into)?;
                    if let StateOwn::Reading { head, inner, .. } =
                        state.as_mut().project_replace(State::Done)
                    {
                        let request = Request::from_parts(head, body);
                        state.set(State::Readying { request, inner });
                    }
                }
                // Readying => Calling
                StateProj::Readying { inner, .. } => {
                    ready!(inner.poll_ready(cx)).map_err(Into::into)?;
                    if let StateOwn::Readying { request, mut inner } =
                        state.as_mut().project_replace(State::Done)
                    {
                        state.set(State::Calling {
                            future: inner.call(request),
                        });
                    }
                }
                StateProj::Calling { future } => return future.poll(cx).map_err(Into::into),
                StateProj::Failed { .. } => {
                    if let StateOwn::Failed { error } = state.project_replace(State::Done) {
                        return Poll::Ready(Err(error));
                    }
                    unreachable!("the state was just matched")
                }
                StateProj::Done => panic!("polled after it was ready"),
            }
        }
    }
}

impl<S: Service<Request<ReplayBody<B>>>, B> fmt::Debug for ReplayFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayFuture").finish_non_exhaustive()
    }
}
