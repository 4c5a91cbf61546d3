//! One time limit for the whole call: every wait, every attempt, and, if asked for, the body.

mod body;
mod future;

use std::{
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use http_body::Body;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call};
use tower_layer::Layer;
use tower_service::Service;

use crate::closing::Closing;

pub use body::DeadlineBody;
pub use future::ResponseFuture;

/// Gives each call a deadline, tells the layers below, and ends the call when it has passed.
///
/// The layers below obey it while they wait: what would be too late is not slept for, but comes back
/// at once, as the provider's answer or as a refusal with its reason. This layer ends what nobody
/// below can: a provider that hangs, a connection that is never made.
///
/// It belongs outside of all other layers, so that the time in queues and between retries counts. Of
/// its deadline and the one a call brings along (see [`Call`]) the earlier counts; a layer made by
/// [`unless_set`](Self::unless_set) leaves calls alone that bring their own.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate::{DeadlineLayer, core::{Reason, Rejected}};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let hangs = service_fn(|_: http::Request<()>| async {
///     std::future::pending::<Result<http::Response<String>, std::io::Error>>().await
/// });
/// let client = DeadlineLayer::new(Duration::from_secs(30)).layer(hangs);
/// let error = client.oneshot(http::Request::new(())).await.err().expect("late");
/// let rejected = Rejected::find(error.as_ref()).expect("it is one");
/// assert_eq!(rejected.reason(), Reason::DeadlineExceeded);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DeadlineLayer {
    time: Option<Duration>,
    /// The time is for calls without a deadline only.
    unless_set: bool,
    whole_body: bool,
}

impl DeadlineLayer {
    /// Calls may take this long, from the call to the head of the response. Zero leaves time only for
    /// what is there at once; a time beyond what the clock can hold is no deadline.
    #[must_use]
    pub const fn new(time: Duration) -> Self {
        Self {
            time: Some(time),
            unless_set: false,
            whole_body: false,
        }
    }

    /// As [`new`](Self::new), but only for calls that bring no deadline of their own. A call that
    /// brings one keeps it, be it earlier or later.
    #[must_use]
    pub const fn unless_set(time: Duration) -> Self {
        Self {
            unless_set: true,
            ..Self::new(time)
        }
    }

    /// Only deadlines that calls bring along count.
    #[must_use]
    pub const fn of_the_call() -> Self {
        Self {
            time: None,
            unless_set: false,
            whole_body: false,
        }
    }

    /// The body, too, must have ended by the deadline: a stream that still runs then ends in an error.
    #[must_use]
    pub const fn whole_body(mut self) -> Self {
        self.whole_body = true;
        self
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Deadline<S> {
        Deadline {
            inner,
            layer: *self,
            closing: None,
        }
    }
}

/// A service whose calls end in time; made by [`DeadlineLayer`].
///
/// # Readiness
///
/// That of the inner service. The time until it is ready does not count: the deadline begins with the
/// call.
///
/// # Errors
///
/// [`Rejected`](tollgate_core::Rejected) with
/// [`Reason::DeadlineExceeded`](tollgate_core::Reason::DeadlineExceeded) when time is up; what the
/// inner service fails with, unchanged.
///
/// # Panics
///
/// Outside of a tokio runtime with its timer enabled, where a call has a deadline.
///
/// # Cancel safety
///
/// Dropping its future drops the call below, and nothing else.
#[derive(Debug, Clone)]
pub struct Deadline<S> {
    inner: S,
    layer: DeadlineLayer,
    // Of a stack, which counts its calls.
    closing: Option<Closing>,
}

impl<S> Deadline<S> {
    pub(crate) fn counted(self, closing: Closing) -> Self {
        Self {
            closing: Some(closing),
            ..self
        }
    }
}

impl<S, B, R> Service<Request<B>> for Deadline<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    type Response = Response<DeadlineBody<R>>;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let own = Call::of(&request).and_then(Call::deadline);
        let ours = self.layer.time;
        let ours = ours.and_then(|time| Instant::now().checked_add(time));
        let until = match (own, ours) {
            (Some(own), Some(ours)) if !self.layer.unless_set => Some(own.min(ours)),
            (own, ours) => own.or(ours),
        };
        if until != own {
            let extensions = request.extensions_mut();
            match extensions.get_mut::<Call>() {
                Some(call) => *call = call.clone().with_deadline(until),
                None => {
                    extensions.insert(Call::new().with_deadline(until));
                }
            }
        }
        let future = self.inner.call(request);
        let open = self.closing.as_ref().map(Closing::open);
        ResponseFuture::new(future, until, self.layer.whole_body, open)
    }
}

#[cfg(test)]
mod tests;
