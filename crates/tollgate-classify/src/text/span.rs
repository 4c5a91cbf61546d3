//! Reads spans of time: `6m0s`, `22m46.848s`, `20ms`, `2m 13s`, `1 hour and 5 minutes`, `2.12 days`,
//! `86.400 Sekunden`, `5-10 seconds`.

use std::time::Duration;

use super::{
    number::{Decimals, Digits},
    units::{self, HOUR, MINUTE},
};

/// A span that is the whole text. `None` for a bare number.
pub(crate) fn whole(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    if let Some(span) = go(text.as_bytes()) {
        return Some(span);
    }
    let (span, used) = stated(text)?;
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
        if used == 0 || text[used - 1] == b'.' || unit >= last {
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

/// The span a text starts with as prose states it, and how many bytes it takes. The larger end of a
/// range: "5-10 seconds", "30 s to 1 minute".
pub(crate) fn stated(text: &str) -> Option<(Duration, usize)> {
    let first = leading(text);
    let used = match first {
        Some((_, used)) => used,
        None => Digits::read(text)?.width(),
    };
    let second = range(&text[used..]).and_then(|width| {
        let (span, more) = leading(&text[used + width..])?;
        Some((span, used + width + more))
    });
    match (first, second) {
        (Some((one, _)), Some((other, used))) => Some((one.max(other), used)),
        (first, second) => second.or(first),
    }
}

/// How many bytes join the two ends of a range.
fn range(text: &str) -> Option<usize> {
    // "and" is one as well: "between 5 and 10 seconds". Two spans it adds up: "1 h and 5 min".
    const WORDS: [&str; 11] = [
        "to", "or", "and", "bis", "und", "a", "à", "et", "y", "e", "até",
    ];
    const SIGNS: [&str; 8] = ["-", "–", "—", "~", "～", "至", "到", "から"];
    let rest = text.trim_start_matches(' ');
    let sign = SIGNS.iter().find_map(|sign| rest.strip_prefix(sign));
    let word = || {
        let rest = WORDS.iter().filter_map(|word| rest.strip_prefix(word));
        let mut rest = rest.filter(|rest| rest.starts_with(' '));
        rest.next().filter(|_| text.starts_with(' '))
    };
    let after = sign.or_else(word)?.trim_start_matches(' ');
    let number = after.starts_with(|c: char| c.is_ascii_digit());
    number.then(|| text.len() - after.len())
}

/// The span a text starts with, and how many bytes it takes. Rounded up to milliseconds.
pub(crate) fn leading(text: &str) -> Option<(Duration, usize)> {
    let mut part = part(text)?;
    let mut nanos = part.nanos;
    let mut used = part.width;
    loop {
        let rest = &text[used..];
        if part.unit == HOUR {
            if let Some(minutes) = hanging_minutes(rest) {
                nanos += u128::from(minutes) * u128::from(MINUTE);
                used += 2;
                break;
            }
        }
        let next = joint(rest);
        let smaller = self::part(next).filter(|next| next.unit < part.unit);
        let Some(smaller) = smaller else { break };
        nanos = nanos.checked_add(smaller.nanos)?;
        used = text.len() - next.len() + smaller.width;
        part = smaller;
    }
    let ms = u64::try_from(nanos.div_ceil(1_000_000)).ok()?;
    Some((Duration::from_millis(ms), used))
}

/// "1h30": minutes without a unit.
fn hanging_minutes(text: &str) -> Option<u32> {
    let minutes = text.get(..2)?;
    let ends = !text[2..].starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == ':');
    let digits = minutes.bytes().all(|b| b.is_ascii_digit());
    minutes.parse().ok().filter(|_| digits && ends)
}

/// What follows the words and signs between two parts: "1 hour and 5 minutes", "3 hours, 20 minutes".
fn joint(text: &str) -> &str {
    const AND: [&str; 7] = ["and ", "und ", "et ", "y ", "e ", "又", "零"];
    let rest = text.trim_start_matches([' ', ',']);
    AND.iter()
        .find_map(|and| rest.strip_prefix(and))
        .unwrap_or(rest)
}

/// One number with its unit.
#[derive(Clone, Copy)]
struct Part {
    nanos: u128,
    unit: u64,
    width: usize,
}

fn part(text: &str) -> Option<Part> {
    let digits = Digits::read(text)?;
    // "in 5 300 s": where nothing makes it a span, the space may end the number.
    measured(text, &digits).or_else(|| measured(text, &digits.before_space()?))
}

fn measured(text: &str, digits: &Digits<'_>) -> Option<Part> {
    let rest = &text[digits.width()..];
    let spaced = rest.strip_prefix([' ', '-']).unwrap_or(rest);
    // "10 more seconds"
    let spaced = spaced.strip_prefix("more ").unwrap_or(spaced);
    let unit = units::read(spaced)?;
    let decimals = if unit.comma {
        Decimals::Comma
    } else {
        Decimals::Point
    };
    Some(Part {
        nanos: digits.number(decimals)?.of(unit.nanos)?,
        unit: unit.nanos,
        width: text.len() - spaced.len() + unit.width,
    })
}

/// The unit a text starts with, in nanoseconds, and its width in bytes.
pub(crate) fn unit(text: &str) -> Option<(u128, usize)> {
    units::read(text).map(|unit| (unit.nanos.into(), unit.width))
}

/// `00:01:30`, as .NET writes a span.
pub(crate) fn colons(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut parts = 0;
    for part in text.split(':') {
        if part.len() != 2 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        seconds = seconds * 60 + part.parse::<u64>().ok()?;
        parts += 1;
    }
    (parts == 3).then(|| Duration::from_secs(seconds))
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
            ("30 秒", 30_000),
            ("2h30m", 9_000_000),
            ("1h30", 5_400_000),
            ("1 hr 30 mins", 5_400_000),
            ("90-minute", 5_400_000),
            ("2 weeks", 1_209_600_000),
        ] {
            assert_eq!(ms(text), Some(want), "{text}");
        }
    }

    #[test]
    fn thousands_and_decimals() {
        for (text, want) in [
            ("86,400 seconds", 86_400_000),
            ("86,400.5 seconds", 86_400_500),
            ("1,500ms", 1_500),
            ("1_000 ms", 1_000),
            ("1 200 s", 1_200_000),
            ("86'400 s", 86_400_000),
            ("86.400 Sekunden", 86_400_000),
            ("86.400 seconds", 86_400),
            ("1,5 Sekunden", 1_500),
            ("0,5 s", 500),
            ("1,5 s", 1_500),
            ("86 400 secondes", 86_400_000),
            ("1.234,5 segundos", 1_234_500),
            ("3 600 000 millisecondes", 3_600_000),
            ("1.500,75 Millisekunden", 1_501),
        ] {
            assert_eq!(ms(text), Some(want), "{text}");
        }
    }

    #[test]
    fn other_languages() {
        for (text, want) in [
            ("2 Minuten und 5 Sekunden", 125_000),
            ("1 Stunde", 3_600_000),
            ("3 Tage", 259_200_000),
            ("2 heures et 10 minutes", 7_800_000),
            ("5 jours", 432_000_000),
            ("1 hora y 5 minutos", 3_900_000),
            ("1 hora e 5 minutos", 3_900_000),
            ("2小时30分钟", 9_000_000),
            ("2小時30分鐘", 9_000_000),
            ("1小时零5分", 3_900_000),
            ("1時間30分", 5_400_000),
            ("1시간 30분", 5_400_000),
            ("3天", 259_200_000),
            ("500毫秒", 500),
        ] {
            assert_eq!(ms(text), Some(want), "{text}");
        }
    }

    #[test]
    fn the_larger_end_of_a_range() {
        for (text, want) in [
            ("5 to 10 seconds", 10_000),
            ("5-10 seconds", 10_000),
            ("5 – 10 s", 10_000),
            ("5~10秒", 10_000),
            ("5 and 10 s", 10_000),
            ("30s to 1 minute", 60_000),
            ("1-2 minutes", 120_000),
            ("1m-90s", 90_000),
            ("10 to 5 seconds", 5_000),
            ("5 bis 10 Sekunden", 10_000),
            ("5 à 10 secondes", 10_000),
            ("5 a 10 segundos", 10_000),
            ("30 or 60 seconds", 60_000),
        ] {
            assert_eq!(ms(text), Some(want), "{text}");
        }
    }

    #[test]
    fn spans_with_colons() {
        assert_eq!(colons("00:01:30"), Some(Duration::from_secs(90)));
        for text in ["", "1:30", "00:01", "0:01:30", "00:01:3x", "00:01:30:00"] {
            assert_eq!(colons(text), None, "{text}");
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
            "5 to 10",
            "5,10,15 s",
            "15:04:05",
            "1 month",
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
        assert_eq!(
            leading("5 minutes and 3 calls").map(|(_, used)| used),
            Some(9)
        );
    }
}
