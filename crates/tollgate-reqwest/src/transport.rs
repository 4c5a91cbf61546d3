//! reqwest at the bottom of a stack.

mod answer;
mod future;
mod sent;

use std::{
    fmt,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use reqwest::redirect::Policy;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call};
use tower_service::Service;

pub use answer::AnswerBody;
pub use future::TransportFuture;

/// A [`reqwest::Client`] as the service below all layers.
///
/// It takes requests with any body of [`Bytes`] and answers with an [`AnswerBody`]. A body that is all
/// there (`Full`, a whole [`ReplayBody`](tollgate_core::ReplayBody), a reqwest body of bytes) reaches
/// reqwest as bytes, so that reqwest can itself repeat what a server refused unread; any other is
/// streamed.
///
/// # Keys
///
/// Put no key into [`default_headers`](reqwest::ClientBuilder::default_headers): reqwest adds them below
/// the layers, to every request, and so to each provider that a route falls back to. A key belongs on the
/// request, where a route replaces it, or into the route.
///
/// # Redirects
///
/// The client must follow none. On its way to another host reqwest takes out `authorization` and
/// cookies, but not `x-api-key`, `api-key` or `x-goog-api-key`: a redirect would hand the key of one
/// provider to whomever it names. [`build`](Self::build) sees to that; with a client of your own set
/// [`Policy::none`] yourself, because a finished client does not tell its policy.
///
/// # Errors
///
/// The [`reqwest::Error`], boxed, without the query and the credentials of its address, where keys may
/// be. A time-out is inside an [`io::Error`](std::io::Error) of kind `TimedOut`, which every layer knows
/// as one; [`reqwest_error`](crate::reqwest_error) finds what reqwest said in either.
///
/// # Deadline
///
/// A timeout that a request brings along, such as that of a [`Bridge`](crate::Bridge) above, is measured
/// anew for each attempt, but never runs beyond the deadline of its [`Call`].
///
/// # Readiness
///
/// Always ready: reqwest opens as many connections as it is asked for. Put a limit above.
///
/// # Examples
///
/// ```
/// use tollgate_reqwest::Transport;
///
/// // Timeouts, TLS and proxies are reqwest's own settings.
/// let client = Transport::build(reqwest::Client::builder().tcp_nodelay(true))?;
/// # let _ = client;
/// # Ok::<_, reqwest::Error>(())
/// ```
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
}

impl Transport {
    /// Sends through this client, which must follow no redirects.
    #[must_use]
    pub const fn new(client: reqwest::Client) -> Self {
        Self { client }
    }

    /// Builds the client from these settings, and has it follow no redirects.
    ///
    /// # Errors
    ///
    /// What [`reqwest::ClientBuilder::build`] says, such as a TLS backend that can not be set up.
    pub fn build(settings: reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
        Ok(Self::new(settings.redirect(Policy::none()).build()?))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the client: it shows its default headers.
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for Transport
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<AnswerBody>;
    type Error = BoxError;
    type Future = TransportFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> TransportFuture {
        match prepare(request) {
            Ok(request) => TransportFuture::sent(self.client.call(request)),
            Err(error) => TransportFuture::failed(error),
        }
    }
}

fn prepare<B>(request: Request<B>) -> Result<reqwest::Request, BoxError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let deadline = Call::of(&request).and_then(Call::deadline);
    let (head, body) = request.into_parts();
    let body = sent::body(body)?;
    let request = Request::from_parts(head, body);
    let mut request = reqwest::Request::try_from(request).map_err(crate::error::boxed)?;
    if let (Some(timeout), Some(deadline)) = (request.timeout().copied(), deadline) {
        let left = deadline.saturating_duration_since(Instant::now());
        *request.timeout_mut() = Some(timeout.min(left));
    }
    Ok(request)
}

#[cfg(test)]
mod tests;
