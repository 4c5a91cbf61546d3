//! All providers, each at its host, and the bodies of their answers that somebody still holds.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use http::{Request, Response};
use tollgate_core::BoxError;
use tollgate_test::{KitBody, Provider, TrackedBody, Tracker};
use tower::Service;

/// Sends each request to the provider at its host.
#[derive(Clone)]
pub(super) struct Internet {
    pub(super) providers: Vec<Provider>,
    bodies: Arc<Mutex<Vec<Tracker>>>,
}

impl Internet {
    pub(super) fn of(providers: impl IntoIterator<Item = Provider>) -> Self {
        Self {
            providers: providers.into_iter().collect(),
            bodies: Arc::default(),
        }
    }

    /// How many bodies of answers were not let go of.
    pub(super) fn open_bodies(&self) -> usize {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.iter().filter(|body| !body.is_dropped()).count()
    }

    /// How many calls are still running at the providers.
    pub(super) fn running(&self) -> u64 {
        self.providers.iter().map(|it| it.stats().in_flight).sum()
    }

    /// How many calls reached a provider.
    pub(super) fn sent(&self) -> u64 {
        self.providers.iter().map(|it| it.stats().calls).sum()
    }

    fn track(&self, body: KitBody) -> TrackedBody<KitBody> {
        let (body, tracker) = TrackedBody::new(body);
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.push(tracker);
        body
    }
}

type Answer = Response<TrackedBody<KitBody>>;

impl<B> Service<Request<B>> for Internet
where
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Answer;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Answer>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let host = request.uri().host();
        let at = |it: &&Provider| Some(it.dialect().host()) == host;
        let provider = self.providers.iter().find(at);
        let answer = provider.expect("somebody is there").service().call(request);
        let internet = self.clone();
        Box::pin(async move { Ok(answer.await?.map(|body| internet.track(body))) })
    }
}
