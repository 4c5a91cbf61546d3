//! A provider that answers by script, and remembers what it was asked and when.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, Replay};
use tower_service::Service;

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A body that may or may not be sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Whole(&'static str),
    Once,
}

impl Replay for Body {
    fn try_clone(&self) -> Option<Self> {
        matches!(self, Self::Whole(_)).then_some(*self)
    }

    fn bytes(&self) -> Option<Bytes> {
        None
    }
}

/// One answer: after how long, and what.
pub(crate) type Answer<R> = (Duration, Result<Response<R>, BoxError>);

/// Answers by script. Clones share the script and the memory.
#[derive(Debug)]
pub(crate) struct Provider<R = ()>(Arc<Mutex<Memory<R>>>);

#[derive(Debug)]
pub(crate) struct Memory<R> {
    pub(crate) script: VecDeque<Answer<R>>,
    pub(crate) seen: Vec<Seen>,
}

/// What was asked, and when.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) request: Request<Body>,
}

impl<R> Provider<R> {
    pub(crate) fn new(script: impl IntoIterator<Item = Answer<R>>) -> Self {
        Self(Arc::new(Mutex::new(Memory {
            script: script.into_iter().collect(),
            seen: Vec::new(),
        })))
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory<R>> {
        self.0.lock().unwrap()
    }

    /// When each attempt came, from the first one on.
    pub(crate) fn times(&self) -> Vec<Duration> {
        let seen = &self.memory().seen;
        seen.iter().map(|one| one.at - seen[0].at).collect()
    }

    /// The calls on the requests.
    pub(crate) fn calls(&self) -> Vec<Option<Call>> {
        let memory = self.memory();
        memory
            .seen
            .iter()
            .map(|one| Call::of(&one.request).cloned())
            .collect()
    }
}

impl Provider {
    /// Answers at once, with these statuses.
    pub(crate) fn of_statuses(statuses: &[u16]) -> Self {
        Self::new(
            statuses
                .iter()
                .map(|code| (Duration::ZERO, Ok(status(*code)))),
        )
    }
}

impl<R> Clone for Provider<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: Send + 'static> Service<Request<Body>> for Provider<R> {
    type Response = Response<R>;
    type Error = BoxError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut memory = self.memory();
        let at = Instant::now();
        memory.seen.push(Seen { at, request });
        let (takes, answer) = memory.script.pop_front().expect("an attempt too many");
        Box::pin(async move {
            tokio::time::sleep(takes).await;
            answer
        })
    }
}

pub(crate) fn status(code: u16) -> Response<()> {
    let response = Response::builder().status(code);
    response.body(()).unwrap()
}

/// A 429 that says when to come back.
pub(crate) fn throttled(seconds: u64) -> Response<()> {
    let mut response = status(429);
    response.headers_mut().insert("retry-after", seconds.into());
    response
}

pub(crate) fn request() -> Request<Body> {
    let request = Request::post("https://api.groq.com/openai/v1/chat/completions");
    let request = request
        .header("authorization", "Bearer k")
        .header("accept", "application/json");
    request.body(Body::Whole("{}")).unwrap()
}
