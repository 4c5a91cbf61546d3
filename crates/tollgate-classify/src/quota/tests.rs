//! What headers say about limits.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tollgate_core::{
    LimitKind::{self, Concurrency, Images, InputTokens, OutputTokens, Requests, Tokens},
    Quota,
    Window::{self, Day, Hour, Minute, Month, Second},
};

use super::{exhausted, lone, of};
use crate::Answer;

fn quota(headers: &[(&'static str, &'static str)]) -> Quota {
    let map: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        })
        .collect();
    of(&Answer::new(StatusCode::OK, &map), || None).unwrap_or_default()
}

type Row = (
    LimitKind,
    Option<Window>,
    Option<u64>,
    Option<u64>,
    Option<u64>,
);

/// Every dimension: kind, window, limit, remaining, milliseconds to the reset.
fn rows(headers: &[(&'static str, &'static str)]) -> Vec<Row> {
    let ms = |wait: Duration| u64::try_from(wait.as_millis()).expect("small");
    let quota = quota(headers);
    let rows = quota.iter();
    rows.map(|d| (d.kind, d.window, d.limit, d.remaining, d.reset.map(ms)))
        .collect()
}

#[test]
fn the_openai_family() {
    let headers = [
        ("x-ratelimit-limit-requests", "5000"),
        ("x-ratelimit-remaining-requests", "4999"),
        ("x-ratelimit-reset-requests", "12ms"),
        ("x-ratelimit-limit-tokens", "160000"),
        ("x-ratelimit-remaining-tokens", "-1"),
        ("x-ratelimit-reset-tokens", "6m0s"),
    ];
    assert_eq!(
        rows(&headers),
        [
            (Requests, None, Some(5000), Some(4999), Some(12)),
            (Tokens, None, Some(160_000), None, Some(360_000)),
        ]
    );
}

#[test]
fn a_list_in_several_lines() {
    let headers = [
        ("ratelimit", "\"burst\";r=0;t=1"),
        ("ratelimit", "\"daily\";r=900;t=40000"),
        ("ratelimit-policy", "\"burst\";q=10;w=1"),
        ("ratelimit-policy", "\"daily\";q=1000;w=86400"),
    ];
    assert_eq!(
        rows(&headers),
        [
            (Requests, Some(Second), Some(10), Some(0), Some(1_000)),
            (
                Requests,
                Some(Day),
                Some(1_000),
                Some(900),
                Some(40_000_000)
            ),
        ]
    );
}

#[test]
fn windows_in_the_name() {
    let headers = [
        ("x-ratelimit-limit-requests-day", "14400"),
        ("x-ratelimit-remaining-tokens-minute", "0"),
        ("x-ratelimit-reset-tokens-minute", "11.382867"),
        ("x-ratelimit-remaining-hour", "58"),
        ("x-ratelimit-limit-req-minute", "60"),
        ("x-ratelimitbysize-remaining-month", "9"),
    ];
    assert_eq!(
        rows(&headers),
        [
            (Requests, Some(Day), Some(14_400), None, None),
            (Tokens, Some(Minute), None, Some(0), Some(11_383)),
            (Requests, Some(Hour), None, Some(58), None),
            (Requests, Some(Minute), Some(60), None, None),
            (Tokens, Some(Month), None, Some(9), None),
        ]
    );
}

#[test]
fn anthropic() {
    let headers = [
        ("date", "Fri, 02 Oct 2026 12:00:00 GMT"),
        ("anthropic-ratelimit-requests-limit", "50"),
        ("anthropic-ratelimit-input-tokens-remaining", "0"),
        (
            "anthropic-ratelimit-input-tokens-reset",
            "2026-10-02T12:00:30Z",
        ),
        (
            "anthropic-ratelimit-output-tokens-reset",
            "2026-10-02T11:00:30Z",
        ),
        ("anthropic-ratelimit-output-tokens-limit", "8000"),
        ("anthropic-ratelimit-unified-5h-reset", "1790960400"),
    ];
    assert_eq!(
        rows(&headers),
        [
            (Requests, Some(Minute), Some(50), None, None),
            (InputTokens, Some(Minute), None, Some(0), Some(30_000)),
            (OutputTokens, Some(Minute), Some(8000), None, None),
        ]
    );
}

