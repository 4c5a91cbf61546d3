//! Reads times of day: `15:04:05 UTC`, `3 PM (UTC)`, `23:59 +02:00`.

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: i8,
    pub(crate) minute: i8,
    pub(crate) second: i8,
    pub(crate) nanos: i32,
    /// Seconds east of Greenwich, where the text says.
    pub(crate) zone: Option<i32>,
    /// Bytes it takes, the zone among them.
    pub(crate) width: usize,
    /// The bytes of the hours, minutes and seconds.
    pub(crate) digits: usize,
}

/// The time of day a text starts with. It has minutes or a half of the day: a bare number is none.
pub(crate) fn read(text: &str) -> Option<Clock> {
    let (mut hour, hours) = small(text, 1)?;
    let mut at = hours;
    let mut after_colon = || {
        let rest = text[at..].strip_prefix(':')?;
        let (value, width) = small(rest, 2)?;
        at += 1 + width;
        Some(value)
    };
    let minute = after_colon();
    let second = minute.and_then(|_| after_colon());
    let digits = at;
    let mut nanos = 0;
    if second.is_some() {
        let (value, width) = fraction(&text[at..]);
        (nanos, at) = (value, at + width);
    }
    let half = half(&text[at..]);
    if minute.is_none() && half.is_none() {
        return None;
    }
    if let Some((late, width)) = half {
        at += width;
        hour = match hour {
            1..=12 => hour % 12 + if late { 12 } else { 0 },
            _ => return None,
        };
    }
    let zone = zone(&text[at..]);
    at += zone.map_or(0, |(_, width)| width);
    let (minute, second) = (minute.unwrap_or(0), second.unwrap_or(0));
    let ends = !text[at..].starts_with(|c: char| c.is_alphanumeric() || c == ':');
    // A leap second ends the minute.
    (hour <= 23 && minute <= 59 && second <= 60 && ends).then_some(Clock {
        hour,
        minute,
        second,
        nanos,
        zone: zone.map(|(east, _)| east),
        width: at,
        digits,
    })
}

/// One or two digits and their number.
fn small(text: &str, least: usize) -> Option<(i8, usize)> {
    let bytes = text.as_bytes();
    let width = bytes
        .iter()
        .take(3)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let number = text.get(..width)?.parse().ok()?;
    (least..=2).contains(&width).then_some((number, width))
}

/// ".123456" in nanoseconds. A full stop that ends the sentence starts no fraction.
fn fraction(text: &str) -> (i32, usize) {
    let Some(rest) = text.strip_prefix('.') else {
        return (0, 0);
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit);
    let (nanos, width) = digits.fold((0, 0_u32), |(nanos, width), digit| {
        let scale = 10_i32.checked_pow(8_u32.wrapping_sub(width)).unwrap_or(0);
        let scale = if width > 8 { 0 } else { scale };
        (nanos + i32::from(digit - b'0') * scale, width + 1)
    });
    match width {
        0 => (0, 0),
        width => (nanos, 1 + width as usize),
    }
}

/// Whether it is afternoon.
fn half(text: &str) -> Option<(bool, usize)> {
    let rest = text.trim_start_matches(' ');
    if !rest.starts_with(['a', 'p', 'A', 'P']) {
        return None;
    }
    let halves = [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)];
    let (name, late) = halves.iter().find(|(name, _)| begins(rest, name))?;
    let width = text.len() - rest.len() + name.len();
    let ends = !text[width..].starts_with(char::is_alphanumeric);
    ends.then_some((*late, width))
}

/// Seconds east of Greenwich: `Z`, `UTC`, `(UTC)`, `GMT+2`, `+02:00`, `-0500`.
fn zone(text: &str) -> Option<(i32, usize)> {
    let rest = text.trim_start_matches(' ');
    let open = rest.starts_with('(');
    let inner = rest.strip_prefix('(').unwrap_or(rest);
    let name = ["utc", "gmt", "z"].iter().find(|name| begins(inner, name));
    let mut tail = &inner[name.map_or(0, |name| name.len())..];
    let mut east = 0;
    let offset = offset(tail, name.is_some());
    if let Some((seconds, width)) = offset {
        (east, tail) = (seconds, &tail[width..]);
    }
    if name.is_none() && offset.is_none() || tail.starts_with(char::is_alphanumeric) {
        return None;
    }
    if open {
        tail = tail.strip_prefix(')').unwrap_or(tail);
    }
    Some((east, text.len() - tail.len()))
}

/// `+02:00`, `-0500`; behind a name also `+2`.
fn offset(text: &str, named: bool) -> Option<(i32, usize)> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let rest = &text[1..];
    let width = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = |part: Option<&str>| part?.parse::<i32>().ok();
    let (hours, minutes, width) = match width {
        4 => (number(rest.get(..2))?, number(rest.get(2..4))?, 4),
        2 if rest.as_bytes().get(2) == Some(&b':') => {
            (number(rest.get(..2))?, number(rest.get(3..5))?, 5)
        }
        1 | 2 if named => (number(rest.get(..width))?, 0, width),
        _ => return None,
    };
    let sound = hours <= 14 && minutes <= 59;
    sound.then_some((sign * (hours * 3_600 + minutes * 60), 1 + width))
}

fn begins(text: &str, name: &str) -> bool {
    text.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(i8, i8, i8, Option<i32>, usize)> {
        let clock = read(text)?;
        Some((
            clock.hour,
            clock.minute,
            clock.second,
            clock.zone,
            clock.width,
        ))
    }

    #[test]
    fn times_of_day() {
        for (text, want) in [
            ("15:04:05 UTC.", (15, 4, 5, Some(0), 12)),
            ("15:04", (15, 4, 0, None, 5)),
            ("9:30 today", (9, 30, 0, None, 4)),
            ("3 PM (UTC)", (15, 0, 0, Some(0), 10)),
            ("3:05pm utc", (15, 5, 0, Some(0), 10)),
            ("12 a.m. GMT", (0, 0, 0, Some(0), 11)),
            ("12:00:00Z", (12, 0, 0, Some(0), 9)),
            ("00:00 +02:00", (0, 0, 0, Some(7_200), 12)),
            ("00:00:00-0530", (0, 0, 0, Some(-19_800), 13)),
            ("8:00 UTC+8", (8, 0, 0, Some(28_800), 10)),
            ("8:00 (GMT-05:00)", (8, 0, 0, Some(-18_000), 16)),
            ("12:00 PST", (12, 0, 0, None, 5)),
            ("12:00:05.", (12, 0, 5, None, 8)),
            ("12:00:05.25Z", (12, 0, 5, Some(0), 12)),
        ] {
            assert_eq!(told(text), Some(want), "{text}");
        }
        assert_eq!(read("12:00:05.25Z").map(|c| c.nanos), Some(250_000_000));
        assert_eq!(
            read("12:00:05.1234567891Z").map(|c| c.nanos),
            Some(123_456_789)
        );
    }

    #[test]
    fn what_is_no_time_of_day() {
        for text in [
            "",
            "15",
            "15 UTC",
            "25:00",
            "12:60",
            "12:5",
            "123:00",
            "12:00:00:00",
            "13 pm",
            "3 pms",
            "12:00x",
            "1:2:3",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
