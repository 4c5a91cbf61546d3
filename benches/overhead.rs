//! What each layer adds to a call that succeeds at once, beside its rivals.
//!
//! `cargo bench --bench overhead` prints a table, `-- --json` a line per row. Instructions are
//! counted where valgrind is installed.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tollgate_benches::{Mock, Row, request, run};
use tollgate_breaker::BreakerLayer;
use tollgate_classify::ClassifyLayer;
use tollgate_retry::RetryLayer;
use tower::{
    limit::{ConcurrencyLimit, RateLimit, rate::Rate},
    retry::{Policy, Retry},
};
use tower_layer::Layer;
use tower_resilience::{
    circuitbreaker::CircuitBreakerLayer, ratelimiter::RateLimiterLayer,
    retry::RetryLayer as ResilienceRetryLayer,
};
use tower_service::Service;

type Req = Request<Full<Bytes>>;
type Res = Response<Full<Bytes>>;

fn main() {
    run(rows);
}

fn rows() -> Vec<Row> {
    vec![
        Row::new("bare", request(), Mock::bare()),
        Row::new("request-clone", request(), Cloning(Mock::bare())),
        Row::new(
            "tollgate/classify",
            request(),
            ClassifyLayer::new().layer(Mock::bare()),
        ),
        Row::new(
            "tollgate/retry",
            request(),
            RetryLayer::new().layer(Mock::bare()),
        ),
        Row::new(
            "tollgate/breaker",
            request(),
            BreakerLayer::new().layer(Mock::bare()),
        ),
        Row::new(
            "tower-resilience/breaker",
            request(),
            resilience_breaker().layer(Mock::bare()),
        ),
        Row::new(
            "tower/retry+ratelimit+concurrency",
            request(),
            tower_stack(),
        ),
        Row::new(
            "tower-resilience/retry+limiter+breaker",
            request(),
            resilience_stack(),
        ),
    ]
}

/// What every retrying layer must do: keep a copy of the request.
#[derive(Debug)]
struct Cloning<S>(S);

impl<S: Service<Req>> Service<Req> for Cloning<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Req) -> S::Future {
        let kept = std::hint::black_box(request.clone());
        let future = self.0.call(request);
        drop(kept);
        future
    }
}

/// Tower's own three. Its rate limit can not be cloned, so it stands outside of the retry.
fn tower_stack() -> impl Service<Req, Response = Res, Error = Infallible> + 'static {
    let limited = ConcurrencyLimit::new(Mock::bare(), 1_000);
    let retried = Retry::new(OnServerError, limited);
    RateLimit::new(retried, Rate::new(1_000_000_000, Duration::from_secs(1)))
}

#[derive(Debug, Clone)]
struct OnServerError;

impl Policy<Req, Res, Infallible> for OnServerError {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut Req, result: &mut Result<Res, Infallible>) -> Option<Ready<()>> {
        match result {
            Ok(response) if response.status().is_server_error() => Some(ready(())),
            _ => None,
        }
    }

    fn clone_request(&mut self, request: &Req) -> Option<Req> {
        Some(request.clone())
    }
}

fn resilience_breaker() -> CircuitBreakerLayer {
    let breaker = CircuitBreakerLayer::builder().build();
    breaker.expect("the defaults are good")
}

/// tower-resilience's three, set up so that nothing is refused and nothing logged.
fn resilience_stack() -> impl Service<Req, Response = Res, Error: std::fmt::Debug> + 'static {
    let limiter = RateLimiterLayer::builder()
        .limit_for_period(1_000_000_000)
        .refresh_period(Duration::from_secs(1))
        .build()
        .expect("a good limit");
    let breaker = resilience_breaker();
    let retry = ResilienceRetryLayer::<Req, Res, _>::builder()
        .max_attempts(3)
        .exponential_backoff(Duration::from_millis(100))
        .build();
    retry.layer(breaker.layer(limiter.layer(Mock::bare())))
}
