//! Many calls: estimates come to fit.

use futures_util::{StreamExt, stream};
use http::StatusCode;
use http_body_util::BodyExt;
use tollgate_core::{LimitKind, Usage};
use tollgate_limit::{Limit, LimitLayer};
use tollgate_test::{Dialect, Kind, Provider, Quota};

use super::support::{Limited, MINUTE, ask, builder, read};

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

/// An agent's conversation: each turn sends all turns before it, which come out of the cache.
fn agent(turn_tokens: u64, dialect: Dialect) -> Provider {
    let seen = std::sync::Mutex::new(0);
    Provider::builder(dialect)
        .usage(move |asked| {
            let prompt = asked.body().len() as u64 / 4;
            let mut seen = seen.lock().unwrap();
            let cached = std::mem::replace(&mut *seen, prompt);
            // A new conversation begins short.
            let cached = if cached < prompt { cached } else { 0 };
            Usage::new(prompt, 50).with_cached(cached.min(prompt.saturating_sub(turn_tokens / 2)))
        })
        .build()
}

const MARK: &str = r#""system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"#;

#[tokio::test(start_paused = true)]
async fn a_cached_conversation_is_expected_to_take_what_is_counted() {
    let builder =
        LimitLayer::builder().limit(Limit::new(LimitKind::InputTokens, 50_000, MINUTE).fixed());
    let builder = builder.max_wait(2 * MINUTE);
    let limited = Limited::new(builder, &agent(2_000, Dialect::Anthropic));
    let start = tokio::time::Instant::now();
    let mut most = 0;
    // 40 turns of 2,000 tokens: the last prompt has 80,000, more than a minute allows.
    for turn in 1..=40_usize {
        let answer = limited
            .send(ask(&"word ".repeat(1_600 * turn), MARK))
            .await
            .expect("no turn is refused");
        let reserved = limited.key().reserved.input_tokens();
        if turn > 2 {
            most = most.max(reserved);
        }
        read(answer).await;
    }
    assert!(most <= 3_000, "2,000 are counted, {most} were reserved");
    // 80,000 tokens are counted: one further minute is needed, and one begins here.
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    assert!(minutes <= 1.05, "{minutes}");
}

