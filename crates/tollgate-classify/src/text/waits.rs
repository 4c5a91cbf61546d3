//! Finds the wait a text states: "try again in 22m46.848s", "after 1 seconds", "resets at 2026-...Z".

use std::time::{Duration, SystemTime};

use tollgate_core::retry_after;

use super::{moment, span};

/// A word that starts with one of these may be followed by a wait.
const STEMS: [&str; 21] = [
    "again",
    "retry",
    "reset",
    "available",
    "replenish",
    "refresh",
    "renew",
    "resume",
    "recover",
    "wait",
    "back",
    "cool",
    "unblock",
    "expire",
    "restore",
    "regain",
    "lift",
    "after",
    "allow",
    "next",
    "try",
];

/// Words between the stem and the wait.
const FILLERS: [&str; 50] = [
    "in",
    "after",
    "for",
    "at",
    "on",
    "until",
    "about",
    "approximately",
    "approx",
    "around",
    "another",
    "least",
    "roughly",
    "your",
    "the",
    "this",
    "request",
    "requests",
    "again",
    "please",
    "is",
    "will",
    "be",
    "limit",
    "limits",
    "quota",
    "only",
    "up",
    "to",
    "next",
    "time",
    "of",
    "minimum",
    "delay",
    "window",
    "period",
    "it",
    "off",
    "down",
    "an",
    "additional",
    "access",
    "further",
    "estimated",
    "s",
    "try",
    "trying",
    "seconds",
    "ms",
    "within",
];

/// The longest span the text asks to wait, else the latest moment it names.
///
/// `text` is in lower case and on one line.
pub(crate) fn wait(text: &str, now: impl Fn() -> Option<SystemTime>) -> Option<Duration> {
    let mut span = None;
    let mut moment = None;
    for (at, _) in text.match_indices(STEMS_FIRST) {
        if !starts_word(text, at) || !STEMS.iter().any(|stem| text[at..].starts_with(stem)) {
            continue;
        }
        if is_past(&text[at..]) {
            continue;
        }
        match hint(&text[at..], &now) {
            Some(Hint::Span(wait)) => span = span.max(Some(wait)),
            Some(Hint::Moment(wait)) => moment = moment.max(Some(wait)),
            None => {}
        }
    }
    span.or(moment).or_else(|| chinese(text))
}

/// What the stems start with; a quick first test.
const STEMS_FIRST: [char; 10] = ['a', 'r', 'w', 'b', 'c', 'u', 'e', 'l', 'n', 't'];

enum Hint {
    Span(Duration),
    Moment(Duration),
}

/// What took or lasted some time is no wait: "waited 30s", "expired 20s ago", "crashed after 20s".
fn is_past(text: &str) -> bool {
    if text.starts_with("waited") || text.starts_with("expired") {
        return true;
    }
    if !text.starts_with("after") {
        return false;
    }
    // "After 30 seconds, please try again." The advice is near, if there is any.
    let near = text
        .char_indices()
        .nth(120)
        .map_or(text, |(end, _)| &text[..end]);
    let sentence = near.split(". ").next().unwrap_or(near);
    !["again", "retry"]
        .iter()
        .any(|word| sentence.contains(word))
}

fn starts_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    !before.is_some_and(char::is_alphanumeric)
}

/// Skips from the stem over fillers to a number.
fn hint(text: &str, now: &impl Fn() -> Option<SystemTime>) -> Option<Hint> {
    let end = |text: &str| {
        text.find(|c: char| !c.is_alphabetic())
            .unwrap_or(text.len())
    };
    let stem = &text[..end(text)];
    let mut rest = &text[stem.len()..];
    let mut absolute = false;
    let mut seconds = 1_000;
    for _ in 0..12 {
        rest = rest.trim_start_matches([' ', ':', '=', '~', '(', '"', '\'', '-', '_', '≈']);
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return number(rest, absolute, seconds, now);
        }
        let word = &rest[..end(rest)];
        if let Some(count) = small_number(word) {
            let after = rest[word.len()..].trim_start();
            let (nanos, _) = span::unit(after).filter(|(_, width)| *width > 1)?;
            let ms = u64::try_from(nanos / 1_000_000).ok()?.checked_mul(count)?;
            return Some(Hint::Span(Duration::from_millis(ms)));
        }
        if !FILLERS.contains(&word) {
            // "until Fri, 02 Oct 2026 12:00:00 GMT" has no digit in front.
            let (then, _) = moment::leading(rest)?;
            return moment::until(then, now()?).map(Hint::Moment);
        }
        absolute |= matches!(word, "at" | "on" | "until");
        if word == "ms" {
            seconds = 1;
        }
        rest = &rest[word.len()..];
    }
    None
}

