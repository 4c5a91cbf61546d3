//! Two providers behind their addresses, and the whole stack in front of them.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use tollgate::{
    AttemptLayer, Event, OperationLayer,
    breaker::BreakerLayer,
    classify::ClassifyLayer,
    core::{BoxError, Random},
    event::{Each, Observer},
    limit::LimitLayer,
    retry::RetryLayer,
    route::{Route, RouteLayer, provider::preset},
    state::Parts,
};
use tollgate_test::{AnswerFuture, Dialect, KitBody, Provider, ProviderBuilder, ProviderService};
use tower::{Service, ServiceBuilder, ServiceExt, util::BoxCloneService};

pub(crate) type Body = Full<Bytes>;
pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, io::Error>>;
pub(crate) type Client = BoxCloneService<Request<Body>, Answer, BoxError>;

/// What must never be shown: every key in the tests has it in it.
pub(crate) const CANARY: &str = "canary";

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// All providers, each at its own host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Internet {
    hosts: HashMap<&'static str, ProviderService>,
}

impl Service<Request<Body>> for Internet {
    type Response = Response<KitBody>;
    type Error = io::Error;
    type Future = AnswerFuture<Body>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let host = request.uri().host().expect("a whole address").to_owned();
        let provider = self.hosts.get_mut(&*host);
        let provider = provider.unwrap_or_else(|| panic!("nobody is at {host}"));
        provider.call(request)
    }
}

pub(crate) fn groq() -> ProviderBuilder {
    Provider::builder(Dialect::Groq)
}

pub(crate) fn openai() -> ProviderBuilder {
    Provider::builder(Dialect::OpenAi)
}

/// Groq and OpenAI, as they are told to be.
pub(crate) fn internet(groq: ProviderBuilder, openai: ProviderBuilder) -> Internet {
    let hosts = [("api.groq.com", groq), ("api.openai.com", openai)];
    Internet {
        hosts: hosts
            .into_iter()
            .map(|(host, provider)| (host, provider.build().service()))
            .collect(),
    }
}

/// `big` of Groq, then `mini` of OpenAI.
pub(crate) fn route() -> Route {
    let groq = preset::groq().account("team-a", "gsk-canary");
    let openai = preset::openai().key("sk-canary");
    Route::new("chat").ordered([groq.model("big"), openai.model("mini")])
}

/// The handles of a whole stack.
#[derive(Debug, Clone)]
pub(crate) struct Handles {
    pub(crate) route: tollgate::route::Handle,
    pub(crate) retry: tollgate::retry::Handle,
    pub(crate) breaker: tollgate::breaker::Handle,
    pub(crate) limit: tollgate::limit::Handle,
    pub(crate) sleepers: tollgate::core::Sleepers,
    /// How the whole stack shows itself.
    pub(crate) debug: String,
}

impl Handles {
    pub(crate) fn parts(&self) -> Parts<'_> {
        let parts = Parts::new().route(&self.route).retry(&self.retry);
        let parts = parts.breaker(&self.breaker).limit(&self.limit);
        parts.sleepers(&self.sleepers)
    }
}

/// All five layers and the two around them.
pub(crate) fn stack<O>(internet: Internet, observer: O, spans: bool) -> (Client, Handles)
where
    O: Observer + Clone + Send + Sync + 'static,
{
    let each = Each::new(observer.clone());
    let random = || Random::seeded(7);
    let sleepers = tollgate::core::Sleepers::default();
    let limit = LimitLayer::builder().random(random()).max_wait(s(90));
    let (limit, limit_handle) = limit
        .observer(each.clone())
        .build_with_handle()
        .expect("good limits");
    let (breaker, breaker_handle) = BreakerLayer::builder()
        .random(random())
        .observer(each.clone())
        .build_with_handle()
        .expect("a good breaker");
    let (retry, retry_handle) = RetryLayer::builder()
        .random(random())
        .sleepers(sleepers.clone())
        .observer(each.clone())
        .build_with_handle()
        .expect("a good policy");
    let (route, route_handle) = RouteLayer::builder(route())
        .random(random())
        .outlook(limit_handle.clone())
        .outlook(breaker_handle.clone())
        .observer(each.clone())
        .build_with_handle()
        .expect("a good route");
    let classify = ClassifyLayer::builder().observer(each);
    let client = ServiceBuilder::new()
        .layer(
            OperationLayer::new()
                .observer(observer.clone())
                .spans(spans)
                .routed(true),
        )
        .layer(route)
        .layer(retry)
        .layer(AttemptLayer::new().observer(observer).spans(spans))
        .layer(breaker)
        .layer(limit)
        .layer(classify.build().expect("a good classifier"))
        .service(internet);
    let handles = Handles {
        route: route_handle,
        retry: retry_handle,
        breaker: breaker_handle,
        limit: limit_handle,
        sleepers,
        debug: format!("{client:#?}"),
    };
    let boxed = client.map_response(|response| response.map(BodyExt::boxed_unsync));
    (BoxCloneService::new(boxed), handles)
}

pub(crate) fn request() -> Request<Body> {
    asking(r#"{"model":"any","messages":[]}"#)
}

pub(crate) fn asking(body: impl Into<Bytes>) -> Request<Body> {
    Request::post("https://any.example/v1/chat/completions?key=canary")
        .header("content-type", "application/json")
        .header("authorization", "Bearer callers-canary")
        .body(Full::new(body.into()))
        .expect("a request")
}

/// Sends a call and reads its body to the end; an hour is more than any of them may take.
pub(crate) async fn send(client: &Client, request: Request<Body>) -> Result<Answer, BoxError> {
    let answer = tokio::time::timeout(s(3_600), client.clone().oneshot(request));
    answer.await.expect("it hangs")
}

pub(crate) async fn read(answer: Answer) -> Result<Bytes, io::Error> {
    let all = tokio::time::timeout(s(3_600), answer.into_body().collect());
    Ok(all.await.expect("it hangs")?.to_bytes())
}

/// Keeps the lines of all events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub(crate) fn observer(&self) -> impl Observer + Clone + Send + Sync + use<> {
        let lines = self.0.clone();
        move |event: &Event<'_>| {
            let line = format!("{}/{} {event}", event.layer(), event.kind());
            lines.lock().expect("no test panics inside").push(line);
        }
    }

    /// Those that begin so, without that.
    pub(crate) fn of(&self, start: &str) -> Vec<String> {
        let lines = self.0.lock().expect("no test panics inside");
        let found = lines.iter().filter_map(|line| line.strip_prefix(start));
        found.map(|line| line.trim().to_owned()).collect()
    }
}