#[tokio::test(start_paused = true)]
async fn a_conversation_whose_cache_counts_is_expected_whole() {
    let limited = Limited::new(builder(), &agent(2_000, Dialect::OpenAi));
    for turn in 1..=20_usize {
        let asked = ask(&"word ".repeat(1_600 * turn), MARK);
        let answer = limited.send(asked).await.unwrap();
        let reserved = limited.key().reserved.input_tokens() as f64;
        let truth = 2_000.0 * turn as f64;
        assert!((reserved / truth - 1.0).abs() < 0.05, "{turn}: {reserved}");
        read(answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_marks_no_cache_is_expected_whole_beside_others_that_do() {
    let limited = Limited::new(builder(), &agent(2_000, Dialect::Anthropic));
    for turn in 1..=8_usize {
        read(
            limited
                .send(ask(&"word ".repeat(1_600 * turn), MARK))
                .await
                .unwrap(),
        )
        .await;
    }
    let answer = limited
        .send(ask(&"word ".repeat(16_000), ""))
        .await
        .unwrap();
    let reserved = limited.key().reserved.input_tokens();
    assert!((19_000..21_000).contains(&reserved), "{reserved}");
    read(answer).await;
}

/// A provider that takes 40,000 tokens for a prompt with any of these in it, else 1 for 4 bytes.
fn keeps(words: &'static [&'static str]) -> Provider {
    let usage = move |asked: &tollgate_test::Asked| {
        let body = String::from_utf8_lossy(asked.body());
        let kept = words.iter().any(|word| body.contains(word));
        Usage::new(if kept { 40_000 } else { body.len() as u64 / 4 }, 10)
    };
    Provider::builder(Dialect::OpenAi).usage(usage).build()
}

#[tokio::test(start_paused = true)]
async fn prompts_that_are_not_all_in_the_request_teach_no_ratio() {
    for more in [
        r#""previous_response_id":"resp_1","#,
        r#""conversation":{"id":"conv_1"},"#,
        r#""container":"cntr_1","#,
        r#""prompt":{"id":"pmpt_1"},"#,
        r#""input":[{"type":"input_image","image_url":"https://a/b.png"}],"#,
        r#""input":[{"type":"input_file","file_id":"file-1"}],"#,
        r#""tools":[{"type":"web_search"}],"#,
    ] {
        let kept = keeps(&[
            "resp_1", "conv_1", "cntr_1", "pmpt_1", "https", "file-1", "web_",
        ]);
        let limited = Limited::new(builder(), &kept);
        for _ in 0..20 {
            read(
                limited
                    .send(ask("go on, and then some", more))
                    .await
                    .unwrap(),
            )
            .await;
        }
        let answer = limited.send(ask(&"word ".repeat(3_200), "")).await.unwrap();
        let reserved = limited.key().reserved.input_tokens();
        assert!((4_000..4_100).contains(&reserved), "{more}: {reserved}");
        read(answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn prompts_that_are_all_in_the_request_teach_beside_them() {
    let kept = Provider::builder(Dialect::OpenAi)
        .usage(|asked| {
            let body = String::from_utf8_lossy(asked.body());
            let bytes = body.len() as u64;
            Usage::new(
                if body.contains("resp_1") {
                    8_000
                } else {
                    bytes / 3
                },
                10,
            )
        })
        .build();
    let limited = Limited::new(builder(), &kept);
    for _ in 0..30 {
        read(
            limited
                .send(ask(&prompt(1), r#""previous_response_id":"resp_1","#))
                .await
                .unwrap(),
        )
        .await;
        read(
            limited
                .send(ask(&prompt(2), r#""previous_response_id":null,"#))
                .await
                .unwrap(),
        )
        .await;
    }
    let answer = limited.send(ask(&"word ".repeat(2_400), "")).await.unwrap();
    let reserved = limited.key().reserved.input_tokens();
    assert!((3_900..4_100).contains(&reserved), "{reserved}");
    read(answer).await;
}

/// Answers of 600 tokens that take 20 seconds, to calls that allow 4,096.
async fn minutes_of_long_caps(dialect: Dialect, path: &str) -> f64 {
    let slow = Provider::builder(dialect)
        .usage(|_| Usage::new(100, 600))
        .latency(MINUTE / 3, MINUTE / 60)
        .build();
    let limit = Limit::new(LimitKind::OutputTokens, 8_000, MINUTE).sliding();
    let builder = LimitLayer::builder().limit(limit).max_wait(100 * MINUTE);
    let limited = Limited::new(builder, &slow);
    let start = tokio::time::Instant::now();
    let send = || async {
        let mut asked = ask("go on", r#""max_tokens":4096,"#);
        *asked.uri_mut() = format!("http://provider{path}").parse().unwrap();
        read(limited.send(asked).await.unwrap()).await;
    };
    send().await;
    let calls = stream::iter(0..51).map(|_| send());
    calls.buffer_unordered(51).collect::<()>().await;
    start.elapsed().as_secs_f64() / 60.0
}

#[tokio::test(start_paused = true)]
async fn a_cap_that_nobody_counts_holds_no_call() {
    // 52 answers take 31,200 tokens: four windows of 8,000.
    for path in ["/v1/messages", "/a/path/that/nobody/knows"] {
        let minutes = minutes_of_long_caps(Dialect::Anthropic, path).await;
        assert!(minutes < 4.7, "{path}: {minutes}");
    }
    let reserved = minutes_of_long_caps(Dialect::OpenAi, "/v1/chat/completions").await;
    assert!(
        reserved > 15.0,
        "who reserves caps is believed to: {reserved}"
    );
}
