//! The future of the service.

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

use super::{OperationBody, watch::Watch};
use crate::event::Observer;

pin_project! {
    /// The response future of [`Operation`](crate::operation::Operation).
    ///
    /// # Panics
    ///
    /// When polled again after it was ready.
    pub struct OperationFuture<F, O: Observer> {
        #[pin]
        state: State<F>,
        // There until the call ends, where somebody hears or sees.
        watch: Option<Watch<O>>,
    }

    impl<F, O: Observer> PinnedDrop for OperationFuture<F, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(watch) = this.watch.take() {
                let span = watch.span().clone();
                span.within(|| {
                    // First what the layers inside tell of it, then how the call ended.
                    this.state.set(State::Done);
                    watch.cancelled();
                });
            }
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // The inner service was called.
        Calling { #[pin] future: F },
        // An answer was given.
        Done,
    }
}

impl<F, O: Observer> OperationFuture<F, O> {
    pub(super) const fn unwatched(future: F) -> Self {
        Self {
            state: State::Calling { future },
            watch: None,
        }
    }

    /// Calls within the span. Where that panics, it is told as any other drop.
    pub(super) fn watched(watch: Watch<O>, call: impl FnOnce() -> F) -> Self {
        let span = watch.span().clone();
        let mut new = Self {
            state: State::Done,
            watch: Some(watch),
        };
        new.state = State::Calling {
            future: span.within(call),
        };
        new
    }
}

impl<F, R, E, O> Future for OperationFuture<F, O>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: 'static,
    R: Body<Data = Bytes>,
    O: Observer,
{
    type Output = Result<Response<OperationBody<R, O>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let StateProj::Calling { future } = this.state.as_mut().project() else {
            panic!("polled after it was ready");
        };
        let result = match this.watch {
            None => ready!(future.poll(cx)),
            Some(watch) => ready!(watch.span().within(|| future.poll(cx))),
        };
        // Calling => Done
        let Some(watch) = this.watch.take() else {
            this.state.set(State::Done);
            return Poll::Ready(result.map(|response| response.map(OperationBody::unwatched)));
        };
        let span = watch.span().clone();
        let body = span.within(|| {
            this.state.set(State::Done);
            watch.end(&result)
        });
        Poll::Ready(result.map(|response| response.map(|inner| OperationBody::new(inner, body))))
    }
}

impl<F, O: Observer> fmt::Debug for OperationFuture<F, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationFuture").finish_non_exhaustive()
    }
}
