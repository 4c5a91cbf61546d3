//! Reads spans of time: `6m0s`, `22m46.848s`, `20ms`, `2m 13s`, `1 hour and 5 minutes`, `2.12 days`.

use std::time::Duration;

/// A span that is the whole text. `None` for a bare number.
pub(crate) fn whole(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    if let Some(span) = go(text.as_bytes()) {
        return Some(span);
    }
    let (span, used) = leading(text)?;
    (used == text.len()).then_some(span)
}

/// The form Go prints, `6m0s` and `7.66s`: it stands in headers of ordinary successes, so it is read
/// in one go. `None` for everything else, right or wrong; [`leading`] has the last word there.
fn go(mut text: &[u8]) -> Option<Duration> {
    let mut nanos: u64 = 0;
    let mut last = u64::MAX;
    while !text.is_empty() {
        let (mut number, mut scale, mut point, mut used) = (0_u64, 1_u64, false, 0);
        for byte in text.iter().take(17) {
            match byte {
                b'0'..=b'9' => {
                    number = number * 10 + u64::from(byte - b'0');
                    scale *= if point { 10 } else { 1 };
                }
                b'.' if !point && used > 0 => point = true,
                _ => break,
            }
            used += 1;
        }
        let (unit, width) = match text.get(used..)? {
            [b'm', b's', ..] => (1_000_000, 2),
            [b's', ..] => (1_000_000_000, 1),
            [b'm', ..] => (60_000_000_000, 1),
            [b'h', ..] => (3_600_000_000_000, 1),
            _ => return None,
        };
        if used == 0 || unit >= last {
            return None;
        }
        last = unit;
        // Rounded up, as all waits are.
        let part = u128::from(number) * u128::from(unit);
        nanos = nanos.checked_add(u64::try_from(part.div_ceil(u128::from(scale))).ok()?)?;
        text = &text[used + width..];
    }
    (last < u64::MAX).then(|| Duration::from_millis(nanos.div_ceil(1_000_000)))
}

/// The span a text starts with, and how many bytes it takes. Rounded up to milliseconds.
pub(crate) fn leading(text: &str) -> Option<(Duration, usize)> {
    if let Some(clock) = clock(text) {
        return Some(clock);
    }
    let mut nanos: u128 = 0;
    let mut used = 0;
    let mut last = u128::MAX;
    while let Some((part, unit, end)) = part(&text[used..]) {
        if unit >= last {
            break;
        }
        nanos = nanos.checked_add(part)?;
        last = unit;
        used += end;
        let rest = &text[used..];
        let joint = rest.trim_start_matches([' ', ',']);
        let joint = joint.strip_prefix("and ").unwrap_or(joint);
        if part_starts(joint) && part_unit(joint).is_some_and(|unit| unit < last) {
            used += rest.len() - joint.len();
        } else {
            break;
        }
    }
    if used == 0 {
        return None;
    }
    let ms = u64::try_from(nanos.div_ceil(1_000_000)).ok()?;
    Some((Duration::from_millis(ms), used))
}

