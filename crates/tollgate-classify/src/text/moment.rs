//! Reads moments: RFC 3339, dates in words, times of day, seconds and milliseconds since 1970; and
//! resets, which may be either a moment or a span.

use std::time::{Duration, SystemTime};

use tollgate_core::retry_after;

use super::{
    clock::{self, Clock},
    date::{self, Day},
    span,
};

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
    // "00:00:42" is a span; from one o'clock on it is as likely a time of day.
    if text.starts_with("00:") {
        if let Some(span) = span::colons(text) {
            return Some(span);
        }
    }
    leading(text, Some(now()?))?.wait
}

/// Time until a number of seconds or milliseconds since 1970.
pub(crate) fn until_epoch(seconds: Duration, now: SystemTime) -> Option<Duration> {
    let then = if seconds.as_secs() >= 1_000_000_000_000 {
        Duration::from_millis(seconds.as_secs())
    } else {
        seconds
    };
    until(then, now.duration_since(SystemTime::UNIX_EPOCH).ok()?)
}

/// Time until a moment that is not past; both are times since 1970.
fn until(then: Duration, now: Duration) -> Option<Duration> {
    round_up(then.checked_sub(now)?)
}

fn round_up(wait: Duration) -> Option<Duration> {
    let ms = u64::try_from(wait.as_nanos().div_ceil(1_000_000)).ok()?;
    Some(Duration::from_millis(ms))
}

/// A moment that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The time until then. `None` where it has passed, and where the text names no zone: nobody can
    /// tell whose midnight it is.
    pub(crate) wait: Option<Duration>,
    /// Bytes it takes.
    pub(crate) width: usize,
}

/// The moment a text starts with.
pub(crate) fn leading(text: &str, now: Option<SystemTime>) -> Option<Moment> {
    if !may_be(text) {
        return None;
    }
    let now = now.and_then(|now| now.duration_since(SystemTime::UNIX_EPOCH).ok());
    let today = now.and_then(|now| Some(Day::at(now.as_secs().try_into().ok()?)));
    if let Some((date, width)) = date::read(text, today) {
        let rest = &text[width..];
        let time = after_joint(rest);
        let clock = clock::read(time);
        let width = clock.map_or(width, |clock| text.len() - time.len() + clock.width);
        let then = clock.and_then(|clock| at(date, clock));
        let wait = then.zip(now).and_then(|(then, now)| until(then, now));
        return Some(Moment { wait, width });
    }
    let clock = clock::read(text)?;
    let wait = now.and_then(|now| next(clock, now));
    Some(Moment {
        wait: wait.and_then(round_up),
        width: clock.width,
    })
}

/// A quick look at a number: most are no moments.
fn may_be(text: &str) -> bool {
    let bytes = text.as_bytes();
    let width = bytes
        .iter()
        .take(5)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let next = |at: usize| bytes.get(width + at).copied().unwrap_or_default();
    match width {
        0 => true,
        // "15:04", "3 pm", "3pm", "2nd of October", "2 October", "2-Oct-2026".
        1 | 2 => match next(0) {
            b':' => true,
            b' ' | b'-' => next(1).is_ascii_alphabetic(),
            other => other.is_ascii_alphabetic(),
        },
        4 => matches!(next(0), b'-' | b'/') || next(0) >= 0x80,
        _ => false,
    }
}

/// What follows "T", " at ", ", " and their like.
fn after_joint(text: &str) -> &str {
    let rest = text.trim_start_matches([',', ' ']);
    let words = ["at ", "um ", "à ", "a las ", "às ", "t"];
    let time = words.iter().find_map(|word| {
        let start = rest.get(..word.len())?;
        start
            .eq_ignore_ascii_case(word)
            .then(|| &rest[word.len()..])
    });
    time.unwrap_or(rest)
}

fn at(date: Day, clock: Clock) -> Option<Duration> {
    let seconds = date.start() + seconds(clock)?;
    let nanos = u32::try_from(clock.nanos).ok()?;
    Some(Duration::new(seconds.try_into().ok()?, nanos))
}

/// From midnight in UTC.
fn seconds(clock: Clock) -> Option<i64> {
    let minutes = i64::from(clock.hour) * 60 + i64::from(clock.minute);
    Some(minutes * 60 + i64::from(clock.second) - i64::from(clock.zone?))
}

/// The time until a time of day comes next.
fn next(clock: Clock, now: Duration) -> Option<Duration> {
    const DAY: i64 = 86_400;
    let today = i64::try_from(now.as_secs()).ok()?;
    let seconds = (seconds(clock)? - today).rem_euclid(DAY);
    let sub = now.subsec_nanos();
    // A fraction of this second has passed.
    let seconds = if seconds == 0 && sub > 0 {
        DAY
    } else {
        seconds
    };
    let seconds = Duration::from_secs(seconds.try_into().ok()?);
    Some(seconds - Duration::from_nanos(sub.into()))
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
            ("2 October 2026, 12:00:05 UTC", Some(5_000)),
            ("October 2nd, 2026 at 1:00 PM UTC", Some(3_600_000)),
            ("Oct 3 at 12:00 UTC", Some(86_400_000)),
            ("Jan 1 00:00 UTC", Some(7_819_200_000)),
            ("2026/10/02 12:00:05Z", Some(5_000)),
            ("15:04:05 UTC", Some(11_045_000)),
            ("3 PM (UTC)", Some(10_800_000)),
            ("11:59 UTC", Some(86_340_000)),
            ("12:00 GMT", Some(0)),
            ("14:00 +02:00", Some(0)),
            ("00:00:42", Some(42_000)),
            ("15:04:05", None),
            ("Oct 1 at 12:00 UTC", None),
            ("October 5, 2026", None),
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
