//! The breaker between retry and classify, against scripted providers.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::{Instant, advance};
use tollgate_breaker::{Breaker, BreakerLayer, Handle, State};
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{BoxError, Class, Reason, Rejected, Target};
use tollgate_retry::{Event, RetryLayer, Why};
use tollgate_test::{Dialect, Fault, Provider, ProviderService, Recorder};
use tower::{Service, ServiceBuilder, ServiceExt, timeout::TimeoutLayer};

use crate::chat;

type Guarded = Breaker<Classify<ProviderService>>;

/// Breaker over classify over a provider.
fn guarded(provider: &Provider, layer: tollgate_breaker::Builder) -> (Guarded, Handle) {
    let (breaker, handle) = layer.build_with_handle().expect("good settings");
    let layers = ServiceBuilder::new()
        .layer(breaker)
        .layer(ClassifyLayer::new());
    (layers.service(provider.service()), handle)
}

fn host(dialect: Dialect) -> Target {
    Target::provider_only(dialect.host())
}

/// Makes a call and reads all of it.
async fn ask<S, R>(client: &mut S, dialect: Dialect) -> Result<u16, BoxError>
where
    S: Service<http::Request<crate::Body>, Response = http::Response<R>, Error = BoxError>,
    R: http_body::Body,
{
    let response = client.ready().await?.call(chat(dialect, false)).await?;
    let status = response.status().as_u16();
    let _ = response.into_body().collect().await;
    Ok(status)
}

/// A used-up plan is a 429 by status; only the classifier sees that waiting does not help.
#[tokio::test(start_paused = true)]
async fn above_classify_a_used_up_quota_does_not_open_it_and_a_rate_limit_does() {
    for (quota, opens) in [(true, false), (false, true)] {
        let answer = match quota {
            true => Dialect::OpenAi.quota_exhausted("m"),
            false => Dialect::OpenAi.with_status(http::StatusCode::TOO_MANY_REQUESTS, "m"),
        };
        let provider = Provider::builder(Dialect::OpenAi).fault(Fault::answer(answer));
        let builder = BreakerLayer::builder().trip_on(Class::RateLimited);
        let (mut client, handle) = guarded(&provider.build(), builder);
        for _ in 0..5 {
            let status = ask(&mut client, Dialect::OpenAi).await.expect("let in");
            assert_eq!(status, 429);
        }
        let open = matches!(handle.state(&host(Dialect::OpenAi)), State::Open { .. });
        assert_eq!(open, opens, "a used-up quota: {quota}");
    }
}

/// An overload that comes as the first event of a stream that began with 200.
#[tokio::test(start_paused = true)]
async fn an_overload_inside_a_stream_opens_it() {
    let provider = Provider::builder(Dialect::Anthropic).fault(Fault::first_event());
    let (client, handle) = guarded(&provider.build(), BreakerLayer::builder());
    for _ in 0..5 {
        let call = client.clone().oneshot(chat(Dialect::Anthropic, true));
        assert_eq!(call.await.expect("let in").status(), 200);
    }
    let state = handle.state(&host(Dialect::Anthropic));
    assert_eq!(state.as_str(), "open");
}

/// Retry hands a refusal on at once: it neither retries it nor sleeps.
#[tokio::test(start_paused = true)]
async fn retry_does_not_retry_what_the_breaker_refused() {
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::status(503))
        .build();
    let seen = Recorder::new();
    let retry = RetryLayer::builder().observer(seen.clone()).build();
    let (breaker, handle) = BreakerLayer::builder().build_with_handle().expect("good");
    let mut client = ServiceBuilder::new()
        .layer(retry.expect("good settings"))
        .layer(breaker)
        .layer(ClassifyLayer::new())
        .service(provider.service());
    handle.force_open(&host(Dialect::Groq), Duration::from_secs(60));
    let start = Instant::now();
    let error = ask(&mut client, Dialect::Groq).await.expect_err("open");
    let refused = Rejected::find(error.as_ref()).expect("a refusal");
    assert_eq!(refused.reason(), Reason::CircuitOpen);
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(
        (start.elapsed(), provider.stats().calls),
        (Duration::ZERO, 0)
    );
    let rejected =
        |event: &Event| matches!(event, Event::GaveUp { why, .. } if *why == Why::Rejected);
    assert!(rejected(&seen.take()[0]));
}

/// The attempts of one call count one by one, and shut it off in the middle of that call.
#[tokio::test(start_paused = true)]
async fn each_attempt_counts() {
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::status(503))
        .build();
    // Longer than any backoff: else the sixth attempt may come late enough to be a probe.
    let long = Duration::from_secs(300);
    let builder = BreakerLayer::builder().open_time(long, long);
    let (breaker, handle) = builder.build_with_handle().expect("good settings");
    let mut client = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(breaker)
        .layer(ClassifyLayer::new())
        .service(provider.service());
    // Seven attempts are allowed.
    let error = ask(&mut client, Dialect::Groq).await.expect_err("shut off");
    assert!(Rejected::find(error.as_ref()).is_some());
    assert_eq!(provider.stats().calls, 5);
    assert_eq!(handle.state(&host(Dialect::Groq)).as_str(), "open");
}

/// The whole story with an attempt timeout below: a provider that hangs is shut off and taken back.
#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_is_shut_off_and_taken_back() {
    let provider = Provider::builder(Dialect::OpenAi)
        .fault(Fault::hang().first(5))
        .build();
    let (breaker, handle) = BreakerLayer::builder().build_with_handle().expect("good");
    let mut client = ServiceBuilder::new()
        .layer(breaker)
        .layer(TimeoutLayer::new(Duration::from_secs(10)))
        .layer(ClassifyLayer::new())
        .service(provider.service());
    let start = Instant::now();
    for _ in 0..5 {
        let error = ask(&mut client, Dialect::OpenAi).await;
        assert!(Rejected::find(error.expect_err("it hangs").as_ref()).is_none());
    }
    assert_eq!(start.elapsed(), Duration::from_secs(50));
    let target = host(Dialect::OpenAi);
    advance(handle.status(&target).left().expect("an end")).await;
    for _ in 0..2 {
        assert_eq!(
            ask(&mut client, Dialect::OpenAi).await.expect("a probe"),
            200
        );
    }
    assert_eq!(handle.state(&target), State::Closed);
}
