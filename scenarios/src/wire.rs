//! The way to the provider, and a record of everything that went over it.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::Response;
use tokio::time::Instant;
use tollgate_test::{KitBody, Provider, ProviderService};
use tower::Service;

use super::{
    request::{CALL, Req},
    trace::{Sent, Told, Trace},
};

pub(crate) type Res = Response<KitBody>;

/// A service that sends to the provider; clones share the record.
#[derive(Clone)]
pub(crate) struct Wire {
    provider: ProviderService,
    start: Instant,
    trace: Arc<Mutex<Trace>>,
    told: Arc<Mutex<Told>>,
}

impl Wire {
    pub(crate) fn new(provider: &Provider) -> Self {
        Self {
            provider: provider.service(),
            start: Instant::now(),
            trace: Arc::default(),
            told: Arc::default(),
        }
    }

    /// What went over it, and what clients told.
    pub(crate) fn take(&self) -> (Trace, Told) {
        let told = with(&self.told, std::mem::take);
        (with(&self.trace, std::mem::take), told)
    }

    /// A call was turned away by its own client.
    pub(crate) fn refused(&self, call: usize, after: Duration) {
        with(&self.told, |told| told.refusals.push((call, after)));
    }

    /// Breakers changed their state so many times.
    pub(crate) fn flapped(&self, changes: u64) {
        with(&self.told, |told| told.flaps += changes);
    }
}

fn with<T, R>(shared: &Mutex<T>, f: impl FnOnce(&mut T) -> R) -> R {
    f(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Service<Req> for Wire {
    type Response = Res;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Res>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let number = request.headers().get(CALL).and_then(|it| it.to_str().ok());
        let sent = Sent {
            call: number.and_then(|it| it.parse().ok()).expect("a number"),
            at: self.start.elapsed(),
            answer: None,
        };
        let place = with(&self.trace, |trace| {
            trace.push(sent);
            trace.len() - 1
        });
        let (answer, wire) = (self.provider.call(request), self.clone());
        Box::pin(async move {
            let answer = answer.await?;
            let came = (wire.start.elapsed(), answer.status());
            with(&wire.trace, |trace| trace[place].answer = Some(came));
            Ok(answer)
        })
    }
}
