//! Units of time, in the languages providers write.

/// A unit a text starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) nanos: u64,
    /// Bytes it takes.
    pub(crate) width: usize,
    /// The word is of a language whose decimals start with a comma.
    pub(crate) comma: bool,
}

const MICRO: u64 = 1_000;
pub(super) const MILLI: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000_000_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Words, in order. A month has no fixed length, so it is no unit.
const WORDS: [(&str, u64, bool); 84] = [
    ("d", DAY, false),
    ("day", DAY, false),
    ("days", DAY, false),
    ("dia", DAY, true),
    ("dias", DAY, true),
    ("día", DAY, true),
    ("días", DAY, true),
    ("h", HOUR, false),
    ("heure", HOUR, true),
    ("heures", HOUR, true),
    ("hora", HOUR, true),
    ("horas", HOUR, true),
    ("hour", HOUR, false),
    ("hours", HOUR, false),
    ("hr", HOUR, false),
    ("hrs", HOUR, false),
    ("j", DAY, true),
    ("jour", DAY, true),
    ("jours", DAY, true),
    ("m", MINUTE, false),
    ("microsecond", MICRO, false),
    ("microseconds", MICRO, false),
    ("milisegundo", MILLI, true),
    ("milisegundos", MILLI, true),
    ("milli", MILLI, false),
    ("millis", MILLI, false),
    ("millisec", MILLI, false),
    ("millisecond", MILLI, false),
    ("milliseconde", MILLI, true),
    ("millisecondes", MILLI, true),
    ("milliseconds", MILLI, false),
    ("millisecs", MILLI, false),
    ("millisekunde", MILLI, true),
    ("millisekunden", MILLI, true),
    ("min", MINUTE, false),
    ("mins", MINUTE, false),
    ("minute", MINUTE, false),
    ("minuten", MINUTE, true),
    ("minutes", MINUTE, false),
    ("minuto", MINUTE, true),
    ("minutos", MINUTE, true),
    ("mn", MINUTE, true),
    ("ms", MILLI, false),
    ("msec", MILLI, false),
    ("msecs", MILLI, false),
    ("nanosecond", 1, false),
    ("nanoseconds", 1, false),
    ("ns", 1, false),
    ("s", SECOND, false),
    ("sec", SECOND, false),
    ("second", SECOND, false),
    ("seconde", SECOND, true),
    ("secondes", SECOND, true),
    ("seconds", SECOND, false),
    ("secs", SECOND, false),
    ("seg", SECOND, true),
    ("segs", SECOND, true),
    ("segundo", SECOND, true),
    ("segundos", SECOND, true),
    ("sek", SECOND, true),
    ("sekunde", SECOND, true),
    ("sekunden", SECOND, true),
    ("semaine", WEEK, true),
    ("semaines", WEEK, true),
    ("semana", WEEK, true),
    ("semanas", WEEK, true),
    ("std", HOUR, true),
    ("stunde", HOUR, true),
    ("stunden", HOUR, true),
    ("tag", DAY, true),
    ("tage", DAY, true),
    ("tagen", DAY, true),
    ("us", MICRO, false),
    ("usec", MICRO, false),
    ("w", WEEK, false),
    ("week", WEEK, false),
    ("weeks", WEEK, false),
    ("wk", WEEK, false),
    ("wks", WEEK, false),
    ("woche", WEEK, true),
    ("wochen", WEEK, true),
    ("µs", MICRO, false),
    ("µsec", MICRO, false),
    ("μs", MICRO, false),
];

/// Chinese, Japanese and Korean; the longer of two comes first.
const SIGNS: [(&str, u64); 34] = [
    ("毫秒", MILLI),
    ("ミリ秒", MILLI),
    ("밀리초", MILLI),
    ("秒钟", SECOND),
    ("秒鐘", SECOND),
    ("秒間", SECOND),
    ("秒", SECOND),
    ("초", SECOND),
    ("分钟", MINUTE),
    ("分鐘", MINUTE),
    ("分間", MINUTE),
    ("分", MINUTE),
    ("분", MINUTE),
    ("个小时", HOUR),
    ("個小時", HOUR),
    ("小时", HOUR),
    ("小時", HOUR),
    ("時間", HOUR),
    ("时间", HOUR),
    ("시간", HOUR),
    ("个星期", WEEK),
    ("個星期", WEEK),
    ("星期", WEEK),
    ("週間", WEEK),
    ("周", WEEK),
    ("週", WEEK),
    ("주일", WEEK),
    ("天", DAY),
    ("日間", DAY),
    // Not every 日 is a span: 10月2日 is a date.
    ("日後", DAY),
    ("日后", DAY),
    ("일간", DAY),
    ("일 후", DAY),
    ("일 뒤", DAY),
];

