//! A layer with the classic mistake, to prove that the battery would find it.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use tower_layer::Layer;
use tower_service::Service;

use crate::{cases, inner::Req};

/// Turns "not ready" into "ready" and readies a clone later, but leaves its own place in the
/// client's queue behind.
#[derive(Debug, Clone)]
struct Forgetful<S>(S);

#[derive(Debug)]
struct ForgetfulLayer;

impl<S> Layer<S> for ForgetfulLayer {
    type Service = Forgetful<S>;

    fn layer(&self, inner: S) -> Forgetful<S> {
        Forgetful(inner)
    }
}

impl<S> Service<Req> for Forgetful<S>
where
    S: Service<Req> + Clone + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self.0.poll_ready(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let mut inner = self.0.clone();
        Box::pin(async move {
            poll_fn(|cx| inner.poll_ready(cx)).await?;
            inner.call(request).await
        })
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the callers block each other")]
async fn the_battery_finds_a_place_left_behind() {
    cases::callers_that_keep_their_service_all_get_through(ForgetfulLayer).await;
}
