//! Spans with a unit, which `Retry-After` should not hold and does: `7m`, `7 seconds`, `PT7S`.

use std::time::Duration;

use super::decimal;

/// A span of one or more parts, each smaller than the one before it.
pub(super) fn read(text: &str) -> Option<Duration> {
    let text = text.trim();
    // ISO 8601 puts this in front.
    let mut rest = text.strip_prefix("PT").unwrap_or(text);
    let mut ms: u64 = 0;
    let mut last = u64::MAX;
    loop {
        let (part, unit, after) = part(rest)?;
        if unit >= last {
            return None;
        }
        ms = ms.checked_add(part)?;
        last = unit;
        if after.is_empty() {
            return Some(Duration::from_millis(ms));
        }
        rest = after.trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
}

/// One number with its unit, in milliseconds; the unit; and what follows.
fn part(text: &str) -> Option<(u64, u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = text.split_at(end);
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic());
    let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let unit = unit(name)?;
    // In millionths of the unit, so that "0.1ms" is no zero.
    let millionths = decimal(number, 6)?.as_millis();
    let ms = (millionths * u128::from(unit)).div_ceil(1_000_000);
    Some((u64::try_from(ms).ok()?, unit, rest))
}

/// A unit in milliseconds.
fn unit(name: &str) -> Option<u64> {
    const UNITS: [(u64, &[&str]); 5] = [
        (1, &["ms", "msec", "millisecond", "milliseconds"]),
        (1_000, &["s", "sec", "secs", "second", "seconds"]),
        (60_000, &["m", "min", "mins", "minute", "minutes"]),
        (3_600_000, &["h", "hr", "hrs", "hour", "hours"]),
        (86_400_000, &["d", "day", "days"]),
    ];
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let found = UNITS.iter().find(|(_, names)| is(names));
    found.map(|(ms, _)| *ms)
}
