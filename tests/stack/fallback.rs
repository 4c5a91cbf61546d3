//! The router above all other layers: what people see of a provider that pushes back, or is ill.

use std::{
    collections::HashMap,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tollgate_breaker::BreakerLayer;
use tollgate_classify::ClassifyLayer;
use tollgate_core::{BoxError, Random};
use tollgate_limit::LimitLayer;
use tollgate_retry::RetryLayer;
use tollgate_route::{
    Handle, Route, RouteLayer, Served, Wire, provider::preset, timeout::TimeoutLayer,
};
use tollgate_test::{
    AnswerFuture, Dialect, Fault, Kind, KitBody, Limited, Provider, ProviderService, Quota,
};
use tower::{Service, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

use crate::Body;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// All providers, each at its host.
#[derive(Debug, Clone)]
struct Internet(HashMap<&'static str, ProviderService>);

impl Internet {
    fn of(providers: &[&Provider]) -> Self {
        let at = |provider: &&Provider| (provider.dialect().host(), provider.service());
        Self(providers.iter().map(at).collect())
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
        let host = request.uri().host().unwrap_or_default();
        let provider = self.0.get_mut(host).expect("somebody is there");
        provider.call(request)
    }
}

type Whole = Response<http_body_util::Collected<bytes::Bytes>>;
type Client = BoxCloneSyncService<Request<Body>, Whole, BoxError>;

/// All five layers, and the time limits around classify. The answer is read to its end.
fn stack(route: Route, internet: Internet) -> (Client, Handle) {
    let (limit, limits) = LimitLayer::builder()
        .random(Random::seeded(7))
        .build_with_handle()
        .expect("good settings");
    let (breaker, breakers) = BreakerLayer::builder()
        .random(Random::seeded(8))
        .build_with_handle()
        .expect("good settings");
    let (router, handle) = RouteLayer::builder(route)
        .outlook(limits)
        .outlook(breakers)
        .random(Random::seeded(9))
        .build_with_handle()
        .expect("a good route");
    let retry = RetryLayer::builder().random(Random::seeded(6)).build();
    let timeouts = TimeoutLayer::builder()
        .attempt(s(5))
        .first_event(s(5))
        .build();
    let client = ServiceBuilder::new()
        .layer(router)
        .layer(retry.expect("good settings"))
        .layer(breaker)
        .layer(limit)
        .layer(timeouts.expect("good limits"))
        .layer(ClassifyLayer::new())
        .service(internet);
    let whole = |response: Response<_>| async {
        let (head, body) = response.into_parts();
        let body = BodyExt::collect(body).await?;
        Ok::<_, BoxError>(Response::from_parts(head, body))
    };
    (BoxCloneSyncService::new(client.and_then(whole)), handle)
}

fn chat(stream: bool) -> Request<Body> {
    let body = format!(r#"{{"model":"any","stream":{stream},"messages":[]}}"#);
    let request = Request::post("https://any.example/v1/chat/completions");
    request.body(Body::from(body)).expect("a request")
}

/// Groq, OpenAI, Anthropic: one model each, in this order.
fn route() -> Route {
    let anthropic = preset::anthropic().speaking(Wire::OpenAi).key("k");
    Route::new("chat").ordered([
        preset::groq().key("k").model("g"),
        preset::openai().key("k").model("o"),
        anthropic.model("a"),
    ])
}

/// What became of a crowd.
#[derive(Debug, Default)]
struct Crowd {
    ok: usize,
    /// Calls that some target refused before another answered.
    saved: usize,
    lost: Vec<String>,
    took: Vec<Duration>,
}

/// So many calls, one each `gap`.
async fn crowd(client: &Client, calls: usize, gap: Duration) -> Crowd {
    let mut running = JoinSet::new();
    for _ in 0..calls {
        let client = client.clone();
        running.spawn(async move {
            let start = Instant::now();
            (client.oneshot(chat(false)).await, start.elapsed())
        });
        sleep(gap).await;
    }
    let mut crowd = Crowd::default();
    while let Some(done) = running.join_next().await {
        let (result, took) = done.expect("no panic");
        crowd.took.push(took);
        match result {
            Ok(response) if response.status() == 200 => {
                crowd.ok += 1;
                let served = Served::of(&response).expect("the router says who");
                crowd.saved += usize::from(!served.attempts().is_empty());
            }
            Ok(response) => crowd.lost.push(response.status().to_string()),
            Err(error) => crowd.lost.push(error.to_string()),
        }
    }
    crowd.took.sort_unstable();
    crowd
}

fn limited(dialect: Dialect, burst: u64, per_minute: u64) -> tollgate_test::ProviderBuilder {
    let quota = Quota::bucket(Kind::Requests, per_minute, s(60), burst);
    let provider = Provider::builder(dialect).quota(quota).seed(3);
    let (latency, travel) = (Duration::from_secs(1), Duration::from_millis(25));
    provider
        .latency(latency, latency / 10)
        .travel(travel, travel / 5)
}

#[tokio::test(start_paused = true)]
async fn a_crowd_loses_nothing() {
    let groq = limited(Dialect::Groq, 10, 600).build();
    let openai = limited(Dialect::OpenAi, 600, 600).build();
    let anthropic = limited(Dialect::Anthropic, 600, 600);
    let anthropic = anthropic.fault(Fault::status(529).chance(0.05)).build();
    let (client, _) = stack(route(), Internet::of(&[&groq, &openai, &anthropic]));
    let crowd = crowd(&client, 200, s(1) / 15).await;
    assert_eq!((crowd.ok, crowd.lost.len()), (200, 0), "{:?}", crowd.lost);
    let p95 = crowd.took[189];
    assert!(p95 < s(5), "{p95:?}");
    let asked = groq.stats().calls + openai.stats().calls + anthropic.stats().calls;
    assert!(asked < 230, "{asked} attempts for 200 calls");
}

#[tokio::test(start_paused = true)]
async fn a_used_up_day_is_tried_now_and_then_and_nobody_notices() {
    // 500 calls a day, then "quota" without a wait.
    let used_up = Fault::answer(Dialect::Kimi.quota_exhausted("k"));
    let kimi = Provider::builder(Dialect::Kimi).fault(used_up.calls(501..=u64::MAX));
    let kimi = kimi.latency(s(1), s(0)).build();
    let openai = limited(Dialect::OpenAi, 60, 60).build();
    let anthropic = limited(Dialect::Anthropic, 30, 30).build();
    let first = Route::new("kimi").ordered([preset::kimi().key("k").model("k")]);
    let first = first.ordered([preset::openai().key("k").model("o")]);
    let anthropics = preset::anthropic().speaking(Wire::OpenAi).key("k");
    let route = first.ordered([anthropics.model("a")]);
    let (client, _) = stack(route, Internet::of(&[&kimi, &openai, &anthropic]));
    let crowd = crowd(&client, 7_200, s(1)).await;
    assert_eq!(
        (crowd.ok, crowd.lost.len()),
        (7_200, 0),
        "{:?}",
        crowd.lost.first()
    );
    let wasted = kimi.stats().calls - kimi.stats().served;
    assert!(wasted <= 31, "{wasted} calls to a used-up day");
    assert!(crowd.took[7_199] < s(5), "{:?}", crowd.took[7_199]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_a_few_attempts() {
    let ill = s(60)..s(180);
    let groq = Provider::builder(Dialect::Groq).seed(5);
    let groq = groq
        .fault(Fault::hang().during(ill.clone()).chance(0.5))
        .fault(Fault::status(503).during(ill))
        .latency(s(1), s(0))
        .build();
    let openai = Provider::builder(Dialect::OpenAi)
        .latency(s(1), s(0))
        .build();
    let anthropic = Provider::builder(Dialect::Anthropic)
        .latency(s(1), s(0))
        .build();
    let (client, _) = stack(route(), Internet::of(&[&groq, &openai, &anthropic]));
    let crowd = crowd(&client, 240 * 20, s(1) / 20).await;
    assert_eq!(crowd.ok, 4_800, "{:?}", crowd.lost.first());
    let log = groq.log();
    let start = log[0].at();
    let in_outage = |at: Instant| (s(60)..s(180)).contains(&(at - start));
    let probes = log.iter().filter(|call| in_outage(call.at())).count();
    // 20 calls a second hang for 5 s before the first of them is known to be lost.
    assert!(probes < 140, "{probes} calls met the outage");
    let back = log
        .iter()
        .find(|call| call.at() - start > s(180) && call.status().is_some_and(|s| s == 200));
    let back = back.expect("it is taken back").at() - start;
    assert!(back < s(180 + 75), "{back:?}");
}

#[tokio::test(start_paused = true)]
async fn an_error_as_the_first_event_of_a_stream_goes_on() {
    let groq = Provider::builder(Dialect::Groq)
        .fault(Fault::first_event())
        .build();
    let openai = Provider::builder(Dialect::OpenAi).build();
    let anthropic = Provider::new(Dialect::Anthropic);
    let (client, _) = stack(route(), Internet::of(&[&groq, &openai, &anthropic]));
    let response = client.oneshot(chat(true)).await.expect("answered");
    assert_eq!(
        Served::of(&response).expect("said").target().provider(),
        "openai"
    );
    let text = response.into_body().to_bytes();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("[DONE]") && !text.contains("error"), "{text}");
    assert_eq!((groq.stats().calls, openai.stats().calls), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_does_not_begin_goes_on() {
    let groq = Provider::builder(Dialect::Groq)
        .fault(Fault::stall(0))
        .build();
    let openai = Provider::builder(Dialect::OpenAi).build();
    let anthropic = Provider::new(Dialect::Anthropic);
    let (client, _) = stack(route(), Internet::of(&[&groq, &openai, &anthropic]));
    let start = Instant::now();
    let response = client.oneshot(chat(true)).await.expect("answered");
    assert_eq!(
        Served::of(&response).expect("said").target().provider(),
        "openai"
    );
    assert_eq!(start.elapsed(), s(5));
}

#[tokio::test(start_paused = true)]
async fn when_all_are_limited_the_last_one_waits_as_told() {
    let told = |dialect: Dialect, seconds| {
        let limited = Limited::new(Kind::Requests).retry_after(s(seconds));
        let limited = Fault::answer(dialect.rate_limited(&limited));
        Provider::builder(dialect).fault(limited.first(1)).build()
    };
    let (groq, openai) = (told(Dialect::Groq, 60), told(Dialect::OpenAi, 60));
    let anthropic = told(Dialect::Anthropic, 4);
    let (client, handle) = stack(route(), Internet::of(&[&groq, &openai, &anthropic]));
    let start = Instant::now();
    let response = client.oneshot(chat(false)).await.expect("answered");
    let served = Served::of(&response).expect("the router says who");
    assert_eq!(served.target().provider(), "anthropic");
    assert_eq!(served.attempts().len(), 2);
    assert!(
        (s(4)..s(6)).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
    let calls = [groq.stats(), openai.stats(), anthropic.stats()].map(|stats| stats.calls);
    assert_eq!(calls, [1, 1, 2]);
    assert_eq!(handle.cooldowns().len(), 2);
}
