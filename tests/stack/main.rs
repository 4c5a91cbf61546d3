//! Stories of the layers together, against scripted providers: on the paused clock where times
//! matter, on real sockets where connections break.

mod breaker;
mod bystanders;
mod claude;
mod closing;
mod crowd;
mod fallback;
mod flapping;
mod hang;
mod hypotheses;
mod late;
mod order;
mod outage;
mod returns;
mod sockets;
mod stored;
mod waits;
mod windows;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::Random;
use tollgate_retry::{Event, Retry, RetryLayer};
use tollgate_test::{Dialect, Provider, ProviderService, Recorder};
use tower::ServiceBuilder;

type Body = Full<Bytes>;

/// A chat call to a provider of this dialect.
fn chat(dialect: Dialect, stream: bool) -> Request<Body> {
    let body = format!(r#"{{"model":"m","stream":{stream},"messages":[]}}"#);
    Request::post(format!("http://{}/v1/chat/completions", dialect.host()))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .expect("a request")
}

/// Retry over classify over a provider; what retry decides is recorded.
fn stack(
    provider: &Provider,
) -> (
    Retry<Classify<ProviderService>, Recorder<Event>>,
    Recorder<Event>,
) {
    let seen = Recorder::new();
    let retry = RetryLayer::builder()
        .random(Random::seeded(7))
        .observer(seen.clone());
    let retry = retry.build().expect("the defaults are good");
    let layers = ServiceBuilder::new()
        .layer(retry)
        .layer(ClassifyLayer::new());
    (layers.service(provider.service()), seen)
}
