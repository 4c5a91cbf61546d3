//! Reads dates: `2026-10-02`, `Fri, 02 Oct 2026`, `October 2nd, 2026`, `Oct 2`, `2026年10月2日`.

/// A day, as days from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(i64);

impl Day {
    /// Days of the Gregorian calendar from 1970 to the year 9999; `None` if there is no such date.
    fn of(year: u16, month: u16, day: u16) -> Option<Self> {
        if !(1970..=9999).contains(&year) || day < 1 || day > length(year, month)? {
            return None;
        }
        let months = (1..month)
            .filter_map(|month| length(year, month))
            .map(i64::from);
        Some(Self(
            new_year(year) + months.sum::<i64>() + i64::from(day) - 1,
        ))
    }

    /// The day of a time of day in UTC, in seconds since 1970.
    pub(crate) const fn at(seconds: i64) -> Self {
        Self(seconds.div_euclid(86_400))
    }

    /// Its first second, since 1970.
    pub(crate) const fn start(self) -> i64 {
        self.0 * 86_400
    }

    fn year(self) -> Option<u16> {
        // 400 years have 146,097 days; this is too late by a year at most.
        let year = u16::try_from(1970 + (self.0 + 1) * 400 / 146_097).ok()?;
        Some(year - u16::from(new_year(year) > self.0))
    }
}

/// The days of a month.
const fn length(year: u16, month: u16) -> Option<u16> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// Days from 1970 to the first of January.
fn new_year(year: u16) -> i64 {
    let before = i64::from(year) - 1;
    // Leap days since year 0, less those before 1970.
    let leaps = before / 4 - before / 100 + before / 400 - 477;
    (before - 1969) * 365 + leaps
}

/// The date a text starts with, and how many bytes it takes. A date without a year is the one next to
/// `today`.
pub(crate) fn read(text: &str, today: Option<Day>) -> Option<(Day, usize)> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return numeric(text)
            .or_else(|| chinese(text))
            .or_else(|| day_first(text, today));
    }
    let rest = after_weekday(text);
    let found = if rest.starts_with(|c: char| c.is_ascii_digit()) {
        day_first(rest, today)
    } else {
        month_first(rest, today)
    };
    let (date, width) = found?;
    Some((date, text.len() - rest.len() + width))
}

/// `2026-10-02`, `2026/10/02`.
fn numeric(text: &str) -> Option<(Day, usize)> {
    let mark = *text.as_bytes().get(4)?;
    if !matches!(mark, b'-' | b'/') || text.as_bytes().get(7) != Some(&mark) {
        return None;
    }
    let year = digits(text.get(..4)?)?;
    let date = Day::of(year, digits(text.get(5..7)?)?, digits(text.get(8..10)?)?)?;
    let ends = !text[10..].starts_with(|c: char| c.is_ascii_digit());
    ends.then_some((date, 10))
}

/// `2026年10月2日`.
fn chinese(text: &str) -> Option<(Day, usize)> {
    let (year, rest) = text.split_at_checked(4)?;
    let rest = rest.strip_prefix('年')?;
    let (month, width) = short(rest)?;
    let rest = rest[width..].strip_prefix('月')?;
    let (day, width) = short(rest)?;
    let rest = rest[width..].strip_prefix('日')?;
    Some((Day::of(digits(year)?, month, day)?, text.len() - rest.len()))
}

/// "2 Oct 2026", "02-Oct-2026", "2nd of October 2026".
fn day_first(text: &str, today: Option<Day>) -> Option<(Day, usize)> {
    let (day, width) = short(text)?;
    let rest = after_ordinal(&text[width..]);
    let rest = rest.strip_prefix([' ', '-'])?;
    let rest = rest.strip_prefix("of ").unwrap_or(rest);
    let (month, width) = month(rest)?;
    let (year, end) = year(&rest[width..], today, month, day)?;
    let used = text.len() - rest.len() + width + end;
    Some((Day::of(year, month, day)?, used))
}

/// "Oct 2", "October 2nd, 2026".
fn month_first(text: &str, today: Option<Day>) -> Option<(Day, usize)> {
    let (month, width) = month(text)?;
    let rest = text[width..].strip_prefix(' ')?;
    let (day, width) = short(rest)?;
    let rest = after_ordinal(&rest[width..]);
    let (year, end) = year(rest, today, month, day)?;
    Some((Day::of(year, month, day)?, text.len() - rest.len() + end))
}