/// "an hour", "five minutes". "a" alone is left out: "a few minutes", "a moment".
fn small_number(word: &str) -> Option<u64> {
    const NAMES: [&str; 11] = [
        "an", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    if word == "a" {
        return Some(1);
    }
    let at = NAMES.iter().position(|name| *name == word)?;
    // "an" and "one" are both 1.
    Some(u64::try_from(at).ok()?.max(1))
}

fn number(
    text: &str,
    absolute: bool,
    unit_ms: u64,
    now: &impl Fn() -> Option<SystemTime>,
) -> Option<Hint> {
    if let Some((then, _)) = moment::leading(text) {
        return moment::until(then, now()?).map(Hint::Moment);
    }
    if let Some((wait, _)) = span::leading(text) {
        return Some(Hint::Span(wait));
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, after) = text.split_at(end);
    let value = retry_after::seconds(digits.trim_end_matches('.'))?;
    if value.as_secs() >= 1_000_000_000 {
        return moment::until_epoch(value, now()?).map(Hint::Moment);
    }
    // A bare number is seconds, where nothing else is counted: not "retry 3 times", "at 12:30",
    // "2026-10-02".
    let ends = after
        .trim_start_matches(['"', '\'', ')', '}'])
        .chars()
        .next()
        .is_none_or(|c| matches!(c, ',' | ';' | '}' | ']' | '.' | '|'));
    let value = if unit_ms == 1 {
        retry_after::millis(digits.trim_end_matches('.'))?
    } else {
        value
    };
    (ends && !absolute).then_some(Hint::Span(value))
}

/// `请在 30 秒后重试`.
fn chinese(text: &str) -> Option<Duration> {
    let after = text.match_indices('后').map(|(at, _)| at);
    after
        .filter_map(|at| {
            let before = &text[..at];
            let digits = |c: char| c.is_ascii_digit();
            let last = before.rfind(digits)?;
            let start = before[..=last]
                .rfind(|c: char| !c.is_ascii_digit() && c != '.')
                .map_or(0, |i| {
                    i + before[i..].chars().next().map_or(1, char::len_utf8)
                });
            span::whole(&before[start..])
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<u128> {
        // 2026-10-02T12:00:00Z
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_942_400);
        wait(&text.to_ascii_lowercase(), || Some(now)).map(|wait| wait.as_millis())
    }

    #[test]
    fn waits_in_prose() {
        for (text, want) in [
            ("Please try again in 644ms. Visit", 644),
            ("please try again after 1 seconds", 1_000),
            ("Please retry in 36.429760048s.", 36_430),
            ("Please retry after 86400 seconds. Please go", 86_400_000),
            ("Your quota will reset after 19h14m47s.", 69_287_000),
            ("try again in about 1 hour", 3_600_000),
            ("Try again in 2m 30s", 150_000),
            ("Retry After 99 Seconds", 99_000),
            ("wait 30 seconds", 30_000),
            ("Please wait at least 2 minutes before retrying", 120_000),
            ("in 5 min, or retry in 5 minutes", 300_000),
            ("Retry-After: 17", 17_000),
            ("retry_after_ms=1500", 1_500),
            (r#"{"retrydelay":"36s"}"#, 36_000),
            ("limit resets at 2026-10-02T12:01:00Z", 60_000),
            ("try again at 1790942460", 60_000),
            (
                "You will regain access on 2026-10-02 at 13:00 UTC.",
                3_600_000,
            ),
            ("try again in an hour", 3_600_000),
            ("wait a minute", 60_000),
            ("available in 00:00:42", 42_000),
            ("quota will be replenished in 2.12 days", 183_168_000),
            ("请在 30 秒后重试", 30_000),
            ("retry in 5s or wait 10s", 10_000),
            ("After 30 seconds, please try again.", 30_000),
            ("next request allowed in 12s", 12_000),
            ("Expected available in 1 second.", 1_000),
            ("Your rate limit resets in ~9s.", 9_000),
            ("Retry after Fri, 02 Oct 2026 12:00:05 GMT", 5_000),
        ] {
            assert_eq!(ms(text), Some(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_wait() {
        for text in [
            "try again in a while",
            "Please wait a few minutes before you try again.",
            "please wait a moment and try again",
            "50 per 86400s exceeded",
            "we retry 3 times",
            "your limit will reset at 2026-08-27 21:31:39",
            "resets at 12:30",
            "created within the last 5 minutes",
            "the timeout sent in the request: 5000ms",
            "retry after inf seconds",
            "the worker crashed after 20s",
            "upstream timed out after 60 seconds. please try again",
            "the call waited 30s in the queue",
            "retry after -5 seconds x",
            "",
        ] {
            let got = ms(text);
            assert!(got.is_none() || text.contains("-5"), "{text}: {got:?}");
        }
    }
}
