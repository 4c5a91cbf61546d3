//! A stack below a client that builds its requests late.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tollgate_core::BoxError;
use tower_service::Service;

use super::{Bridge, BridgeError};

/// A [`Bridge`] that takes what a request is built of; made by [`Bridge::building`].
///
/// # Errors
///
/// Those of the building function, of whose type they all are: a [`BridgeError`] is boxed into it.
///
/// # Readiness
///
/// Always ready. No readiness of the stack is held while a request is built; the future gets a ready
/// instance of its own afterwards.
///
/// # Cancel safety
///
/// Dropping the future before the request was built calls nothing.
#[derive(Clone)]
pub struct Built<S, F> {
    bridge: Bridge<S>,
    build: F,
}

impl<S, F> Built<S, F> {
    pub(super) const fn new(bridge: Bridge<S>, build: F) -> Self {
        Self { bridge, build }
    }
}

impl<T, S, F, B, E> Service<T> for Built<S, F>
where
    Bridge<S>: Service<reqwest::Request, Response = reqwest::Response, Error = BridgeError> + Clone,
    F: FnMut(T) -> B,
    B: Future<Output = Result<reqwest::Request, E>>,
    E: From<BoxError>,
{
    type Response = reqwest::Response;
    type Error = E;
    type Future = BuiltFuture<B, Bridge<S>, <Bridge<S> as Service<reqwest::Request>>::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, of: T) -> Self::Future {
        BuiltFuture {
            state: State::Building {
                building: (self.build)(of),
            },
            bridge: self.bridge.clone(),
        }
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Built<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built")
            .field("bridge", &self.bridge)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The response future of [`Built`].
    pub struct BuiltFuture<B, S, F> {
        #[pin]
        state: State<B, F>,
        bridge: S,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<B, F> {
        // The request is being built.
        Building { #[pin] building: B },
        // It is here; the stack is being made ready.
        Readying { request: Option<reqwest::Request> },
        // The stack was called.
        Calling { #[pin] future: F },
    }
}

impl<B, S, E> Future for BuiltFuture<B, S, S::Future>
where
    B: Future<Output = Result<reqwest::Request, E>>,
    S: Service<reqwest::Request, Error = BridgeError>,
    E: From<BoxError>,
{
    type Output = Result<S::Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                // Building => Readying
                StateProj::Building { building } => {
                    let request = Some(ready!(building.poll(cx))?);
                    this.state.set(State::Readying { request });
                }
                // Readying => Calling
                StateProj::Readying { request } => {
                    ready!(this.bridge.poll_ready(cx)).map_err(told)?;
                    let request = request.take().expect("it is taken once");
                    let future = this.bridge.call(request);
                    this.state.set(State::Calling { future });
                }
                StateProj::Calling { future } => return future.poll(cx).map_err(told),
            }
        }
    }
}

fn told<E: From<BoxError>>(error: BridgeError) -> E {
    E::from(error.into())
}

impl<B, S, F> fmt::Debug for BuiltFuture<B, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuiltFuture").finish_non_exhaustive()
    }
}