fn part_starts(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn part_unit(text: &str) -> Option<u128> {
    part(text).map(|(_, unit, _)| unit)
}

/// One number with its unit: nanoseconds, the length of the unit, bytes used.
fn part(text: &str) -> Option<(u128, u128, usize)> {
    let number = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (whole, fraction) = text[..number]
        .split_once('.')
        .unwrap_or((&text[..number], ""));
    if whole.is_empty() || whole.len() > 20 || fraction.contains('.') {
        return None;
    }
    let rest = &text[number..];
    let spaced = rest.trim_start_matches([' ', '-']);
    if rest.len() - spaced.len() > 1 {
        return None;
    }
    let (unit, width) = unit(spaced)?;
    let mut nanos = whole.parse::<u128>().ok()?.checked_mul(unit)?;
    if !fraction.is_empty() {
        let kept = &fraction[..fraction.len().min(15)];
        let scale = 10_u128.pow(u32::try_from(kept.len()).ok()?);
        nanos = nanos.checked_add((kept.parse::<u128>().ok()? * unit).div_ceil(scale))?;
    }
    Some((nanos, unit, text.len() - spaced.len() + width))
}

const NANOS: [(&[&str], u128); 8] = [
    (&["ns", "nanosecond", "nanoseconds"], 1),
    (&["us", "µs", "μs", "microsecond", "microseconds"], 1_000),
    (
        &[
            "ms",
            "msec",
            "msecs",
            "millis",
            "millisecond",
            "milliseconds",
        ],
        1_000_000,
    ),
    (&["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
    (&["m", "min", "mins", "minute", "minutes"], 60_000_000_000),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600_000_000_000),
    (&["d", "day", "days"], 86_400_000_000_000),
    (&["w", "wk", "week", "weeks"], 604_800_000_000_000),
];

const CHINESE: [(&str, u128); 7] = [
    ("毫秒", 1_000_000),
    ("秒", 1_000_000_000),
    ("分钟", 60_000_000_000),
    ("分", 60_000_000_000),
    ("个小时", 3_600_000_000_000),
    ("小时", 3_600_000_000_000),
    ("天", 86_400_000_000_000),
];

/// The unit a text starts with, in nanoseconds, and its width in bytes.
pub(crate) fn unit(text: &str) -> Option<(u128, usize)> {
    // The short ones first: they stand in headers.
    let short = match text.as_bytes() {
        [b'm', b's', rest @ ..] => Some((1_000_000, 2, rest)),
        [b's', rest @ ..] => Some((1_000_000_000, 1, rest)),
        [b'm', rest @ ..] => Some((60_000_000_000, 1, rest)),
        [b'h', rest @ ..] => Some((3_600_000_000_000, 1, rest)),
        _ => None,
    };
    if let Some((nanos, width, [] | [b'0'..=b'9' | b' ' | b'.' | b',', ..])) = short {
        return Some((nanos, width));
    }
    for (name, nanos) in CHINESE {
        if text.starts_with(name) {
            return Some((nanos, name.len()));
        }
    }
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    // "second(s)", as templates write.
    let plural = if text[end..].starts_with("(s)") { 3 } else { 0 };
    let word = &text[..end];
    for (names, nanos) in NANOS {
        if names.iter().any(|name| name.eq_ignore_ascii_case(word)) {
            return Some((nanos, end + plural));
        }
    }
    None
}

/// `00:01:30`, as .NET writes a span.
fn clock(text: &str) -> Option<(Duration, usize)> {
    if text.as_bytes().get(2) != Some(&b':') {
        return None;
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != ':')
        .unwrap_or(text.len());
    let mut seconds: u64 = 0;
    let mut parts = 0;
    for part in text[..end].split(':') {
        if part.len() != 2 {
            return None;
        }
        seconds = seconds * 60 + part.parse::<u64>().ok()?;
        parts += 1;
        if parts > 3 {
            return None;
        }
    }
    (parts == 3).then(|| (Duration::from_secs(seconds), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<u128> {
        whole(text).map(|span| span.as_millis())
    }

    #[test]
    fn spans() {
        for (text, want) in [
            ("6m0s", 360_000),
            ("20ms", 20),
            ("1h2m3.5s", 3_723_500),
            ("22m46.848s", 1_366_848),
            ("6.780999999s", 6_781),
            ("539.477544ms", 540),
            ("2m 13s", 133_000),
            ("1 hour and 5 minutes", 3_900_000),
            ("3 hours, 20 minutes", 12_000_000),
            ("2.12 days", 183_168_000),
            ("1 second(s)", 1_000),
            ("250µs", 1),
            ("0s", 0),
            ("00:01:30", 90_000),
            ("30 秒", 30_000),
        ] {
            assert_eq!(ms(text), Some(want), "{text}");
        }
    }

    proptest::proptest! {
        /// What the quick way reads, the long way reads too, and the same.
        #[test]
        fn both_ways_agree(text in "([0-9]{1,6}(\\.[0-9]{0,9})?(h|m|s|ms|us)){1,4}") {
            if let Some(span) = go(text.as_bytes()) {
                proptest::prop_assert_eq!(leading(&text), Some((span, text.len())));
            }
        }
    }

    #[test]
    fn what_is_no_span() {
        for text in [
            "",
            "30",
            "s",
            "-5s",
            "1.2.3s",
            "5 times",
            "inf",
            "NaN",
            "5s5s",
            "1s 2m",
            "5x",
            "99999999999999999999h",
            "18446744073709551616ms",
        ] {
            assert_eq!(ms(text), None, "{text}");
        }
    }

    #[test]
    fn stops_where_the_span_ends() {
        assert_eq!(leading("20s. 3 left").map(|(_, used)| used), Some(3));
        assert_eq!(leading("5 minutes, 3 calls").map(|(_, used)| used), Some(9));
    }
}