fn digits(text: &str) -> Option<u16> {
    let all = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

/// One or two digits and their number.
fn short(text: &str) -> Option<(u16, usize)> {
    let bytes = text.bytes().take(3);
    let width = bytes.take_while(u8::is_ascii_digit).count();
    let fits = (1..=2).contains(&width);
    Some((digits(&text[..width])?, width)).filter(|_| fits)
}

/// The year a text starts with, behind its comma; where there is none, the one that makes the date
/// next to today.
fn year(text: &str, today: Option<Day>, month: u16, day: u16) -> Option<(u16, usize)> {
    let rest = text.trim_start_matches([',', ' ', '-']);
    let stated = rest.get(..4).and_then(digits);
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == ':');
    if let Some(year) = stated.filter(|_| rest.len() < text.len() && ends(&rest[4..])) {
        return Some((year, text.len() - rest.len() + 4));
    }
    let today = today?;
    let year = today.year()?;
    let date = Day::of(year, month, day)?;
    // In December, "Jan 1" is next year's.
    let past = today.0 - date.0 > 180;
    Some((year + u16::from(past), 0))
}

fn month(text: &str) -> Option<(u16, usize)> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let width = letters(text);
    let word = &text[..width];
    if width < 3 {
        return None;
    }
    let same = |name: &&str| {
        name.eq_ignore_ascii_case(word)
            || name[..3].eq_ignore_ascii_case(word)
            || word.eq_ignore_ascii_case("sept") && name.starts_with("sept")
    };
    let at = MONTHS.iter().position(same)?;
    let point = usize::from(width < 5 && text[width..].starts_with('.'));
    Some((u16::try_from(at).ok()? + 1, width + point))
}

fn after_weekday(text: &str) -> &str {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let width = letters(text);
    let word = &text[..width];
    let same =
        |name: &&str| name.eq_ignore_ascii_case(word) || name[..3].eq_ignore_ascii_case(word);
    if DAYS.iter().any(same) {
        text[width..].trim_start_matches([',', ' ', '.'])
    } else {
        text
    }
}

fn after_ordinal(text: &str) -> &str {
    let ends = ["st", "nd", "rd", "th"];
    ends.iter()
        .find_map(|end| text.strip_prefix(end))
        .unwrap_or(text)
}

/// How many letters a text starts with, up to one more than the longest name has.
fn letters(text: &str) -> usize {
    let bytes = text.bytes().take(10);
    bytes.take_while(u8::is_ascii_alphabetic).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(String, usize)> {
        let date = |(day, width)| (civil(day).to_string(), width);
        read(text, Some(Day(20_728))).map(date)
    }

    /// The same date by a library's count.
    fn civil(day: Day) -> jiff::civil::Date {
        let first = jiff::civil::date(1970, 1, 1);
        first
            .checked_add(jiff::Span::new().days(day.0))
            .expect("a date")
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let mut days = 0;
        for year in 1969..=9999 {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let found = Day::of(year, month, day);
                let (year, month, day) = (year as i16, month as i8, day as i8);
                let date = jiff::civil::Date::new(year, month, day).ok();
                let date = date.filter(|_| year > 1969);
                assert_eq!(found.is_some(), date.is_some(), "{year}-{month}-{day}");
                if let Some(found) = found {
                    assert_eq!(found, Day(days), "{year}-{month}-{day}");
                    assert_eq!(found.year(), Some(year as u16), "{year}-{month}-{day}");
                    assert_eq!(Day::at(found.start() + 86_399), found);
                    days += 1;
                }
            }
        }
        assert_eq!(civil(Day(days - 1)), jiff::civil::date(9999, 12, 31));
    }

    #[test]
    fn dates() {
        for (text, want, width) in [
            ("2026-10-02T12:00", "2026-10-02", 10),
            ("2026/10/02 12:00", "2026-10-02", 10),
            ("Fri, 02 Oct 2026 12:00:05 GMT", "2026-10-02", 16),
            ("friday, 02-oct-2026", "2026-10-02", 19),
            ("2 October 2026, 12:00", "2026-10-02", 14),
            ("October 2nd, 2026 at", "2026-10-02", 17),
            ("Oct. 2, 2026", "2026-10-02", 12),
            ("sept 30 at 12:00", "2026-09-30", 7),
            ("jan 1, 00:00", "2027-01-01", 5),
            ("May 5 2027 x", "2027-05-05", 10),
            ("2026年10月2日 12:00", "2026-10-02", 16),
        ] {
            assert_eq!(told(text), Some((want.to_owned(), width)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2026",
            "2026-10",
            "2026-13-02",
            "Oct",
            "october",
            "may 100",
            "30 requests",
            "Friday",
            "2026-10-021",
            "mayhem 5",
            "may be",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
