//! The way to the provider, and a record of everything that went over it.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::time::Instant;
use tollgate_test::{KitBody, Provider, ProviderService};
use tower::Service;

use super::world::CALL;

pub(crate) type Req = Request<Full<Bytes>>;
pub(crate) type Res = Response<KitBody>;

/// One request that was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) call: usize,
    pub(crate) at: Duration,
    /// When its answer came, and its status.
    pub(crate) answer: Option<(Duration, StatusCode)>,
}

/// What went over the wire, in the order in which it was sent.
pub(crate) type Trace = Vec<Sent>;

/// A service that sends to the provider; clones share the record.
#[derive(Clone)]
pub(crate) struct Wire {
    provider: ProviderService,
    start: Instant,
    trace: Arc<Mutex<Trace>>,
}

impl Wire {
    pub(crate) fn new(provider: &Provider) -> Self {
        Self {
            provider: provider.service(),
            start: Instant::now(),
            trace: Arc::default(),
        }
    }

    pub(crate) fn take(&self) -> Trace {
        self.with(std::mem::take)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Trace) -> T) -> T {
        f(&mut self.trace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The request of this call.
pub(crate) fn request(call: usize) -> Req {
    Request::post("/v1/chat/completions")
        .header(CALL, call)
        .body(Full::new(Bytes::from_static(br#"{"model":"m"}"#)))
        .expect("the parts are good")
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
        let place = self.with(|trace| {
            trace.push(sent);
            trace.len() - 1
        });
        let (answer, wire) = (self.provider.call(request), self.clone());
        Box::pin(async move {
            let answer = answer.await?;
            let came = (wire.start.elapsed(), answer.status());
            wire.with(|trace| trace[place].answer = Some(came));
            Ok(answer)
        })
    }
}
