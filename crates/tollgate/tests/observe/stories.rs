//! Calls that fare in all ways there are, so that every event is told at least once.

use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use tokio::time::{advance, timeout};
use tollgate::{
    breaker::BreakerLayer,
    core::{Call, Cost, LimitKind, Note, Quota, Target, Window},
    event::{Each, Observer},
    limit::{Limit, LimitLayer, Limits},
    retry::RetryLayer,
    route::{Route, RouteLayer, provider::preset},
};
use tollgate_test::{Answer, Dialect, Fault, Kind, Provider};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::*;

/// Who can hear of a whole stack.
pub(crate) trait Hears: Observer + Clone + Send + Sync + 'static {}

impl<O: Observer + Clone + Send + Sync + 'static> Hears for O {}

/// With somebody who hears, and somebody who looks at the handles in between.
pub(crate) async fn all(observer: &impl Hears, look: &impl Fn(&Handles)) {
    stacks(observer, look).await;
    each_alone(observer).await;
}

/// Calls through whole stacks that fare in all ways: served, sent again, sent elsewhere, refused, held
/// back, dropped, broken.
async fn stacks(observer: &impl Hears, look: &impl Fn(&Handles)) {
    let minute = || tollgate_test::Quota::fixed(Kind::Requests, 3, s(60));
    let ill = groq()
        .quota(minute())
        .fault(Fault::status(503).calls(2..=12));
    let other = openai()
        .quota(minute())
        .fault(Fault::status(500).calls(2..=12));
    let (client, handles) = stack(internet(ill, other), observer.clone(), true);
    for _ in 0..12 {
        if let Ok(answer) = send(&client, request()).await {
            let _ = read(answer).await;
        }
        look(&handles);
    }
    let groq = Target::new("groq", "big").with_account("team-a");
    handles.breaker.force_open(&groq, None);
    let _ = send(&client, request()).await;
    look(&handles);
    handles.breaker.reset(&groq);

    // Turned away, left alone, and back again.
    let limited = self::groq().fault(Fault::status(429).first(2));
    let (client, handles) = stack(internet(limited, openai()), observer.clone(), true);
    for _ in 0..4 {
        let _ = send(&client, request()).await;
        look(&handles);
        advance(s(600)).await;
    }

    // A call that sleeps.
    let soon = tokio::time::Instant::now() + s(7);
    let nap = handles.sleepers.enter("groq".into(), None, soon);
    look(&handles);
    drop(nap);

    // A key that is refused.
    let refuses = self::groq().fault(Fault::status(401));
    let (client, handles) = stack(internet(refuses, openai()), observer.clone(), true);
    let _ = send(&client, request()).await;
    look(&handles);

    // An answer that breaks off.
    let breaks = self::groq().fault(Fault::cut(600));
    let (client, handles) = stack(internet(breaks, openai()), observer.clone(), true);
    if let Ok(answer) = send(&client, request()).await {
        let _ = read(answer).await;
    }
    look(&handles);

    // A caller who leaves after a long time.
    let target = Target::new("groq", "big").with_account("team-a");
    let sent = tokio::time::Instant::now();
    advance(s(60)).await;
    tollgate::core::AttemptListener::abandoned(&handles.breaker, &target, sent);

    // A provider that allows less than is configured.
    let small = self::groq().quota(tollgate_test::Quota::fixed(Kind::Tokens, 6_000, s(60)));
    let (client, handles) = stack(internet(small, openai()), observer.clone(), true);
    let limits = Limits::new().tokens_per_minute(60_000);
    handles.limit.set_limits(limits).expect("good limits");
    let _ = send(&client, request()).await;
    look(&handles);

    let (client, _) = stack(
        internet(self::groq().latency(s(9), s(0)), openai()),
        observer.clone(),
        true,
    );
    timeout(s(3), client.oneshot(request()))
        .await
        .expect_err("too slow");
}

