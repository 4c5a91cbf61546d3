//! Settings that make no sense do not build.

use std::time::Duration;

use tollgate_core::{LimitKind, Target};
use tollgate_limit::{Builder, Limit, LimitLayer, Limits};
use tower::ServiceExt;

use crate::support::{Provider, limited, ms, request, s};

fn builder() -> Builder {
    LimitLayer::builder()
}

#[test]
fn errors_name_the_setting() {
    let target = Target::new("groq", "m");
    let bad: [(&str, Builder); 27] = [
        ("requests_per_second", builder().requests_per_second(0)),
        ("requests_per_minute", builder().requests_per_minute(0)),
        ("requests_per_day", builder().requests_per_day(0)),
        ("tokens_per_minute", builder().tokens_per_minute(0)),
        ("tokens_per_day", builder().tokens_per_day(0)),
        (
            "input_tokens_per_minute",
            builder().input_tokens_per_minute(0),
        ),
        (
            "output_tokens_per_minute",
            builder().output_tokens_per_minute(0),
        ),
        (
            "requests_per_minute",
            builder().requests_per_minute(5).requests_per_minute(6),
        ),
        (
            "limit",
            builder()
                .limit(Limit::requests(5, s(7)).bucket(0))
                .limit(Limit::requests(0, s(9))),
        ),
        ("limit", builder().limit(Limit::requests(5, Duration::ZERO))),
        ("limit", builder().limit(Limit::requests(5, Duration::MAX))),
        (
            "limit",
            builder().limit(Limit::new(LimitKind::Concurrency, 5, s(7))),
        ),
        (
            "requests_per_minute",
            builder().limit(Limit::requests(1, s(60)).bucket(u64::MAX)),
        ),
        (
            "requests_per_minute",
            builder().limit(Limit::requests(1, s(60)).share(f64::NAN)),
        ),
        ("concurrency", builder().concurrency(0)),
        (
            "concurrency",
            builder().limits_for(target, Limits::new().concurrency(0)),
        ),
        ("spacing", builder().spacing(Duration::MAX)),
        ("share", builder().requests_per_day(5).share(0.0)),
        ("share", builder().requests_per_day(5).share(1.1)),
        ("share", builder().requests_per_day(5).share(f64::NAN)),
        ("share", builder().concurrency(5).share(0.5)),
        ("max_wait", builder().max_wait(Duration::ZERO)),
        ("max_wait", builder().max_wait(Duration::MAX)),
        ("queue", builder().queue(0)),
        ("shed", builder().queue(5).shed()),
        ("keys", builder().keys(usize::MAX)),
        ("idle", builder().idle(Duration::ZERO)),
    ];
    for (field, builder) in bad {
        let error = builder.build().expect_err(field);
        assert_eq!(error.field(), field, "{error}");
        assert!(error.to_string().starts_with(field));
    }
}

#[test]
fn good_ones_build_and_a_share_is_a_part_of_each_limit() {
    let target = Target::new("groq", "m");
    let (_, handle) = builder()
        .limit(Limit::requests(600, s(60)).bucket(100))
        .limits_for(
            target.clone(),
            Limits::new().limit(Limit::requests(60, s(60)).bucket(40)),
        )
        .share(0.25)
        .build_with_handle()
        .expect("good");
    handle.resume_key(&target);
    handle.resume_key(&Target::new("xai", "m"));
    assert_eq!(handle.key(&target).expect("made").limits[0].limit, 10);
    let other = handle.key(&Target::new("xai", "m")).expect("made");
    assert_eq!(other.limits[0].limit, 25);
}

/// What calls may overtake each other by is more than this bucket holds, and must not set its pace.
#[tokio::test(start_paused = true)]
async fn a_small_bucket_that_fills_fast_is_used() {
    let limit = Limit::requests(1_000, s(1)).bucket(10);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = limited(&layer, &Provider::serving(s(0)));
    let start = tokio::time::Instant::now();
    for _ in 0..1_000 {
        service.clone().oneshot(request()).await.unwrap();
    }
    let took = start.elapsed();
    assert!(took >= s(1) - ms(10) && took <= s(4), "{took:?}");
}

/// Of the pace of a small bucket no more than a fortieth is lost, however small it is; and never is more
/// sent than it gives.
#[tokio::test(start_paused = true)]
async fn a_small_bucket_reaches_its_rate() {
    for (rate, burst) in [(600, 1), (600, 2), (600, 10), (60, 1), (6_000, 10)] {
        let limit = Limit::requests(rate, s(60)).bucket(burst);
        let layer = LimitLayer::builder().limit(limit).build().unwrap();
        let provider = Provider::serving(s(0));
        let service = limited(&layer, &provider);
        let start = tokio::time::Instant::now();
        for _ in 0..=300 {
            service.clone().oneshot(request()).await.unwrap();
        }
        let ideal = s(60).as_secs_f64() / rate as f64 * (301 - burst) as f64;
        let took = start.elapsed().as_secs_f64();
        // Timers have milliseconds.
        let most = ideal / 0.97 + 0.06;
        assert!(took <= most, "{rate} {burst}: {took} > {most}");
        let seen = provider.seen();
        let every = s(60) / rate as u32;
        for (from, first) in seen.iter().enumerate() {
            for (to, last) in seen.iter().enumerate().skip(from + burst as usize) {
                let least = every * (to - from + 1 - burst as usize) as u32;
                assert!(
                    last.at - first.at >= least,
                    "{rate} {burst}: {from} to {to}"
                );
            }
        }
    }
}
