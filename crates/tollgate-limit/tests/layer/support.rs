//! A provider that serves everything, and remembers what it was asked and when.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, Cost, Rejected, Target};
use tower_layer::Layer;
use tower_service::Service;

use tollgate_limit::{LimitLayer, LimitService};

pub(crate) type Req = Request<Full<Bytes>>;
pub(crate) type Res = Response<Full<Bytes>>;
type Answer = Result<Res, BoxError>;

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

type Script = dyn Fn(usize) -> (Duration, Answer) + Send + Sync;

/// Answers by script. Clones share the script and the memory.
#[derive(Clone)]
pub(crate) struct Provider {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// What came, and when.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) at: Instant,
}

impl Provider {
    /// Answers the n-th call after so long with this.
    pub(crate) fn new(
        script: impl Fn(usize) -> (Duration, Answer) + Send + Sync + 'static,
    ) -> Self {
        Self {
            script: Arc::new(script),
            seen: Arc::default(),
        }
    }

    /// Serves every call, and takes so long for it.
    pub(crate) fn serving(takes: Duration) -> Self {
        Self::new(move |_| (takes, Ok(Response::new(Full::default()))))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.name).collect()
    }
}

impl Service<Req> for Provider {
    type Response = Res;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let mut seen = self.seen.lock().unwrap();
        let (takes, answer) = (self.script)(seen.len());
        seen.push(Seen {
            name: request.uri().path()[1..].to_owned(),
            at: Instant::now(),
        });
        Box::pin(async move {
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            answer
        })
    }
}

pub(crate) fn target() -> Target {
    Target::new("groq", "m")
}

/// A call of this name, with what is said about it.
pub(crate) fn named(name: &str, call: Call) -> Req {
    let request = Request::post(format!("http://groq/{name}"));
    let request = request.extension(call.with_target(target()));
    request.body(Full::default()).unwrap()
}

pub(crate) fn call() -> Call {
    Call::new().with_cost(Cost::default())
}

pub(crate) fn request() -> Req {
    named("", call())
}

pub(crate) type Limited = LimitService<Provider>;

pub(crate) fn limited(layer: &LimitLayer, provider: &Provider) -> Limited {
    layer.layer(provider.clone())
}

pub(crate) fn rejected(error: &BoxError) -> &Rejected {
    Rejected::find(error.as_ref()).expect("a refusal")
}

/// Lets everything that is ready run.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}
