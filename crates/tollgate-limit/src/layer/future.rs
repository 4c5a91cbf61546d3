//! The future of a call.

use std::{
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tollgate_core::{
    BoxError, Class, Classification, Note, Observe, Quota, Reason, Rejected, UsageReport,
    error_chain,
};
use tower_service::Service;

use super::{
    Shared,
    body::{PermitBody, untold},
    pass::Pass,
};
use crate::{Event, Limiter, Outcome, Permit};

pin_project! {
    /// The future of a call through [`LimitService`](crate::LimitService).
    ///
    /// # Panics
    ///
    /// When polled again after it was ready, and when it must wait outside of a tokio runtime with
    /// its timer enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives up the place in the queue and whatever was reserved. A call that was sent
    /// and not answered counts as a request, and its prompt as read.
    pub struct ResponseFuture<S, B, O, L>
    where
        S: Service<Request<B>>,
        L: Limiter,
    {
        #[pin]
        state: State<S::Future, L::Acquire, Held<S, B>>,
        // From the admission to the head of the answer.
        pass: Pass<L::Permit>,
        report: Option<UsageReport>,
        shared: Arc<Shared<O, L>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, A, H> {
        // The limits do not allow it yet. Held is a service that is not ready, and what to send.
        Waiting { #[pin] acquire: A, held: Option<H> },
        // They do; the service is being made ready.
        Readying { held: Option<H> },
        // The call is under way.
        Calling { #[pin] future: F },
        // It will not go.
        Refused { rejected: Option<Rejected> },
        // The result was handed over.
        Done,
    }
}

/// In a box, so that calls that go at once, nearly all, do not carry the room for it about.
type Held<S, B> = Box<(S, Request<B>)>;

impl<S, B, O, L> ResponseFuture<S, B, O, L>
where
    S: Service<Request<B>>,
    L: Limiter,
{
    /// For a call that was sent.
    #[inline]
    pub(crate) const fn calling(
        future: S::Future,
        permit: L::Permit,
        shared: Arc<Shared<O, L>>,
    ) -> Self {
        Self {
            state: State::Calling { future },
            pass: Pass::sent(permit),
            report: None,
            shared,
        }
    }

    pub(crate) fn readying(
        held: (S, Request<B>),
        pass: Pass<L::Permit>,
        shared: Arc<Shared<O, L>>,
    ) -> Self {
        Self {
            state: State::Readying {
                held: Some(Box::new(held)),
            },
            pass,
            report: None,
            shared,
        }
    }

    pub(crate) fn waiting(
        held: (S, Request<B>),
        acquire: L::Acquire,
        shared: Arc<Shared<O, L>>,
    ) -> Self {
        Self {
            state: State::Waiting {
                acquire,
                held: Some(Box::new(held)),
            },
            pass: Pass::none(),
            report: None,
            shared,
        }
    }

    /// Tells there what the answer says the call took.
    pub(crate) fn reporting(self, report: Option<UsageReport>) -> Self {
        Self { report, ..self }
    }

    pub(crate) fn refused(rejected: Rejected, shared: Arc<Shared<O, L>>) -> Self {
        Self {
            state: State::Refused {
                rejected: Some(rejected),
            },
            pass: Pass::none(),
            report: None,
            shared,
        }
    }
}

impl<S, B, R, O, L> Future for ResponseFuture<S, B, O, L>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes>,
    O: Observe<Event>,
    L: Limiter,
{
    type Output = Result<Response<PermitBody<R, L::Permit>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                // Waiting => Readying, Done
                StateProj::Waiting { acquire, held } => match ready!(acquire.poll(cx)) {
                    Ok(permit) => {
                        this.shared.waited(&permit);
                        *this.pass = Pass::new(permit);
                        let held = held.take();
                        this.state.set(State::Readying { held });
                    }
                    Err(rejected) => {
                        this.shared.refused(&rejected);
                        this.state.set(State::Done);
                        return Poll::Ready(Err(rejected.into()));
                    }
                },
                // Readying => Calling, Done
                StateProj::Readying { held } => {
                    let waits = held.as_mut().expect("kept until the call is sent");
                    if let Err(error) = ready!(waits.0.poll_ready(cx)) {
                        *this.pass = Pass::none();
                        this.state.set(State::Done);
                        return Poll::Ready(Err(error.into()));
                    }
                    let held = held.take();
                    let (mut service, request) = *held.expect("kept until the call is sent");
                    this.pass.send();
                    let future = service.call(request);
                    this.state.set(State::Calling { future });
                }
                // Calling => Done
                StateProj::Calling { future } => {
                    let result = ready!(future.poll(cx));
                    this.state.set(State::Done);
                    let response = match result {
                        Ok(response) => response,
                        Err(error) => {
                            let error = error.into();
                            this.pass.settle(of_error(&error));
                            return Poll::Ready(Err(error));
                        }
                    };
                    let report = this.report.take();
                    return Poll::Ready(Ok(this.shared.answered(this.pass, report, response)));
                }
                // Refused => Done
                StateProj::Refused { rejected } => {
                    let rejected = rejected.take().expect("taken once");
                    this.state.set(State::Done);
                    return Poll::Ready(Err(rejected.into()));
                }
                StateProj::Done => panic!("polled after it was ready"),
            }
        }
    }
}

/// What a call took that failed without an answer.
fn of_error(error: &BoxError) -> Outcome<'static> {
    // Only a call that a layer below refused, or that found no connection, was not sent. What broke
    // later may have been counted.
    let refused = Rejected::find(error.as_ref());
    let refused = refused.is_some_and(|it| it.reason() != Reason::DeadlineExceeded);
    if refused || never_connected(error.as_ref()) {
        return Outcome::NotSent;
    }
    Outcome::GaveUp
}