#[test]
fn bare_names_and_other_prefixes() {
    let old = [
        ("ratelimit-limit", "10, 10;w=1, 50;w=60"),
        ("ratelimit-reset", "50"),
    ];
    assert_eq!(
        rows(&old),
        [
            (Requests, Some(Second), Some(10), None, Some(50_000)),
            (Requests, Some(Minute), Some(50), None, None),
        ]
    );
    let epoch = [
        ("date", "Fri, 02 Oct 2026 12:00:00 GMT"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1790942460"),
        ("x-ratelimit-used", "5000"),
        ("x-ratelimit-resource", "core"),
    ];
    assert_eq!(
        rows(&epoch),
        [(Requests, None, None, Some(0), Some(60_000))]
    );
    let passed_on = [("llm_provider-x-ratelimit-remaining-tokens", "7")];
    assert_eq!(rows(&passed_on), [(Tokens, None, None, Some(7), None)]);
    let together = [
        ("x-tokenlimit-remaining", "8"),
        ("x-ratelimit-remaining", "3"),
    ];
    assert_eq!(
        rows(&together),
        [
            (Tokens, None, None, Some(8), None),
            (Requests, None, None, Some(3), None),
        ]
    );
    let fireworks = [("x-ratelimit-remaining-tokens-prompt", "4")];
    assert_eq!(rows(&fireworks), [(InputTokens, None, None, Some(4), None)]);
    let plain = [
        ("x-rate-limit-remaining", "5"),
        ("x-ratelimit-reset-after", "1.5"),
    ];
    assert_eq!(rows(&plain), [(Requests, None, None, Some(5), Some(1500))]);
}

#[test]
fn the_standard() {
    let structured = [
        (
            "ratelimit-policy",
            r#""burst";q=10;w=1, "daily";q=1000;w=86400"#,
        ),
        ("ratelimit", r#""burst";r=4;t=1, "daily";r=0;t=3600"#),
    ];
    assert_eq!(
        rows(&structured),
        [
            (Requests, Some(Second), Some(10), Some(4), Some(1000)),
            (Requests, Some(Day), Some(1000), Some(0), Some(3_600_000)),
        ]
    );
    let combined = [
        ("ratelimit", "limit=100, remaining=0, reset=30"),
        ("ratelimit-policy", "100;w=60"),
    ];
    assert_eq!(
        rows(&combined),
        [(Requests, Some(Minute), Some(100), Some(0), Some(30_000))]
    );
    let unnamed = [("ratelimit", r#""a";r=9;t=5, "b";r=2;t=7"#)];
    assert_eq!(
        rows(&unnamed),
        [(Requests, None, None, Some(2), Some(7000))]
    );
}

#[test]
fn a_policy_names_the_window_of_older_headers() {
    let headers = [
        ("ratelimit-limit", "100"),
        ("ratelimit-remaining", "0"),
        ("ratelimit-reset", "20"),
        ("ratelimit-policy", "100;w=60"),
    ];
    let want = [(Requests, Some(Minute), Some(100), Some(0), Some(20_000))];
    assert_eq!(rows(&headers), want);
    let envoy = [
        ("x-ratelimit-limit", "10, 10;w=3600;name=\"k\""),
        ("x-ratelimit-remaining", "3"),
    ];
    assert_eq!(
        rows(&envoy),
        [(Requests, Some(Hour), Some(10), Some(3), None)]
    );
}

#[test]
fn nothing_and_nonsense() {
    assert!(quota(&[]).is_empty());
    assert!(quota(&[("content-type", "text/plain"), ("x-request-id", "7")]).is_empty());
    assert!(
        quota(&[
            ("x-ratelimit-remaining", "many"),
            ("x-ratelimit-reset", "inf")
        ])
        .is_empty()
    );
    assert!(
        quota(&[
            ("ratelimit", "\"a\";r=-1;t=NaN"),
            ("x-ratelimit-limit", "1e9")
        ])
        .is_empty()
    );
}

#[test]
fn the_exhausted_dimension_binds() {
    let two = quota(&[
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "9h"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "5s"),
    ]);
    let reset = |limit| exhausted(&two, limit, None).and_then(|d| d.reset);
    assert_eq!(reset(None), Some(Duration::from_secs(32_400)));
    assert_eq!(reset(Some(Tokens)), Some(Duration::from_secs(5)));
    let plenty = quota(&[
        ("x-ratelimit-remaining-requests", "7"),
        ("x-ratelimit-reset-requests", "9h"),
    ]);
    assert_eq!(exhausted(&plenty, Some(Requests), None), None);
    assert_eq!(lone(&plenty, Some(Requests)), None);
}

#[test]
fn a_reset_that_is_the_only_hint() {
    let kind = |headers: &[_], limit| lone(&quota(headers), limit).map(|d| d.kind);
    let alone = [("x-ratelimit-reset-tokens", "6m0s")];
    assert_eq!(kind(&alone, None), Some(Tokens));
    assert_eq!(kind(&alone, Some(Requests)), Some(Tokens));
    let beside = [
        ("x-rate-limit-reset-tokens", "55"),
        ("x-ratelimit-remaining-requests", "60"),
    ];
    assert_eq!(kind(&beside, None), Some(Tokens));
    assert_eq!(kind(&beside, Some(Tokens)), Some(Tokens));
    // The text speaks of the other one.
    assert_eq!(kind(&beside, Some(Requests)), None);
    let two = [
        ("x-rate-limit-reset-tokens", "55"),
        ("x-rate-limit-reset-requests", "5"),
        ("x-ratelimit-remaining-images", "3"),
    ];
    assert_eq!(kind(&two, None), None);
    assert_eq!(kind(&two, Some(Requests)), Some(Requests));
    let zero = [("x-ratelimit-reset-tokens", "0")];
    assert_eq!(kind(&zero, None), None);
}

#[test]
fn spellings() {
    for (name, kind, window) in [
        ("x-rate-limit-remaining-tokens", Tokens, None),
        ("x-rate-limit-remaining-requests", Requests, None),
        ("rate-limit-remaining", Requests, None),
        (
            "x-ratelimit-remaining-tokens-per-minute",
            Tokens,
            Some(Minute),
        ),
        ("x-ratelimit-tokens-per-day-remaining", Tokens, Some(Day)),
        (
            "x-ratelimit-remaining-requests-per-hour",
            Requests,
            Some(Hour),
        ),
        (
            "x-ratelimit-remaining-input-tokens-per-minute",
            InputTokens,
            Some(Minute),
        ),
        ("x-ratelimit-remaining-output-tokens", OutputTokens, None),
        (
            "x-ratelimit-remaining-tokens-output-minute",
            OutputTokens,
            Some(Minute),
        ),
        ("x-ratelimit-remaining-tpm", Tokens, Some(Minute)),
        ("x-ratelimit-remaining-rpd", Requests, Some(Day)),
        ("x-ratelimit-rpm-remaining", Requests, Some(Minute)),
        ("x-ratelimit-remaining-itpm", InputTokens, Some(Minute)),
        (
            "x-ratelimit-remaining-images-per-minute",
            Images,
            Some(Minute),
        ),
        (
            "x-ratelimit-remaining-concurrent-requests",
            Concurrency,
            None,
        ),
        ("x-ratelimit-remaining-1m", Requests, Some(Minute)),
        ("x-ratelimit-remaining-24h", Requests, Some(Day)),
        ("ratelimitbysize-remaining", Tokens, None),
        ("x-litellm-x-ratelimit-remaining-tokens", Tokens, None),
        (
            "llm_provider-anthropic-ratelimit-requests-remaining",
            Requests,
            Some(Minute),
        ),
        ("x-upstream-ratelimit-remaining", Requests, None),
    ] {
        assert_eq!(
            rows(&[(name, "7")]),
            [(kind, window, None, Some(7), None)],
            "{name}"
        );
    }
    for name in [
        "x-ratelimit-remaining-audio-seconds",
        "x-ratelimit-remaining-batch-tokens",
        "x-ratelimit-remaining-cached-tokens",
        "x-ratelimit-remaining-priority-tokens",
        "anthropic-priority-input-tokens-remaining",
        "anthropic-fast-output-tokens-remaining",
        "x-ratelimit-remaining-project-tokens",
        "x-litellm-key-remaining-tokens-gpt-9",
        "x-litellm-key-spend",
        "x-litellm-version",
        "x-provider-latency-remaining",
    ] {
        assert_eq!(rows(&[(name, "7")]), [], "{name}");
    }
}

#[test]
fn lists_of_policies() {
    let of_two = [
        ("ratelimit", "limit=1000, remaining=0, reset=600"),
        ("ratelimit-policy", "10;w=1, 1000;w=3600"),
    ];
    let want = [(Requests, Some(Hour), Some(1000), Some(0), Some(600_000))];
    assert_eq!(rows(&of_two), want);
    let of_neither = [
        ("ratelimit", "limit=7, remaining=0, reset=6"),
        ("ratelimit-policy", "10;w=1, 1000;w=3600"),
    ];
    assert_eq!(
        rows(&of_neither),
        [(Requests, None, Some(7), Some(0), Some(6000))]
    );
    let kinds = [
        (
            "ratelimit",
            r#""requests-per-min";r=3;t=5, "tokens-per-min";r=0;t=20, "daily";r=9;t=80"#,
        ),
        (
            "ratelimit-policy",
            r#""requests-per-min";q=60;w=60, "tokens-per-min";q=9000;w=60, "daily";q=500;w=86400"#,
        ),
    ];
    assert_eq!(
        rows(&kinds),
        [
            (Requests, Some(Minute), Some(60), Some(3), Some(5000)),
            (Tokens, Some(Minute), Some(9000), Some(0), Some(20_000)),
            (Requests, Some(Day), Some(500), Some(9), Some(80_000)),
        ]
    );
    let by_name = [("ratelimit", r#""output-tpm";r=0;t=3, "concurrency";r=1"#)];
    assert_eq!(
        rows(&by_name),
        [
            (OutputTokens, Some(Minute), None, Some(0), Some(3000)),
            (Concurrency, None, None, Some(1), None),
        ]
    );
    let hub = [
        ("ratelimit", r#""api";r=0;t=55"#),
        ("ratelimit-policy", r#""fixed window";"api";q=500;w=300"#),
    ];
    assert_eq!(
        rows(&hub),
        [(Requests, None, Some(500), Some(0), Some(55_000))]
    );
    let units = [
        ("ratelimit", r#""a";r=0;t=9"#),
        (
            "ratelimit-policy",
            r#""a";q=100;w=60;qu="tokens";pk=:c2s=:"#,
        ),
    ];
    assert_eq!(
        rows(&units),
        [(Tokens, Some(Minute), Some(100), Some(0), Some(9000))]
    );
    // Nothing tells which of two policies is used up.
    let old = [
        ("ratelimit-remaining", "0"),
        ("ratelimit-reset", "5"),
        ("ratelimit-policy", "10;w=1, 1000;w=86400"),
    ];
    let got = rows(&old);
    assert!(
        got.contains(&(Requests, None, None, Some(0), Some(5000))),
        "{got:?}"
    );
}
