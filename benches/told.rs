//! The rows of a stack that tells all it does: events to a log and to metrics, and spans.

use std::{
    io,
    sync::OnceLock,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tollgate::{BoxError, Metrics, Stack, Tracing, metrics::BUCKETS};
use tollgate_benches::{Mock, Row, request};
use tower::ServiceExt;
use tower_service::Service;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use super::{limits, route};

/// A stack with three targets whose responses are read to the end, with and without observers.
pub(super) fn rows() -> [Row; 2] {
    let stack = || Stack::new().route(route()).limit(|_| limits());
    let silent = stack().around(answering()).expect("a good route");
    let told = stack()
        .observer((Tracing::new(), Metrics::new().keep_handles()))
        .spans(true)
        .around(answering())
        .expect("a good route");
    let name = "tollgate/Stack with routes, read to the end";
    [
        Row::new(name, request(), read(silent)),
        Row::new(format!("{name}, told"), request(), Telling(read(told))),
    ]
}

/// Sets up who hears with its first call: to begin takes longer now than then, and no other row is to count that.
struct Telling<S>(S);

impl<S: Service<Request<Full<Bytes>>>> Service<Request<Full<Bytes>>> for Telling<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> S::Future {
        start();
        self.0.call(request)
    }
}

/// A log of level info and a recorder, as a program sets them up.
fn start() {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    FIGURES.get_or_init(|| {
        let lines = fmt::layer()
            .with_writer(io::sink)
            .with_filter(Targets::new().with_default(tracing::Level::INFO));
        registry().with(lines).init();
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
        let recorder = builder.and_then(PrometheusBuilder::install_recorder);
        recorder.expect("the only recorder")
    });
}

/// Reads the body of each answer, as a caller does.
fn read<S, B>(
    stack: S,
) -> impl Service<Request<Full<Bytes>>, Response = Response<Bytes>, Error = BoxError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = BoxError>,
    B: Body<Error = BoxError>,
{
    stack.and_then(|response: Response<B>| async {
        let body = response.into_body().collect().await?;
        Ok(Response::new(body.to_bytes()))
    })
}

/// An answer that says what it took.
fn answering() -> Mock {
    let body = r#"{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}],"usage":{"prompt_tokens":160,"completion_tokens":2,"total_tokens":162}}"#;
    Mock::answering(StatusCode::OK, HeaderMap::new(), body.into())
}
