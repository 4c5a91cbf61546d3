//! One call: what is reserved, and what it took in the end.

use http::StatusCode;
use http_body_util::BodyExt;
use tollgate_core::{Call, Cost, Usage};
use tollgate_test::{Dialect, Provider};

use super::support::{Limited, MINUTE, ask, builder, read};

/// 4,000 letters, and so 1,000 tokens and a few.
fn prompt() -> String {
    "word ".repeat(800)
}

/// 30 words of 4 bytes.
fn provider(dialect: Dialect) -> Provider {
    Provider::builder(dialect)
        .text("abc ".repeat(30))
        .usage(|_| Usage::new(1_234, 30))
        .build()
}

#[tokio::test(start_paused = true)]
async fn a_document_settles_as_it_tells_in_every_dialect() {
    for dialect in Dialect::ALL {
        let limited = Limited::new(builder(), &provider(dialect));
        let asked = ask(&prompt(), r#""max_tokens":400,"#);
        let answer = limited.send(asked).await.unwrap();
        let reserved = limited.key().reserved;
        assert_eq!(reserved.output_tokens(), 400, "{dialect:?}");
        assert!(
            (1_000..1_030).contains(&reserved.input_tokens()),
            "{dialect:?}"
        );
        assert_eq!(limited.used(), reserved.tokens(), "{dialect:?}");
        read(answer).await;
        assert_eq!(limited.used(), 1_264, "{dialect:?}");
        assert_eq!(limited.key().reserved.tokens(), 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_settles_as_it_tells_or_by_its_text_in_every_dialect() {
    for dialect in Dialect::ALL {
        let limited = Limited::new(builder(), &provider(dialect));
        let asked = ask(&prompt(), r#""stream":true,"#);
        let answer = limited.send(asked).await.unwrap();
        let reserved = limited.key().reserved;
        assert_eq!(reserved.output_tokens(), 500, "{dialect:?}");
        read(answer).await;
        let by_text = reserved.input_tokens() + 30;
        let used = limited.used();
        assert!(used == 1_264 || used == by_text, "{dialect:?}: {used}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_asked_to_tell_is_believed() {
    let limited = Limited::new(builder(), &provider(Dialect::OpenAi));
    let asked = ask(
        &prompt(),
        r#""stream":true,"stream_options":{"include_usage":true},"#,
    );
    let answer = limited.send(asked).await.unwrap();
    read(answer).await;
    assert_eq!(limited.used(), 1_264);
}

#[tokio::test(start_paused = true)]
async fn usage_may_be_cut_anywhere() {
    for dialect in [
        Dialect::OpenAi,
        Dialect::Anthropic,
        Dialect::Gemini,
        Dialect::Bedrock,
    ] {
        for length in [1, 2, 7, 64] {
            for more in [
                "",
                r#""stream":true,"stream_options":{"include_usage":true},"#,
            ] {
                let limited = Limited::in_pieces(&provider(dialect), length);
                let asked = ask(&prompt(), more);
                let answer = limited.send(asked).await.unwrap();
                read(answer).await;
                assert_eq!(limited.used(), 1_264, "{dialect:?} {length} {more}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_served_takes_no_tokens() {
    let closed = Provider::builder(Dialect::OpenAi).key("secret").build();
    let limited = Limited::new(builder(), &closed);
    let answer = limited.send(ask(&prompt(), "")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((limited.used(), limited.key().reserved.tokens()), (0, 0));
    assert_eq!(
        limited.key().in_flight,
        1,
        "its place is held to the last byte"
    );
    drop(answer);
    assert_eq!(limited.key().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_given_up_before_its_answer_keeps_its_prompt_only() {
    let slow = Provider::builder(Dialect::OpenAi)
        .latency(MINUTE / 2, std::time::Duration::ZERO)
        .build();
    let limited = Limited::new(builder(), &slow);
    let call = limited.send(ask(&prompt(), ""));
    assert!(tokio::time::timeout(MINUTE / 6, call).await.is_err());
    let used = limited.used();
    assert!((1_000..1_030).contains(&used), "{used}");
    assert_eq!(limited.key().reserved.tokens(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_given_up_midway_keeps_what_came() {
    // The prompt as told at the start, one token told there, and four bytes a word after that.
    for (dialect, prompt_told, extra) in
        [(Dialect::Anthropic, true, 1), (Dialect::OpenAi, false, 0)]
    {
        let limited = Limited::new(builder(), &provider(dialect));
        let asked = ask(&prompt(), r#""stream":true,"#);
        let answer = limited.send(asked).await.unwrap();
        let reserved = limited.key().reserved.input_tokens();
        let mut body = answer.into_body();
        let mut words = 0;
        while words < 12 {
            let frame = body.frame().await.unwrap().unwrap();
            let data = frame.into_data().unwrap();
            words += data.windows(4).filter(|four| four == b"abc ").count() as u64;
        }
        drop(body);
        let input = if prompt_told { 1_234 } else { reserved };
        assert_eq!(limited.used(), input + words + extra, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cost_that_was_set_is_what_is_reserved() {
    let limited = Limited::new(builder(), &provider(Dialect::OpenAi));
    let set = Cost::default().with_input_tokens(7).with_output_tokens(5);
    let mut asked = ask(&prompt(), "");
    asked.extensions_mut().insert(Call::new().with_cost(set));
    let answer = limited.send(asked).await.unwrap();
    assert_eq!(limited.key().reserved, set);
    read(answer).await;
    assert_eq!(limited.used(), 1_264);
}
