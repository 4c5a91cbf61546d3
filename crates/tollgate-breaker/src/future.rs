//! The future of `Breaker`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tollgate_core::{BoxError, Observe, Rejected};
use tower_service::Service;

use crate::{
    Event, GuardBody,
    cell::Cell,
    permit::{Permit, Watch},
    shared::Shared,
    sync,
};

/// The way to the gate of a call that waits for the service below.
type Gate<O> = (Arc<Shared<O>>, sync::Arc<Cell>);

/// A call that waits for the service below. In a box, because few do, and all the others would have
/// to carry the room for a request.
struct Waiting<S, B, O> {
    service: S,
    request: Request<B>,
    // None for a call that is not watched.
    gate: Option<Gate<O>>,
}

pin_project! {
    /// The response future of [`Breaker`](crate::Breaker).
    ///
    /// # Panics
    ///
    /// When polled again after it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping it in any state drops the call that is under way, or the place in the queue of the
    /// service below. The call then counts neither as success nor as failure, and the place of a
    /// probe is free again.
    pub struct ResponseFuture<S, B, O>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, S::Future, B, O>,
        // Of a call that was let in and is watched.
        permit: Option<Permit<O>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, B, O> {
        // The service below is being made ready; the gate comes after that.
        Readying { waiting: Option<Box<Waiting<S, B, O>>> },
        // The call is under way.
        Calling { #[pin] future: F },
        // The breaker is open.
        Refused { rejected: Option<Rejected> },
        // The result was handed over.
        Done,
    }
}

impl<S: Service<Request<B>>, B, O> ResponseFuture<S, B, O> {
    #[inline]
    pub(crate) const fn calling(future: S::Future, permit: Option<Permit<O>>) -> Self {
        Self {
            state: State::Calling { future },
            permit,
        }
    }

    pub(crate) fn readying(service: S, request: Request<B>, gate: Option<Gate<O>>) -> Self {
        Self {
            state: State::Readying {
                waiting: Some(Box::new(Waiting {
                    service,
                    request,
                    gate,
                })),
            },
            permit: None,
        }
    }

    pub(crate) const fn refused(rejected: Rejected) -> Self {
        Self {
            state: State::Refused {
                rejected: Some(rejected),
            },
            permit: None,
        }
    }
}

impl<S, B, R, O> Future for ResponseFuture<S, B, O>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: Body,
    O: Observe<Event>,
{
    type Output = Result<Response<GuardBody<R, O>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Readying { waiting } => {
                    let held = waiting.as_mut().expect("it is called once");
                    if let Err(error) = ready!(held.service.poll_ready(cx)) {
                        // Readying => Done
                        this.state.set(State::Done);
                        return Poll::Ready(Err(error.into()));
                    }
                    let gate = held.gate.take();
                    let admitted = gate.map(|(shared, cell)| shared.admit(cell)).transpose();
                    match (admitted, waiting.take()) {
                        // Readying => Calling
                        (Ok(permit), Some(mut waiting)) => {
                            *this.permit = permit;
                            let future = waiting.service.call(waiting.request);
                            this.state.set(State::Calling { future });
                        }
                        // Readying => Done; the readiness goes with the box.
                        (Err(rejected), _) => {
                            this.state.set(State::Done);
                            return Poll::Ready(Err(rejected.into()));
                        }
                        (Ok(_), None) => unreachable!("it was just looked at"),
                    }
                }
                // Calling => Done
                StateProj::Calling { future } => {
                    let result = ready!(future.poll(cx));
                    this.state.set(State::Done);
                    return Poll::Ready(match result {
                        // The call goes on to be watched where its body matters too.
                        Ok(response) => {
                            let judge = |permit: &mut Permit<O>| permit.head(&response);
                            let judged = this.permit.as_mut().and_then(judge);
                            let watch = judged.and_then(|head| {
                                let permit = this.permit.take()?;
                                Some(Watch::new(permit, head))
                            });
                            *this.permit = None;
                            let (head, body) = response.into_parts();
                            Ok(Response::from_parts(head, GuardBody::new(body, watch)))
                        }
                        Err(error) => Err(failed(this.permit.take(), error.into())),
                    });
                }
                // Refused => Done
                StateProj::Refused { rejected } => {
                    let rejected = rejected.take().expect("it is told once");
                    this.state.set(State::Done);
                    return Poll::Ready(Err(rejected.into()));
                }
                StateProj::Done => panic!("polled after it was ready"),
            }
        }
    }
}

#[cold]
fn failed<O: Observe<Event>>(permit: Option<Permit<O>>, error: BoxError) -> BoxError {
    if let Some(permit) = permit {
        permit.error(&error);
    }
    error
}

impl<S: Service<Request<B>>, B, O> fmt::Debug for ResponseFuture<S, B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Readying { .. } => "readying",
            State::Calling { .. } => "calling",
            State::Refused { .. } => "refused",
            State::Done => "done",
        };
        f.debug_struct("ResponseFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
