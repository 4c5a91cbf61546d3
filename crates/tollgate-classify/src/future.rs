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
use tokio::time::{Instant, Sleep, sleep_until};
use tollgate_core::Observe;

use crate::{
    Classified, Classifier, Cut, PeekBody,
    asked::Asked,
    peek::{Peek, Peeked},
    shared::{Next, Shared},
};

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
        asked: Asked,
        shared: Arc<Shared<C, O>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, R>
    where
        R: Body,
    {
        // The inner service was called.
        Waiting { #[pin] future: F },
        // The head is here; the start of the body is waited for. In a box, because for most answers it is
        // there with the head, and all of them would have to carry the room.
        Peeking { peeking: Pin<Box<Peeking<R>>> },
        // An answer was given.
        Done,
    }
}

pin_project! {
    struct Peeking<R>
    where
        R: Body,
    {
        // Until the start of the body is here.
        held: Option<(Parts, Peek<R>)>,
        // Until when it is waited for at most.
        until: Until,
        // Made when the body is waited for.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<R: Body<Data = Bytes> + Unpin> Peeking<R> {
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        asked: &Asked,
    ) -> Poll<(Parts, Peek<R>, Peeked)> {
        let mut this = self.project();
        let (head, mut peek) = this.held.take().expect("polled after it was ready");
        let peeked = match peek.poll(cx) {
            Poll::Ready(peeked) => peeked,
            Poll::Pending => {
                let end = this.until.get(asked, peek.has_begun());
                let set = this.timer.as_ref().as_pin_ref();
                if set.is_none_or(|timer| timer.deadline() != end) {
                    this.timer.set(Some(sleep_until(end)));
                }
                let timer = this.timer.as_mut().as_pin_mut();
                if timer.is_some_and(|timer| timer.poll(cx).is_pending()) {
                    *this.held = Some((head, peek));
                    return Poll::Pending;
                }
                peek.stopped(Some(Cut::Time))
            }
        };
        Poll::Ready((head, peek, peeked))
    }
}

impl<F, R: Body, C, O> ResponseFuture<F, R, C, O> {
    pub(crate) const fn new(future: F, asked: Asked, shared: Arc<Shared<C, O>>) -> Self {
        Self {
            state: State::Waiting { future },
            asked,
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
    type Output = Result<Response<PeekBody<R, C, O>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Waiting { future } => {
                    let mut response = ready!(future.poll(cx))?;
                    let look = match this.shared.begin(this.asked, &mut response) {
                        Next::Peek(look) => look,
                        // Waiting => Done
                        Next::HandOn(late) => {
                            this.state.set(State::Done);
                            let response = response.map(|body| PeekBody::untouched(body, late));
                            return Poll::Ready(Ok(response));
                        }
                    };
                    let (head, body) = response.into_parts();
                    let mut peek = Peek::new(body, look.scan, look.cap);
                    // Waiting => Done
                    if let Poll::Ready(peeked) = peek.poll(cx) {
                        this.state.set(State::Done);
                        let response = this.shared.finish(this.asked, head, peek, peeked);
                        return Poll::Ready(Ok(response));
                    }
                    // Waiting => Peeking
                    let peeking = Box::pin(Peeking {
                        held: Some((head, peek)),
                        until: Until::new(look.time),
                        timer: None,
                    });
                    this.state.set(State::Peeking { peeking });
                }
                // Peeking => Done
                StateProj::Peeking { peeking } => {
                    let (head, peek, peeked) = ready!(peeking.as_mut().poll(cx, this.asked));
                    this.state.set(State::Done);
                    let response = this.shared.finish(this.asked, head, peek, peeked);
                    return Poll::Ready(Ok(response));
                }
                StateProj::Done => panic!("polled after it was ready"),
            }
        }
    }
}

/// Until when the start of a body is waited for.
struct Until {
    time: Duration,
    /// Since the body is waited for.
    end: Option<Instant>,
}

/// A stream that has begun is handed on so long before its attempt would be ended.
const MARGIN: Duration = Duration::from_millis(100);

impl Until {
    const fn new(time: Duration) -> Self {
        Self { time, end: None }
    }

    /// Never beyond the deadline; and not so long that a stream which has begun is ended with its attempt.
    fn get(&mut self, asked: &Asked, begun: bool) -> Instant {
        let end = *self.end.get_or_insert_with(|| {
            let now = Instant::now();
            let end = now.checked_add(self.time);
            end.unwrap_or_else(|| now + Duration::from_secs(86_400))
        });
        let end = asked.deadline.map_or(end, |deadline| end.min(deadline));
        let ends = asked.attempt.into_iter().chain(asked.deadline);
        match ends.min().filter(|_| begun) {
            Some(limit) => end.min(limit.checked_sub(MARGIN).unwrap_or(limit)),
            None => end,
        }
    }
}

impl<F, R: Body, C, O> fmt::Debug for ResponseFuture<F, R, C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
