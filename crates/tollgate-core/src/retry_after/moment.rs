//! Moments: HTTP dates, RFC 3339, seconds and milliseconds since 1970.

use std::time::{Duration, SystemTime};

/// Time until a moment in words, where it is not past.
pub(super) fn until(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    let then = httpdate::parse_http_date(text)
        .ok()
        .or_else(|| rfc3339(text))?;
    rounded_up(then.duration_since(now).ok()?)
}

/// Time until a number of seconds or milliseconds since 1970, where that is not past.
pub(super) fn until_epoch(seconds: Duration, now: SystemTime) -> Option<Duration> {
    let then = if seconds.as_secs() >= 1_000_000_000_000 {
        Duration::from_millis(seconds.as_secs())
    } else {
        seconds
    };
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    rounded_up(then.checked_sub(now)?)
}

fn rounded_up(wait: Duration) -> Option<Duration> {
    let ms = wait.as_nanos().div_ceil(1_000_000);
    u64::try_from(ms).ok().map(Duration::from_millis)
}

/// `2026-10-02T12:00:30.25Z`, `2026-10-02 14:00:30+02:00`.
fn rfc3339(text: &str) -> Option<SystemTime> {
    let (day, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let (year, month, day) = three(day, '-')?;
    let (hour, minute, second) = three(clock, ':')?;
    // A leap second ends the minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanos, zone) = fraction(rest)?;
    let seconds = (days(year, month, day)? * 24 + hour) * 60 + minute;
    let seconds = u64::try_from(seconds * 60 + second - offset(zone)?).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}

/// Three numbers with a mark between them.
fn three(text: &str, mark: char) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(mark).map(|part| {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|_| digits && part.len() >= 2)
    });
    let found = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(found)
}

/// The fraction of a second a text starts with, in nanoseconds, and what follows.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (digits, zone) = rest.split_at(end);
    let kept = digits.get(..9).unwrap_or(digits);
    let missing = u32::try_from(9 - kept.len()).ok()?;
    Some((kept.parse::<u32>().ok()? * 10_u32.pow(missing), zone))
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes, _) = three(&format!("{}:00", &zone[1..]), ':')?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60)
}

/// Days from 1970 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = *lengths.get(month)?;
    if year < 1970 || day < 1 || day > length {
        return None;
    }
    let before = year - 1;
    // Leap days since year 0, less those before 1970.
    let leaps = before / 4 - before / 100 + before / 400 - 477;
    let months: i64 = lengths[..month].iter().sum();
    Some((year - 1970) * 365 + leaps + months + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        for (date, want) in [
            ((1970, 1, 1), 0),
            ((1972, 3, 1), 790),
            ((2000, 2, 29), 11_016),
            ((2026, 10, 2), 20_728),
            ((2100, 3, 1), 47_541),
        ] {
            let (year, month, day) = date;
            assert_eq!(days(year, month, day), Some(want), "{date:?}");
        }
        assert_eq!(days(2026, 2, 29), None);
        assert_eq!(days(2026, 13, 1), None);
        assert_eq!(days(1969, 12, 31), None);
    }
}