fn ask() -> Request<Body> {
    let call = Call::new().with_target(Target::new("groq", "m").with_account("a"));
    let request = Request::post("https://api.groq.com/openai/v1/chat/completions").extension(call);
    request
        .body(Body::from(r#"{"model":"m"}"#))
        .expect("a request")
}

fn each<O: Hears>(observer: &O) -> Each<O> {
    Each::new(observer.clone())
}

/// What needs a layer set up in its own way.
async fn each_alone(observer: &impl Hears) {
    // Retry gives up, and recovers.
    let provider = groq().fault(Fault::status(500).first(6)).build();
    let retry = RetryLayer::builder()
        .observer(each(observer))
        .build()
        .expect("good");
    let client = retry.layer(provider.service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    let quota = tollgate_test::Quota::fixed(Kind::Requests, 1, s(2));
    let client = retry.layer(groq().quota(quota).build().service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    // A limit of one's own: calls wait, and are refused.
    let limits = LimitLayer::builder()
        .limit(Limit::requests(1, s(60)).bucket(1))
        .max_wait(s(70))
        .observer(each(observer));
    let (limits, handle) = limits.build_with_handle().expect("good limits");
    let client = limits.layer(Provider::new(Dialect::Groq).service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    let large = Call::new().with_cost(Cost::default().with_requests(1_000));
    let mut request = ask();
    request.extensions_mut().insert(large);
    client
        .clone()
        .oneshot(request)
        .await
        .map(drop)
        .expect_err("too large");
    handle.set_limits(Limits::new()).expect("none at all");
    // An answer that is not believed.
    let told = service_fn(|_: Request<Body>| async {
        let mut response = Response::new(Body::default());
        let mut quota = Quota::new();
        quota
            .entry(LimitKind::Requests, Some(Window::Minute))
            .expect("room")
            .limit = Some(0);
        Note::update(&mut response, |note| note.set_quota(quota));
        Ok::<_, Infallible>(response)
    });
    let limits = LimitLayer::builder()
        .observer(each(observer))
        .build()
        .expect("good");
    limits.layer(told).oneshot(ask()).await.expect("an answer");
    // A wait of ten minutes is tested before, and was not meant so.
    let limits = LimitLayer::builder().observer(each(observer));
    let wait = Answer::text(StatusCode::TOO_MANY_REQUESTS, "wait").header("retry-after", "600");
    let provider = groq().fault(Fault::answer(wait).first(1)).build();
    let client = limits.build().expect("good").layer(provider.service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    // More keys than there is room for.
    let small = LimitLayer::builder()
        .limit(Limit::requests(1, s(3_600)).fixed())
        .keys(1)
        .observer(each(observer));
    let client = small.build().expect("good");
    let client = client.layer(Provider::new(Dialect::Groq).service());
    client.clone().oneshot(ask()).await.expect("an answer");
    let mut other = ask();
    let call = Call::new().with_target(Target::new("groq", "other"));
    other.extensions_mut().insert(call);
    client.oneshot(other).await.expect("an answer");
    the_breaker(observer).await;
    the_router(observer).await;
}

async fn the_breaker(observer: &impl Hears) {
    let ill = groq().fault(Fault::status(503).first(5)).build();
    let breaker = BreakerLayer::builder()
        .observer(each(observer))
        .build()
        .expect("a good breaker");
    let client = breaker.layer(ill.service());
    for _ in 0..8 {
        let _ = client.clone().oneshot(ask()).await;
        advance(s(6)).await;
    }
    // One with room for one key.
    let small = BreakerLayer::builder().keys(1).observer(each(observer));
    let (small, handle) = small.build_with_handle().expect("a good breaker");
    handle.force_open(&Target::new("groq", "other"), s(600));
    let client = small.layer(Provider::new(Dialect::Groq).service());
    client.oneshot(ask()).await.expect("passes unwatched");
}

/// A target that is asked twice.
async fn the_router(observer: &impl Hears) {
    let twice = preset::groq().key("gsk-canary").model("big").tries(2, s(1));
    let route = RouteLayer::builder(Route::new("r").ordered([twice])).observer(each(observer));
    let provider = groq().fault(Fault::status(500).first(1)).build();
    let client = route
        .build()
        .expect("a good route")
        .layer(provider.service());
    client.oneshot(request()).await.expect("served");
}
