//! Tests of the plain wait headers.

use http::HeaderMap;
use proptest::prelude::*;

use super::*;

const DATE: &str = "Fri, 02 Oct 2026 12:00:00 GMT";

fn waited(pairs: &[(&'static str, &str)]) -> Option<u64> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().expect("a header value"));
    }
    wait(&headers, None).map(|wait| u64::try_from(wait.as_millis()).expect("fits"))
}

#[test]
fn seconds_whole_decimal_and_zero() {
    assert_eq!(waited(&[("retry-after", "7")]), Some(7_000));
    assert_eq!(waited(&[("retry-after", " 1.5 ")]), Some(1_500));
    assert_eq!(waited(&[("retry-after", "4.1")]), Some(4_100));
    assert_eq!(waited(&[("retry-after", "0.0001")]), Some(1));
    assert_eq!(waited(&[("retry-after", "30s")]), Some(30_000));
    assert_eq!(waited(&[("retry-after", "0")]), Some(0));
}

#[test]
fn milliseconds_come_first() {
    let both = [("retry-after-ms", "1500"), ("retry-after", "2")];
    assert_eq!(waited(&both), Some(1_500));
    let both = [("x-ms-retry-after-ms", "2870"), ("retry-after", "3")];
    assert_eq!(waited(&both), Some(2_870));
    let broken = [("retry-after-ms", "-1000"), ("retry-after", "4")];
    assert_eq!(waited(&broken), Some(4_000));
}

#[test]
fn dates_are_relative_to_the_response() {
    for date in [
        "Fri, 02 Oct 2026 12:00:30 GMT",
        "Friday, 02-Oct-26 12:00:30 GMT",
        "Fri Oct  2 12:00:30 2026",
    ] {
        let wait = waited(&[("retry-after", date), ("date", DATE)]);
        assert_eq!(wait, Some(30_000), "{date}");
    }
    let past = "Fri, 02 Oct 2026 11:00:00 GMT";
    assert_eq!(waited(&[("retry-after", past), ("date", DATE)]), None);
    assert_eq!(
        waited(&[("retry-after", DATE)]),
        None,
        "no clock to hold it against"
    );
}

#[test]
fn a_date_without_its_own_clock_uses_the_given_one() {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", DATE.parse().expect("a header value"));
    let now = httpdate::parse_http_date(DATE).expect("a date") - Duration::from_millis(1_500);
    assert_eq!(
        wait(&headers, Some(now)),
        Some(Duration::from_millis(1_500))
    );
}

#[test]
fn the_longest_of_several_counts() {
    assert_eq!(
        waited(&[("retry-after", "5"), ("retry-after", "30")]),
        Some(30_000)
    );
    assert_eq!(waited(&[("retry-after", "5, 30")]), Some(30_000));
}

#[test]
fn spans_with_a_unit() {
    for (text, ms) in [
        ("7m", 420_000),
        ("7 seconds", 7_000),
        ("5 s", 5_000),
        ("1 Minute", 60_000),
        ("250ms", 250),
        ("1.5 hours", 5_400_000),
        ("1h30m", 5_400_000),
        ("2m 13s", 133_000),
        ("1 hour, 5 minutes", 3_900_000),
        ("1 hour and 5 minutes", 3_900_000),
        ("2 days", 172_800_000),
        ("0.1ms", 1),
        ("PT7S", 7_000),
        ("PT1M30S", 90_000),
        ("0s", 0),
    ] {
        assert_eq!(waited(&[("retry-after", text)]), Some(ms), "{text}");
    }
    assert_eq!(waited(&[("retry-after", "5s, 1m")]), Some(60_000));
}

#[test]
fn moments_that_are_no_http_dates() {
    for text in [
        "2026-10-02T12:00:30Z",
        "2026-10-02t12:00:30.000z",
        "2026-10-02 12:00:30Z",
        "2026-10-02T14:00:30+02:00",
        "2026-10-02T06:30:29.5-05:30",
        "1790942430",
        "1790942430000",
        "1790942429.5",
    ] {
        let wait = waited(&[("retry-after", text), ("date", DATE)]).map(|ms| ms.div_ceil(1_000));
        assert_eq!(wait, Some(30), "{text}");
        assert_eq!(
            waited(&[("retry-after", text)]),
            None,
            "{text} needs a clock"
        );
    }
    for text in [
        "2026-10-02T11:59:59Z",
        "1790942399",
        "2026-10-02",
        "2026-10-02T12:00:30",
        "2026-02-30T12:00:30Z",
        "2026-10-02T25:00:30Z",
        "2026-10-02T12:00:30+99:00",
        "2026-10-02T12:00:30Zx",
        "0026-10-02T12:00:30Z",
    ] {
        assert_eq!(
            waited(&[("retry-after", text), ("date", DATE)]),
            None,
            "{text}"
        );
    }
    let leap = [
        ("retry-after", "2028-03-01T00:00:00Z"),
        ("date", "Tue, 29 Feb 2028 00:00:00 GMT"),
    ];
    assert_eq!(waited(&leap), Some(86_400_000));
}

#[test]
fn nonsense_is_no_hint() {
    for text in [
        "",
        "soon",
        "-5",
        "inf",
        "-inf",
        "NaN",
        "1e400",
        "1e3",
        "+5",
        "0x10",
        "1.2.3",
        ".",
        "18446744073709551615",
        "99999999999999999999999999",
        "5 requests",
        "s",
        "5m7",
        "5s 1m",
        "-5m",
        "PT",
        "7 months",
        "99999999999999999h",
    ] {
        assert_eq!(waited(&[("retry-after", text)]), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.clone());
            headers.insert("retry-after-ms", value);
            let _ = wait(&headers, Some(SystemTime::UNIX_EPOCH));
        }
    }

    #[test]
    fn any_milliseconds_are_read_exactly(ms in 0_u64..1 << 40) {
        prop_assert_eq!(millis(&ms.to_string()), Some(Duration::from_millis(ms)));
        let text = format!("{}.{:03}", ms / 1000, ms % 1000);
        prop_assert_eq!(seconds(&text), Some(Duration::from_millis(ms)));
    }
}