/// The error says that there was no connection.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{AddrNotAvailable, ConnectionRefused};

    error_chain(error)
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|error| matches!(error.kind(), AddrNotAvailable | ConnectionRefused))
}

impl<O: Observe<Event>, L: Limiter> Shared<O, L> {
    /// The head of an answer is there: its body takes the permit along.
    fn answered<R: Body<Data = Bytes>>(
        &self,
        pass: &mut Pass<L::Permit>,
        report: Option<UsageReport>,
        mut response: Response<R>,
    ) -> Response<PermitBody<R, L::Permit>> {
        let permit = pass.permit().expect("kept until there is a head");
        let class = self.observe(permit, &response);
        let queued = permit.queued();
        if !queued.is_zero() {
            Note::update(&mut response, |note| note.set_queued(queued));
        }
        if let Some(wait) = permit.gated() {
            Note::update(&mut response, |note| note.set_gated(wait));
        }
        let permit = pass.take().expect("kept until there is a head");
        // A body without a byte is often never read, and tells nothing: its call is over.
        if response.body().is_end_stream() {
            permit.settle(untold(class));
            return response.map(PermitBody::over);
        }
        let (head, body) = response.into_parts();
        let body = PermitBody::new(body, permit, class, &head.headers, report);
        Response::from_parts(head, body)
    }

    /// Tells the permit what the head says, and the observer what came of it.
    fn observe<R>(&self, permit: &mut L::Permit, response: &Response<R>) -> Class {
        const NOTHING: &Quota = &Quota::new();
        let note = Note::of(response);
        if note.is_none() && response.status().as_u16() < 400 && !permit.heeds_success() {
            return Class::Ok;
        }
        let quota = note.map_or(NOTHING, Note::quota);
        let seen = Classification::of(response);
        let news = permit.observe(&seen, quota);
        if self.observer.listens() {
            if self.is_providers && seen.class() == Class::RateLimited {
                self.observer.observe(&Event::OverAdmitted {
                    target: permit.target().clone(),
                    class: seen.class(),
                    limit: seen.limit(),
                    told: seen.wait(),
                });
            }
            news.iter().for_each(|event| self.observer.observe(event));
        }
        seen.class()
    }
}

impl<S, B, O, L> fmt::Debug for ResponseFuture<S, B, O, L>
where
    S: Service<Request<B>>,
    L: Limiter,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Waiting { .. } => "waiting",
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
