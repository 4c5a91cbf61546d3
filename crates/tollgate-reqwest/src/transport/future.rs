//! The future of a `Transport`.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;
use reqwest::ResponseBuilderExt;
use tollgate_core::BoxError;
use tower_service::Service;

use super::AnswerBody;
use crate::error;

/// reqwest gives its future no name of its own.
type Pending = <reqwest::Client as Service<reqwest::Request>>::Future;

pin_project! {
    /// The response future of a [`Transport`](super::Transport).
    pub struct TransportFuture {
        #[pin]
        state: State,
    }
}

pin_project! {
    #[project = StateProj]
    enum State {
        // reqwest has the request.
        Sent { #[pin] future: Pending },
        // It never got it.
        Failed { error: Option<BoxError> },
    }
}

impl TransportFuture {
    pub(super) const fn sent(future: Pending) -> Self {
        Self {
            state: State::Sent { future },
        }
    }

    pub(super) const fn failed(error: BoxError) -> Self {
        Self {
            state: State::Failed { error: Some(error) },
        }
    }
}

impl Future for TransportFuture {
    type Output = Result<Response<AnswerBody>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Sent { future } => {
                let answer = ready!(future.poll(cx)).map_err(error::boxed)?;
                Poll::Ready(Ok(plain(answer)))
            }
            StateProj::Failed { error } => {
                Poll::Ready(Err(error.take().expect("polled after it was ready")))
            }
        }
    }
}

/// The answer as the layers know it. reqwest keeps the address beside the answer; as an extension it
/// reaches the reqwest response that a `Bridge` makes above.
fn plain(answer: reqwest::Response) -> Response<AnswerBody> {
    let url = error::without_secrets(answer.url().clone());
    let mut answer = Response::<reqwest::Body>::from(answer).map(AnswerBody);
    let mut address = http::response::Builder::new().url(url);
    if let Some(address) = address.extensions_mut() {
        answer.extensions_mut().extend(mem::take(address));
    }
    answer
}

impl fmt::Debug for TransportFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportFuture").finish_non_exhaustive()
    }
}
