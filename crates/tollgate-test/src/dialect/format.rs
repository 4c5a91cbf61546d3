//! How times and numbers are written.

use std::time::{Duration, SystemTime};

/// As Go prints a duration: `6m0s`, `1m26.4s`, `577ms`, `0s`.
pub(super) fn go(time: Duration) -> String {
    if time.is_zero() {
        return "0s".into();
    }
    if time < Duration::from_secs(1) {
        return format!("{}ms", decimal(time * 1_000));
    }
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let rest = decimal(time - Duration::from_secs(seconds / 60 * 60));
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// Seconds as a decimal number without trailing zeros: `45.5`.
pub(super) fn decimal(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// Whole seconds, rounded up.
pub(super) fn whole_seconds(time: Duration) -> u64 {
    let more = u64::from(time.subsec_nanos() > 0);
    time.as_secs().saturating_add(more)
}

/// The last second of the year 9999, the last one that RFC 3339 can write.
const LAST: u64 = 253_402_300_799;

/// The time of day after `wait`, as RFC 3339 in UTC: in whole seconds, rounded up.
pub(super) fn rfc3339(now: SystemTime, wait: Duration) -> String {
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    let then = since.unwrap_or_default().saturating_add(wait);
    let then = Duration::from_secs(whole_seconds(then).min(LAST));
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + then).to_string()
}

/// The time of day after `wait`, in milliseconds since 1970.
pub(super) fn epoch_ms(now: SystemTime, wait: Duration) -> u128 {
    later(now, wait)
        .and_then(|then| then.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_millis())
}

fn later(now: SystemTime, wait: Duration) -> Option<SystemTime> {
    now.checked_add(wait)
}

/// With commas between thousands: `20,000`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_go_prints_them() {
        let ms = Duration::from_millis;
        assert_eq!(go(ms(0)), "0s");
        assert_eq!(go(ms(577)), "577ms");
        assert_eq!(go(Duration::from_micros(1_500)), "1.5ms");
        assert_eq!(go(ms(86_400)), "1m26.4s");
        assert_eq!(go(ms(360_000)), "6m0s");
        assert_eq!(go(ms(26_000_000)), "7h13m20s");
        assert_eq!(go(ms(1_000)), "1s");
    }

    #[test]
    fn numbers_and_times_of_day() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(20_000), "20,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(decimal(Duration::from_millis(45_500)), "45.5");
        assert_eq!(whole_seconds(Duration::from_millis(45_001)), 46);
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(
            rfc3339(epoch, Duration::from_secs(60)),
            "1970-01-01T00:01:00Z"
        );
        assert_eq!(epoch_ms(epoch, Duration::from_secs(60)), 60_000);
        let later = epoch + Duration::from_millis(1_700);
        assert_eq!(
            rfc3339(later, Duration::from_secs(2)),
            "1970-01-01T00:00:04Z"
        );
        assert!(rfc3339(epoch, Duration::MAX).starts_with("9999"));
    }
}
