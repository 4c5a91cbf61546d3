//! Reads moments: RFC 3339, HTTP dates, seconds and milliseconds since 1970; and resets, which may
//! be either a moment or a span.

use std::time::{Duration, SystemTime};

use jiff::{Timestamp, fmt::rfc2822};
use tollgate_core::retry_after;

use super::span;

/// Time until a reset as a header or a field states it.
///
/// A span with a unit wins; a bare number is epoch milliseconds from 1e12 on, epoch seconds from 1e9
/// on, else seconds from now. A moment that has passed is no hint.
pub(crate) fn reset(text: &str, now: impl FnOnce() -> Option<SystemTime>) -> Option<Duration> {
    let text = text.trim();
    // Most are a number or a span; the last letter tells.
    let number = || retry_after::seconds(text);
    if let Some(number) = text
        .ends_with(|c: char| c.is_ascii_digit())
        .then(number)
        .flatten()
    {
        if number.as_secs() < 1_000_000_000 {
            return Some(number);
        }
        return until_epoch(number, now()?);
    }
    if let Some(span) = span::whole(text) {
        return Some(span);
    }
    // RFC 3339 first: it needs no memory.
    let then = text.parse().ok().or_else(|| Some(leading(text)?.0))?;
    until(then, now()?)
}

/// Time until a number of seconds or milliseconds since 1970.
pub(crate) fn until_epoch(seconds: Duration, now: SystemTime) -> Option<Duration> {
    let then = if seconds.as_secs() >= 1_000_000_000_000 {
        Duration::from_millis(seconds.as_secs())
    } else {
        seconds
    };
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    round_up(then.checked_sub(now)?)
}

/// Time until a moment that is not past.
pub(crate) fn until(then: Timestamp, now: SystemTime) -> Option<Duration> {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let nanos = then.as_nanosecond() - i128::try_from(now.as_nanos()).ok()?;
    round_up(Duration::from_nanos(u64::try_from(nanos).ok()?))
}

fn round_up(wait: Duration) -> Option<Duration> {
    let ms = u64::try_from(wait.as_nanos().div_ceil(1_000_000)).ok()?;
    Some(Duration::from_millis(ms))
}

/// The moment a text starts with, and how many bytes it takes. A time of day without a zone is no
/// moment: nobody can tell whose midnight it is.
pub(crate) fn leading(text: &str) -> Option<(Timestamp, usize)> {
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let end = text.find("GMT").or_else(|| text.find("gmt"))? + 3;
        let text = text.get(..end).filter(|text| text.len() <= 31)?;
        let date = format!("{}GMT", text.get(..end - 3)?);
        return Some((rfc2822::parse(&date).ok()?.timestamp(), end));
    }
    let date = text.get(..10)?;
    let shape = |(i, b): (usize, u8)| match i {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    };
    if !date.bytes().enumerate().all(shape) {
        return None;
    }
    let rest = &text[10..];
    let time = rest
        .strip_prefix(" at ")
        .or_else(|| rest.strip_prefix(['T', 't', ' ']))?;
    let digits = time
        .find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.')
        .unwrap_or(time.len());
    let (clock, zone) = time.split_at(digits);
    // A full stop that ends the sentence belongs to no fraction.
    let clock = clock.trim_end_matches('.');
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let (zone, width) = zone_of(zone)?;
    let then = format!("{date}T{clock}{seconds}{zone}").parse().ok()?;
    Some((then, text.len() - time.len() + digits + width))
}

fn zone_of(text: &str) -> Option<(&str, usize)> {
    let gap = text.len() - text.trim_start_matches(' ').len();
    let text = &text[gap..];
    for name in ["Z", "z", "UTC", "utc", "GMT", "gmt", "(UTC)", "(utc)"] {
        if text.starts_with(name) {
            return Some(("Z", gap + name.len()));
        }
    }
    if text.starts_with(['+', '-']) {
        let width = if text.as_bytes().get(3) == Some(&b':') {
            6
        } else {
            5
        };
        return Some((text.get(..width)?, gap + width));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: u64, text: &str) -> Option<u128> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        reset(text, || Some(now)).map(|wait| wait.as_millis())
    }

    #[test]
    fn resets() {
        let now = 1_790_942_400; // 2026-10-02T12:00:00Z
        for (text, want) in [
            ("6m0s", Some(360_000)),
            ("12ms", Some(12)),
            ("30", Some(30_000)),
            ("33011.382867", Some(33_011_383)),
            ("1790942460", Some(60_000)),
            ("1790942460000", Some(60_000)),
            ("1790942400", Some(0)),
            ("1790942399", None),
            ("2026-10-02T12:00:30Z", Some(30_000)),
            ("2026-10-02T14:00:30.25+02:00", Some(30_250)),
            ("2026-10-02 12:01:00 UTC", Some(60_000)),
            ("2026-10-02 20:01:00 +0800 CST", Some(60_000)),
            ("2026-10-02 at 12:30 UTC", Some(1_800_000)),
            ("2026-10-02T11:59:59Z", None),
            ("2026-10-02 12:01:00", None),
            ("Fri, 02 Oct 2026 12:00:05 GMT", Some(5_000)),
            ("-1", None),
            ("inf", None),
            ("NaN", None),
            ("99999999999999999999999", None),
            ("2026-99-02T12:00:30Z", None),
            ("", None),
        ] {
            assert_eq!(at(now, text), want, "{text}");
        }
    }

    #[test]
    fn a_moment_needs_a_clock() {
        assert_eq!(reset("1790942460", || None), None);
        assert_eq!(reset("5s", || None), Some(Duration::from_secs(5)));
    }
}
