//! Many calls: estimates come to fit.

use futures_util::{StreamExt, stream};
use http::StatusCode;
use http_body_util::BodyExt;
use tollgate_core::Usage;
use tollgate_limit::{Limit, LimitLayer};
use tollgate_test::{Dialect, Kind, Provider, Quota};

use crate::support::{Limited, MINUTE, ask, builder, read};

/// A language of three bytes to a token, and answers of 60 to 100 tokens.
fn provider() -> tollgate_test::ProviderBuilder {
    Provider::builder(Dialect::OpenAi).usage(|asked| {
        let bytes = asked.body().len() as u64;
        Usage::new(bytes / 3, 60 + bytes % 41)
    })
}

fn prompt(call: u64) -> String {
    "word ".repeat(100 + usize::try_from(call * 37 % 300).unwrap())
}

#[tokio::test(start_paused = true)]
async fn the_estimate_converges() {
    let limited = Limited::new(builder(), &provider().build());
    for call in 0..60 {
        let asked = ask(&prompt(call), "");
        let truth = asked
            .body()
            .clone()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .len() as f64
            / 3.0;
        let answer = limited.send(asked).await.unwrap();
        let reserved = limited.key().reserved;
        let off = reserved.input_tokens() as f64 / truth;
        if call == 0 {
            assert!(
                (0.7..0.8).contains(&off),
                "four bytes instead of three: {off}"
            );
            assert_eq!(reserved.output_tokens(), 500);
        }
        if call > 20 {
            assert!((0.98..1.02).contains(&off), "call {call}: {off}");
            assert!(
                (70..130).contains(&reserved.output_tokens()),
                "call {call}: {reserved:?}"
            );
        }
        read(answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn streams_that_tell_nothing_teach_the_length_of_answers_only() {
    let silent = provider().text("abc ".repeat(40)).build();
    let limited = Limited::new(builder(), &silent);
    for _ in 0..30 {
        let asked = ask(&prompt(1), r#""stream":true,"#);
        let answer = limited.send(asked).await.unwrap();
        read(answer).await;
    }
    let asked = ask(&prompt(1), "");
    let plain = asked
        .body()
        .clone()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .len() as u64
        / 4;
    let answer = limited.send(asked).await.unwrap();
    let reserved = limited.key().reserved;
    assert_eq!(
        reserved.input_tokens(),
        plain,
        "nobody told that it is wrong"
    );
    assert!(
        (40..=42).contains(&reserved.output_tokens()),
        "{reserved:?}"
    );
    drop(answer);
}

/// A provider that counts prompt and answer over a sliding minute; 100 calls at once, which need a
/// little more than five minutes of tokens.
#[tokio::test(start_paused = true)]
async fn a_token_limit_is_used_up_and_hardly_met() {
    let strict = provider()
        .quota(Quota::sliding(Kind::Tokens, 10_000, MINUTE))
        .latency(MINUTE / 60, MINUTE / 120)
        .build();
    let builder = LimitLayer::builder().limit(Limit::tokens(10_000, MINUTE).sliding());
    let limited = Limited::new(builder.max_wait(10 * MINUTE), &strict);
    let start = tokio::time::Instant::now();
    let calls = stream::iter(0..100).map(|call| {
        let limited = &limited;
        async move {
            let answer = limited.send(ask(&prompt(call), "")).await.unwrap();
            let status = answer.status();
            read(answer).await;
            status
        }
    });
    let done: Vec<StatusCode> = calls.buffer_unordered(100).collect().await;
    let met = done.iter().filter(|status| !status.is_success()).count();
    let stats = strict.stats();
    let tokens = stats.input_tokens + stats.output_tokens;
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    assert!(met <= 2, "{met} were turned away: {:?}", limited.key());
    let least = (tokens as f64 / 10_000.0).ceil() - 1.0;
    assert!(
        minutes < least + 1.1,
        "{tokens} tokens took {minutes} minutes"
    );
}
