//! Whatever comes, the reading neither panics nor makes a success of an error.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proptest::prelude::*;
use tollgate_classify::{Answer, Builtin, Classifier};
use tollgate_core::{Class, Classification};

use crate::row;

const NAMES: [&str; 16] = [
    "retry-after",
    "retry-after-ms",
    "date",
    "content-type",
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-ratelimit-remaining",
    "x-ratelimit-limit-tokens-day",
    "x-ratelimit-reset-requests",
    "x-ratelimitbysize-remaining",
    "anthropic-ratelimit-input-tokens-reset",
    "anthropic-ratelimit-unified-5h-status",
    "anthropic-ratelimit-unified-5h-reset",
    "x-amzn-errortype",
];

const ORIGINS: [Option<&str>; 10] = [
    None,
    Some("openai"),
    Some("anthropic"),
    Some("gemini"),
    Some("minimax"),
    Some("openrouter"),
    Some("xai"),
    Some("zhipu"),
    Some("bedrock-runtime.x.amazonaws.com"),
    Some("héllo"),
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,24}",
        "-?[0-9]{0,22}(\\.[0-9]{0,20})?[smhd]{0,2}",
        "\"[a-z]\";r=[0-9]{0,3};t=[0-9]{0,25}",
        "20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|\\+[0-9:]{0,5})?",
        Just("rejected".to_owned()),
        Just("Fri, 02 Oct 2026 12:00:00 GMT".to_owned()),
    ]
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    prop::collection::vec((prop::sample::select(&NAMES[..]), value()), 0..6).prop_map(|pairs| {
        let pairs = pairs.into_iter();
        pairs
            .filter_map(|(name, value)| {
                let value = HeaderValue::try_from(value).ok()?;
                Some((HeaderName::from_static(name), value))
            })
            .collect()
    })
}

/// Pieces of bodies: what the readers look for, and noise.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<Vec<u8>>(),
        "\\PC{0,20}".prop_map(String::into_bytes),
        prop::sample::select(
            &[
                "{\"error\":",
                "{",
                "}",
                "[",
                "]",
                ":",
                ",",
                "\"",
                "'",
                "\\u",
                "\"message\":\"",
                "try again in ",
                "retry after ",
                "limit 0, requested ",
                "99999999999999999999",
                "1.5s",
                " per ",
                "model `",
                "for model ",
                "(actual/limit): 1/0",
                "data: ",
                "event: error\n",
                "\n\n",
                "error code: 1015",
                "<script",
                "-->",
                "后",
                "秒",
                "(2056)",
                "limit: 0",
                "2026-10-02",
                "\"base_resp\":{\"status_code\":",
                "\"retryDelay\":",
                "\u{feff}",
                "\0:exception-type\x07\x00",
                "\"resets_at\":",
                "\"details\":[",
                "/ minute",
                "RPM",
                "\u{2019}",
            ][..]
        )
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn classify(status: u16, headers: &HeaderMap, body: &[u8], origin: Option<&str>) -> Classification {
    let status = StatusCode::from_u16(status).expect("three digits");
    let answer = Answer::new(status, headers)
        .with_origin(origin)
        .with_body(body);
    let _ = Builtin.quota(&answer);
    Builtin.classify(&answer).expect("it always has an opinion")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_panics(
        status in prop_oneof![Just(200_u16), Just(400), Just(429), 100_u16..1000],
        headers in headers(),
        body in body(),
        origin in prop::sample::select(&ORIGINS[..]),
    ) {
        let seen = classify(status, &headers, &body, origin);
        if let Some(wait) = seen.wait() {
            prop_assert!(u64::try_from(wait.as_millis()).is_ok());
            prop_assert_eq!(wait.subsec_nanos() % 1_000_000, 0);
        }
        prop_assert!(seen.evidence().len() <= 128);
        prop_assert_eq!(seen.class() == Class::Ok && status >= 400, false);
    }

    #[test]
    fn a_cut_body_stays_an_error(row in 0..usize::MAX, at in any::<prop::sample::Index>(), blind: bool) {
        let rows = row::all();
        let row = &rows[row % rows.len()];
        let origin = row.provider.as_deref().filter(|_| !blind);
        let cut = &row.body.as_bytes()[..at.index(row.body.len() + 1)];
        let seen = row.with_body(cut, origin);
        if row.status >= 400 {
            prop_assert_ne!(seen.class(), Class::Ok);
        }
        if row.expect["class"] == "ok" {
            prop_assert_eq!(seen.class(), Class::Ok, "{}", row.id);
        }
    }
}
