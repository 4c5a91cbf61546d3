//! How long calls wait, to the millisecond.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::Instant;
use tollgate_core::{Call, Class, Classification};
use tollgate_retry::{Event, Why};
use tollgate_test::{Dialect, Fault, Kind, Limited, Provider};
use tower::ServiceExt;

use crate::{chat, stack};

const TOLD: Duration = Duration::from_millis(1_366_848);

/// Groq, a day's tokens used up: "try again in 22m46.848s", and `retry-after: 1367`.
fn used_up() -> Provider {
    let limited = Limited::new(Kind::Tokens).window(tollgate_core::Window::Day);
    let limited = limited.of(100_000, 97_050, 3_619).retry_after(TOLD);
    Provider::builder(Dialect::Groq)
        .answers([Dialect::Groq.rate_limited(&limited)])
        .build()
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_comes_back_at_once_and_whole() {
    let provider = used_up();
    let (client, seen) = stack(&provider);
    let start = Instant::now();
    let response = client
        .oneshot(chat(Dialect::Groq, false))
        .await
        .expect("answered");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(response.status(), 429);
    let known = Classification::of(&response).into_owned();
    assert_eq!(known.class(), Class::RateLimited);
    assert_eq!(known.wait(), Some(Duration::from_secs(1_367)));
    let body = response
        .into_body()
        .collect()
        .await
        .expect("whole")
        .to_bytes();
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("Please try again in 22m46.848s"), "{text}");
    let why = seen.take().pop();
    assert!(
        matches!(
            why,
            Some(Event::GaveUp {
                why: Why::WaitTooLong,
                ..
            })
        ),
        "{why:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_slept_where_the_caller_has_the_time() {
    let provider = used_up();
    let layer = tollgate_retry::RetryLayer::builder().max_wait(Duration::from_secs(3_600));
    let client = tower::ServiceBuilder::new()
        .layer(layer.build().expect("good settings"))
        .layer(tollgate_classify::ClassifyLayer::new())
        .service(provider.service());
    let start = Instant::now();
    let response = client
        .oneshot(chat(Dialect::Groq, false))
        .await
        .expect("answered");
    assert_eq!(response.status(), 200);
    let waited = start.elapsed();
    assert!(waited >= TOLD, "{waited:?}: earlier than told");
    assert!(
        waited <= Duration::from_secs(1_367 + 5),
        "{waited:?}: 5 s of jitter at most"
    );
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_kept() {
    let limited = Limited::new(Kind::Requests).retry_after(Duration::from_secs(20));
    let answer = Dialect::OpenAi.rate_limited(&limited);
    let provider = Provider::builder(Dialect::OpenAi).answers([answer]).build();
    let (client, seen) = stack(&provider);
    let mut request = chat(Dialect::OpenAi, false);
    request
        .extensions_mut()
        .insert(Call::new().with_deadline_in(Duration::from_secs(10)));
    let start = Instant::now();
    let response = client.oneshot(request).await.expect("answered");
    assert_eq!(
        (response.status().as_u16(), start.elapsed()),
        (429, Duration::ZERO)
    );
    assert!(matches!(
        seen.take()[..],
        [Event::GaveUp {
            why: Why::Deadline,
            ..
        }]
    ));
}

/// The status is 200 and the stream begins with an error: nothing reached the caller, so it is
/// retried, and the second stream arrives from its first byte.
#[tokio::test(start_paused = true)]
async fn an_error_at_the_start_of_a_stream_is_retried() {
    for dialect in [
        Dialect::OpenAi,
        Dialect::Anthropic,
        Dialect::OpenRouter,
        Dialect::Groq,
    ] {
        let provider = Provider::builder(dialect)
            .fault(Fault::first_event().call(1))
            .build();
        let (client, seen) = stack(&provider);
        let response = client.oneshot(chat(dialect, true)).await.expect("answered");
        let body = response
            .into_body()
            .collect()
            .await
            .expect("whole")
            .to_bytes();
        let text = String::from_utf8_lossy(&body);
        assert!(
            !text.contains("overloaded") && text.contains("data:"),
            "{dialect:?}: {text}"
        );
        let first = seen.take().into_iter().next();
        let retried = matches!(
            first,
            Some(Event::Retrying {
                class: Class::Overloaded,
                ..
            })
        );
        assert!(retried, "{dialect:?}: {first:?}");
        assert_eq!(provider.stats().calls, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn every_dialect_is_understood_from_its_host_alone() {
    for dialect in Dialect::ALL {
        let limited = Limited::new(Kind::Requests).retry_after(Duration::from_secs(3));
        let provider = Provider::builder(dialect)
            .answers([dialect.rate_limited(&limited)])
            .build();
        let (client, seen) = stack(&provider);
        let start = Instant::now();
        let response = client
            .oneshot(chat(dialect, false))
            .await
            .expect("answered");
        assert_eq!(response.status(), 200, "{dialect:?}");
        let retries = seen.take();
        let Some(&Event::Retrying { class, hint, .. }) = retries.first() else {
            panic!("{dialect:?}: {retries:?}")
        };
        assert_eq!(class, Class::RateLimited, "{dialect:?}");
        if hint.is_some() {
            assert!(
                start.elapsed() >= Duration::from_secs(3),
                "{dialect:?}: earlier than told"
            );
        }
    }
}
