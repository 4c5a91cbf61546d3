//! A stack below code that speaks reqwest.

mod built;
mod error;
mod future;

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::Body;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call};
use tower_service::Service;

pub use built::{Built, BuiltFuture};
pub use error::BridgeError;
pub use future::BridgeFuture;

/// A stack that takes [`reqwest::Request`]s and answers with [`reqwest::Response`]s.
///
/// Code that calls [`reqwest::Client::execute`] can call [`execute`](Self::execute) instead; code that
/// wants a tower service of reqwest's types gets one; and a client that builds its requests late, as
/// async-openai does, is served through [`building`](Self::building).
///
/// # Bodies
///
/// The stack gets requests with a [`reqwest::Body`]. To be sent twice it must be read:
/// [`ReplayLayer`](tollgate_core::ReplayLayer), outermost in the stack, does that, and takes a body of
/// bytes as it is, without a copy. An answer comes piece by piece, as the stack hands it up. Its headers
/// and extensions stay on it: `Note` and `Served` are found in
/// [`extensions`](reqwest::Response::extensions). Its [`url`](reqwest::Response::url) is that of the
/// provider that answered, without the query.
///
/// # Deadline
///
/// The timeout of a request ([`reqwest::RequestBuilder::timeout`]) is the deadline of the whole call: no
/// layer sleeps or queues beyond it. (The timeout of a client holds for each attempt.)
///
/// # Errors
///
/// [`BridgeError`]: what the stack said, with everything below it as its source.
///
/// # Readiness
///
/// As the stack's.
///
/// # A type to write down
///
/// That of a stack is long. A `Bridge<BoxClient<reqwest::Body>>`, with `BoxClient` and `Stack::boxed` of
/// the facade, fits into a struct.
///
/// # Examples
///
/// ```
/// use tollgate::Stack;
/// use tollgate_reqwest::{Bridge, Transport};
/// use tollgate_test::{Dialect, Provider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let stack = Stack::new().around(Transport::build(reqwest::Client::builder())?)?;
/// let stack = Bridge::new(stack);
///
/// let server = Provider::new(Dialect::OpenAi).serve().await?;
/// let url = format!("{}/v1/chat/completions", server.uri());
/// let request = reqwest::Client::new().post(url).body(r#"{"model":"gpt-4o-mini","messages":[]}"#);
/// let answer = stack.execute(request.build()?).await?;
/// assert!(answer.text().await?.contains("choices"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Bridge<S> {
    stack: S,
}

impl<S> Bridge<S> {
    /// Puts the types of reqwest on top of a stack.
    pub fn new<R>(stack: S) -> Self
    where
        S: Service<http::Request<reqwest::Body>, Response = http::Response<R>>,
        S::Error: Into<BoxError>,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        Self { stack }
    }

    /// Takes whatever `build` makes a request of.
    ///
    /// The request is built once for each call, whatever the stack does with it: the layers send
    /// again what they kept. See the [crate's front page](crate#async-openai) for async-openai.
    pub const fn building<F>(self, build: F) -> Built<S, F> {
        Built::new(self, build)
    }

    /// Sends a request through the stack, as [`reqwest::Client::execute`] does without one.
    ///
    /// # Errors
    ///
    /// What the stack says. An answer with an error status is an answer.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the call; what the layers hold for it is given back.
    pub async fn execute<R>(
        &self,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, BridgeError>
    where
        S: Service<http::Request<reqwest::Body>, Response = http::Response<R>> + Clone,
        S::Error: Into<BoxError>,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        let mut stack = self.clone();
        poll_fn(|cx| stack.poll_ready(cx)).await?;
        stack.call(request).await
    }
}

impl<S, R> Service<reqwest::Request> for Bridge<S>
where
    S: Service<http::Request<reqwest::Body>, Response = http::Response<R>>,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Response = reqwest::Response;
    type Error = BridgeError;
    type Future = BridgeFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BridgeError>> {
        self.stack.poll_ready(cx).map_err(BridgeError::new)
    }

    fn call(&mut self, request: reqwest::Request) -> Self::Future {
        match plain(request) {
            Ok(request) => BridgeFuture::calling(self.stack.call(request)),
            Err(error) => BridgeFuture::failed(BridgeError::new(error)),
        }
    }
}

/// The request as the layers know it, its timeout as a deadline.
fn plain(request: reqwest::Request) -> Result<http::Request<reqwest::Body>, BoxError> {
    let timeout = request.timeout().copied();
    let mut request = http::Request::try_from(request).map_err(crate::error::boxed)?;
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    if let Some(deadline) = deadline {
        let call = request.extensions_mut().get_or_insert_default::<Call>();
        let earlier = call
            .deadline()
            .map_or(deadline, |other| other.min(deadline));
        *call = call.clone().with_deadline(earlier);
    }
    Ok(request)
}

#[cfg(test)]
mod tests;
