//! Response bodies in a box, so that their type can be named.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use pin_project_lite::pin_project;
use tollgate_core::{BoxError, CallError};
use tower_layer::Layer;
use tower_service::Service;

/// Any response body.
pub type BoxBody = UnsyncBoxBody<Bytes, CallError>;

/// Puts response bodies into a [`BoxBody`]. Each layer below adds its own type to that of the body; above
/// this one the type is short, and the same for every stack.
///
/// One allocation for each response. Errors of the service pass unchanged; those of the body become a
/// [`CallError`]. A client from [`Stack::boxed`](crate::Stack::boxed) has this layer already.
///
/// # Readiness
///
/// That of the service below.
///
/// # Cancel safety
///
/// Dropping the future drops that of the service below.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tollgate::{BoxBody, BoxBodyLayer, ServiceBuilderExt};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tollgate::BoxError> {
/// let client = ServiceBuilder::new()
///     .layer(BoxBodyLayer::new()) // outermost; or `.box_body()`
///     .layer(tollgate::core::ReplayLayer::new())
///     .service(service_fn(|_: Request<_>| async {
///         Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::default()))
///     }));
/// let response: Response<BoxBody> = client.oneshot(Request::new(Full::<Bytes>::default())).await?;
/// # let _ = response;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct BoxBodyLayer;

impl BoxBodyLayer {
    /// The layer; it has no settings.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for BoxBodyLayer {
    type Service = BoxedBody<S>;

    fn layer(&self, inner: S) -> BoxedBody<S> {
        BoxedBody { inner }
    }
}

/// The service of a [`BoxBodyLayer`].
#[derive(Debug, Clone)]
pub struct BoxedBody<S> {
    inner: S,
}

impl<S, Q, R> Service<Q> for BoxedBody<S>
where
    S: Service<Q, Response = Response<R>>,
    R: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<BoxBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        ResponseFuture {
            future: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The response future of a [`BoxedBody`].
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Output = Result<Response<BoxBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.project().future.poll(cx))?;
        Poll::Ready(Ok(
            response.map(|body| body.map_err(CallError::new).boxed_unsync())
        ))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{io, task::Waker};

    use http::{HeaderMap, HeaderValue, Request};
    use http_body::Frame;
    use http_body_util::StreamBody;
    use tower::{ServiceExt, service_fn};
    use tower_test::mock;

    use super::*;

    type Piece = Result<Frame<Bytes>, io::Error>;

    async fn body_of(pieces: Vec<Piece>) -> BoxBody {
        let stream = StreamBody::new(futures_util::stream::iter(pieces));
        let mut response = Some(Response::builder().status(429).body(stream));
        let client = service_fn(move |(): ()| {
            let response = response.take().expect("one call").expect("a response");
            async move { Ok::<_, io::Error>(response) }
        });
        let response = BoxBodyLayer::new().layer(client).oneshot(()).await;
        let response = response.expect("a response");
        assert_eq!(response.status(), 429);
        response.into_body()
    }

    #[tokio::test]
    async fn data_and_trailers_pass_and_the_error_of_the_body_is_found() {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", HeaderValue::from_static("1"));
        let frames = vec![
            Ok(Frame::data(Bytes::from("a"))),
            Ok(Frame::trailers(trailers.clone())),
        ];
        let whole = body_of(frames).await.collect().await.expect("a body");
        assert_eq!(whole.trailers(), Some(&trailers));
        assert_eq!(whole.to_bytes(), "a");

        let cut = body_of(vec![Err(io::ErrorKind::BrokenPipe.into())]).await;
        let error = cut.collect().await.expect_err("it is cut");
        let kind = error.find::<io::Error>().map(io::Error::kind);
        assert_eq!(kind, Some(io::ErrorKind::BrokenPipe));
    }

    #[tokio::test]
    async fn readiness_and_errors_are_those_of_the_client() {
        type Answer = Response<http_body_util::Full<Bytes>>;
        let (client, mut handle) = mock::pair::<Request<()>, Answer>();
        handle.allow(0);
        let mut client = BoxBodyLayer::new().layer(client);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(client.poll_ready(&mut cx).is_pending());
        handle.allow(1);
        client.ready().await.expect("it is ready");
        let call = client.call(Request::new(()));
        let (_, send) = handle.next_request().await.expect("a call");
        send.send_error(io::Error::from(io::ErrorKind::BrokenPipe));
        let error = call.await.expect_err("it is broken");
        assert!(error.is::<io::Error>());
    }
}
