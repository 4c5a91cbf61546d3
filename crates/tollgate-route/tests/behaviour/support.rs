//! Providers behind their addresses, and calls to them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call};
use tollgate_route::{Event, Route, RouteLayer, Router, provider::preset};
use tollgate_test::{AnswerFuture, Dialect, KitBody, Provider, ProviderBuilder, ProviderService};
use tower::{Layer, Service, ServiceExt};

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) type Body = Full<Bytes>;

/// What was sent, and when.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) uri: String,
    pub(crate) head: Arc<http::request::Parts>,
}

impl Sent {
    pub(crate) fn call(&self) -> &Call {
        self.head
            .extensions
            .get()
            .expect("the router puts one there")
    }
}

/// All providers, each at its own host; remembers what was sent. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Internet {
    hosts: HashMap<&'static str, ProviderService>,
    pub(crate) sent: Arc<Mutex<Vec<Sent>>>,
}

impl Internet {
    pub(crate) fn with(mut self, host: &'static str, provider: &Provider) -> Self {
        self.hosts.insert(host, provider.service());
        self
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("no test panics inside").clone()
    }

    /// The models that were asked, in their order, and when, in milliseconds since the first.
    pub(crate) fn hosts(&self) -> Vec<(String, u64)> {
        let sent = self.sent();
        let start = sent.first().map(|first| first.at);
        let name = |one: &Sent| {
            let target = one.call().target().expect("the router names it").clone();
            target
                .model()
                .unwrap_or_else(|| target.provider())
                .to_owned()
        };
        let since = |at: Instant| start.map_or(0, |start| (at - start).as_millis());
        sent.iter()
            .map(|one| (name(one), u64::try_from(since(one.at)).expect("short")))
            .collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.hosts().into_iter().map(|(name, _)| name).collect()
    }
}

impl Service<Request<Body>> for Internet {
    type Response = Response<KitBody>;
    type Error = std::io::Error;
    type Future = AnswerFuture<Body>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), std::io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (head, body) = request.into_parts();
        let sent = Sent {
            at: Instant::now(),
            uri: head.uri.to_string(),
            head: Arc::new(head.clone()),
        };
        self.sent.lock().expect("no test panics inside").push(sent);
        let host = head.uri.host().expect("a whole address").to_owned();
        let provider = self.hosts.get_mut(&*host);
        let provider = provider.unwrap_or_else(|| panic!("nobody is at {host}"));
        provider.call(Request::from_parts(head, body))
    }
}

/// Groq and OpenAI, as they are told to be; and a route over two models of the first and one of the
/// second.
pub(crate) struct World {
    pub(crate) groq: Provider,
    pub(crate) openai: Provider,
    pub(crate) internet: Internet,
}

impl World {
    pub(crate) fn new(groq: ProviderBuilder, openai: ProviderBuilder) -> Self {
        let (groq, openai) = (groq.build(), openai.build());
        let internet = Internet::default()
            .with("api.groq.com", &groq)
            .with("api.openai.com", &openai);
        Self {
            groq,
            openai,
            internet,
        }
    }

    pub(crate) fn client<O: Clone>(&self, layer: &RouteLayer<O>) -> Router<Internet, O> {
        layer.layer(self.internet.clone())
    }
}

pub(crate) fn groq() -> ProviderBuilder {
    Provider::builder(Dialect::Groq)
}

pub(crate) fn openai() -> ProviderBuilder {
    Provider::builder(Dialect::OpenAi)
}

/// `big` and `small` of Groq, then `mini` of OpenAI.
pub(crate) fn route() -> Route {
    let groq = preset::groq().key("gsk-canary");
    let openai = preset::openai().key("sk-canary");
    Route::new("chat")
        .ordered([groq.model("big"), groq.model("small")])
        .ordered([openai.model("mini")])
}

pub(crate) fn layer() -> RouteLayer {
    RouteLayer::new(route()).expect("it builds")
}

pub(crate) fn request() -> Request<Body> {
    asking(r#"{"model":"any","messages":[]}"#)
}

pub(crate) fn asking(body: &'static str) -> Request<Body> {
    Request::post("https://any.example/v1/chat/completions")
        .header("content-type", "application/json")
        .header("authorization", "Bearer callers-canary")
        .body(Full::from(body))
        .expect("a request")
}

/// Sends a call; an hour is more than any of them may take.
pub(crate) async fn send<S>(client: &S, request: Request<Body>) -> Result<S::Response, BoxError>
where
    S: Service<Request<Body>, Error = BoxError> + Clone,
{
    let answer = tokio::time::timeout(s(3_600), client.clone().oneshot(request));
    answer.await.expect("it hangs")
}

/// The lines of all events but waits.
pub(crate) fn lines(events: &[Event]) -> Vec<String> {
    events.iter().map(ToString::to_string).collect()
}