/// The unit a text starts with.
pub(crate) fn read(text: &str) -> Option<Unit> {
    let plain = |nanos, width| {
        Some(Unit {
            nanos,
            width,
            comma: false,
        })
    };
    // The short ones first: they stand in headers.
    let short = match text.as_bytes() {
        [b'm', b's', rest @ ..] => Some((MILLI, 2, rest)),
        [b's', rest @ ..] => Some((SECOND, 1, rest)),
        [b'm', rest @ ..] => Some((MINUTE, 1, rest)),
        [b'h', rest @ ..] => Some((HOUR, 1, rest)),
        [0xe3..=0xed, ..] => return sign(text).and_then(|(nanos, width)| plain(nanos, width)),
        // The first letters of all words; the last two start the two signs of "micro".
        [first, ..] if b"dhjmnstuwDHJMNSTUW\xc2\xce".contains(first) => None,
        _ => return None,
    };
    if let Some((nanos, width, [] | [b'0'..=b'9' | b' ' | b'.' | b',', ..])) = short {
        return plain(nanos, width);
    }
    word(text)
}

fn sign(text: &str) -> Option<(u64, usize)> {
    // All of them begin with a sign of three bytes.
    let first = text.as_bytes().get(..3)?;
    let mut near = SIGNS
        .iter()
        .filter(|(sign, _)| sign.as_bytes()[..3] == *first);
    let found = near.find(|(sign, _)| text.starts_with(sign))?;
    // What follows the day is read again: it makes the span a wait.
    let width = match found.0 {
        "日後" | "日后" | "일 후" | "일 뒤" => 3,
        sign => sign.len(),
    };
    Some((found.1, width))
}

fn word(text: &str) -> Option<Unit> {
    // The longest word of the table has 13 bytes.
    let mut lower = [0; 16];
    let mut end = 0;
    for c in text.chars() {
        // "30秒后" without a space behind a Latin unit: "30s后".
        if !c.is_alphabetic() || c >= '\u{2e80}' {
            break;
        }
        let next = end + c.len_utf8();
        c.to_ascii_lowercase()
            .encode_utf8(lower.get_mut(end..next)?);
        end = next;
    }
    let word = std::str::from_utf8(&lower[..end]).ok()?;
    let at = WORDS
        .binary_search_by(|(name, ..)| (*name).cmp(word))
        .ok()?;
    let (_, nanos, comma) = WORDS[at];
    // "second(s)", "Sekunde(n)", as templates write.
    let plural = ["(s)", "(n)", "(en)"];
    let plural = plural.iter().find(|end_| text[end..].starts_with(*end_));
    Some(Unit {
        nanos,
        width: end + plural.map_or(0, |plural| plural.len()),
        comma,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        for (word, nanos, _) in WORDS {
            let unit = read(word).map(|unit| (unit.nanos, unit.width));
            assert_eq!(unit, Some((nanos, word.len())), "{word}");
        }
    }

    #[test]
    fn units_of_every_length() {
        for (text, nanos, width) in [
            ("ms", MILLI, 2),
            ("msec later", MILLI, 4),
            ("s)", SECOND, 1),
            ("Seconds", SECOND, 7),
            ("second(s).", SECOND, 9),
            ("Sekunde(n)", SECOND, 10),
            ("hrs", HOUR, 3),
            ("días", DAY, 5),
            ("weeks", WEEK, 5),
            ("秒后", SECOND, 3),
            ("個小時後", HOUR, 9),
            ("日後に", DAY, 3),
            ("초 후", SECOND, 3),
            ("s后", SECOND, 1),
        ] {
            let unit = read(text).map(|unit| (unit.nanos, unit.width));
            assert_eq!(unit, Some((nanos, width)), "{text}");
        }
        for text in [
            "",
            "x",
            "months",
            "secondary",
            "mile",
            "tokens",
            "日",
            "点",
            "時",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
