//! What each layer adds to a call that succeeds at once, beside its rivals.
//!
//! `cargo bench -p tollgate-benches --bench overhead` prints a table, `-- --json` a line per row.
//! Instructions are counted where valgrind is installed.

mod told;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tollgate::Stack;
use tollgate_benches::{Mock, Row, request, run};
use tollgate_breaker::{Breaker, BreakerLayer};
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{Call, Cost, Target};
use tollgate_limit::{Limit, LimitLayer, LimitService};
use tollgate_retry::{Retry as TollgateRetry, RetryLayer};
use tollgate_route::{Route, RouteLayer, Router, Wire, provider::preset};
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
    let mut rows = vec![
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
        // Target and cost are known, as below a router.
        Row::new("bare, with a call", asked(), Mock::bare()),
        Row::new("tollgate/limit", asked(), limit_layer().layer(Mock::bare())),
        Row::new(
            "governor/keyed (1 dimension)",
            asked(),
            Governed::new(Mock::bare()),
        ),
        // Both are read out of the request.
        Row::new(
            "tollgate/limit (reads the request)",
            request(),
            limit_layer().layer(Mock::bare()),
        ),
        Row::new(
            "tollgate/four",
            asked(),
            four(&BreakerLayer::new(), &limit_layer()),
        ),
        Row::new("tollgate/five", costing(), five()),
        Row::new(
            "tollgate/four (reads the request)",
            request(),
            four(&BreakerLayer::new(), &limit_layer()),
        ),
        // The router looks for the model in the body, whoever counts tokens.
        Row::new("tollgate/five (reads the request)", request(), five()),
        // As people build it: with the body kept, the deadline, time limits, and nobody who listens.
        stack(),
        routed(),
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
    ];
    rows.extend(told::rows());
    rows
}

type Four = TollgateRetry<Breaker<LimitService<Classify<Mock>>>>;

/// Retry, breaker, limiter and classifier.
fn four(breaker: &BreakerLayer, limit: &LimitLayer) -> Four {
    let client = limit.layer(ClassifyLayer::new().layer(Mock::bare()));
    RetryLayer::new().layer(breaker.layer(client))
}

/// The same below a router with three targets, which is told how they stand. The first is asked, for
/// another model than the request names.
fn five() -> Router<Four> {
    let (limit, breaker) = (limit_layer(), BreakerLayer::new());
    let router = RouteLayer::builder(route())
        .outlook(limit.handle())
        .outlook(breaker.handle())
        .build();
    router.expect("a good route").layer(four(&breaker, &limit))
}

fn route() -> Route {
    let speaking = preset::anthropic().speaking(Wire::OpenAi);
    Route::new("chat")
        .ordered([preset::groq().key("k").model("llama-3.3-70b-versatile")])
        .ordered([preset::openai().key("k").model("gpt-4o-mini")])
        .ordered([speaking.key("k").model("claude-3-5-haiku-20241022")])
}

/// The facade's stack, with the same limits and nothing else set.
fn stack() -> Row {
    let stack = Stack::new().limit(|_| limits()).around(Mock::bare());
    Row::new("tollgate/Stack", request(), stack.expect("good limits"))
}

fn routed() -> Row {
    let stack = Stack::new().route(route()).limit(|_| limits());
    let stack = stack.around(Mock::bare()).expect("a good route");
    Row::new("tollgate/Stack with routes", request(), stack)
}

fn limit_layer() -> LimitLayer {
    limits().build().expect("good limits")
}

/// Requests, tokens and concurrency; nothing ever waits.
fn limits() -> tollgate_limit::Builder {
    let second = Duration::from_secs(1);
    LimitLayer::builder()
        .limit(Limit::requests(100_000_000, second).bucket(100_000_000))
        .limit(Limit::tokens(4_000_000_000, second).bucket(4_000_000_000))
        .concurrency(1_000)
}

/// The request, with what a router says about it.
fn asked() -> Req {
    let target = Target::new("groq", "llama-3.1-8b-instant");
    let mut request = costing();
    let call = Call::of(&request).cloned().unwrap_or_default();
    request.extensions_mut().insert(call.with_target(target));
    request
}

/// The request, with what its sender says it costs.
fn costing() -> Req {
    let mut request = request();
    let cost = Cost::default()
        .with_input_tokens(250)
        .with_output_tokens(100);
    request.extensions_mut().insert(Call::new().with_cost(cost));
    request
}

/// Governor's keyed check in front of the client: one bucket, nothing to give back.
#[derive(Clone)]
struct Governed<S> {
    inner: S,
    limiter: std::sync::Arc<governor::DefaultKeyedRateLimiter<Target>>,
}

impl<S> Governed<S> {
    fn new(inner: S) -> Self {
        let quota = governor::Quota::per_second(std::num::NonZeroU32::MAX);
        let limiter = std::sync::Arc::new(governor::RateLimiter::keyed(quota));
        Self { inner, limiter }
    }
}

impl<S: Service<Req>> Service<Req> for Governed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Req) -> S::Future {
        let target = Call::of(&request).and_then(Call::target);
        let target = target.expect("every request of this row has one");
        self.limiter
            .check_key(target)
            .expect("it allows 4 billion a second");
        self.inner.call(request)
    }
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
