//! The future of a `Bridge`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use tollgate_core::BoxError;

use super::BridgeError;
use crate::exclusive::Exclusive;

pin_project! {
    /// The response future of a [`Bridge`](super::Bridge).
    pub struct BridgeFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // The stack was called.
        Calling { #[pin] future: F },
        // The request can not be sent.
        Failed { error: Option<BridgeError> },
    }
}

impl<F> BridgeFuture<F> {
    pub(super) const fn calling(future: F) -> Self {
        Self {
            state: State::Calling { future },
        }
    }

    pub(super) const fn failed(error: BridgeError) -> Self {
        Self {
            state: State::Failed { error: Some(error) },
        }
    }
}

impl<F, R, E> Future for BridgeFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Output = Result<reqwest::Response, BridgeError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Calling { future } => Poll::Ready(match ready!(future.poll(cx)) {
                Ok(answer) => Ok(answer
                    .map(|body| reqwest::Body::wrap(Exclusive::new(body)))
                    .into()),
                Err(error) => Err(BridgeError::new(error)),
            }),
            StateProj::Failed { error } => {
                Poll::Ready(Err(error.take().expect("polled after it was ready")))
            }
        }
    }
}

impl<F> fmt::Debug for BridgeFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeFuture").finish_non_exhaustive()
    }
}
