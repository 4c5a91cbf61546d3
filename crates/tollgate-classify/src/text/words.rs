//! Finds out which limit a text speaks of: "30,000 input tokens per minute",
//! `GenerateRequestsPerDayPerProject`, "TPM", "queries per second", "concurrent requests".

mod foreign;

use tollgate_core::{LimitKind, Window};

use super::{span, start};

/// What a text says about a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Named {
    pub(crate) limit: Option<LimitKind>,
    pub(crate) window: Option<Window>,
}

/// Cuts a text into words: also at `_`, at the humps of `CamelCase`, and between digits and letters.
/// A slash is a word of its own.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut start = 0;
    for i in 0..bytes.len() {
        let b = bytes[i];
        if b == b'/' {
            words.push(&text[i..=i]);
        }
        if !b.is_ascii_alphanumeric() {
            start = i + 1;
            continue;
        }
        let ends = bytes.get(i + 1).is_none_or(|&next| {
            let hump = b.is_ascii_lowercase() && next.is_ascii_uppercase();
            let acronym = b.is_ascii_uppercase()
                && next.is_ascii_uppercase()
                && bytes.get(i + 2).is_some_and(u8::is_ascii_lowercase);
            // "TPMs" and "RPMs" stay whole.
            let acronym = acronym && bytes.get(i + 2) != Some(&b's');
            !next.is_ascii_alphanumeric()
                || hump
                || acronym
                || b.is_ascii_digit() != next.is_ascii_digit()
        });
        if ends {
            words.push(&text[start..=i]);
            start = i + 1;
        }
    }
    words
}

/// A longer text names its limit in front.
const LONGEST: usize = 4 * 1024;

/// The limit a text speaks of.
pub(crate) fn named(text: &str) -> Named {
    let text = start(text, LONGEST);
    let words = split(text);
    if let Some(limit) = concurrency(&words) {
        return Named {
            limit: Some(limit),
            window: None,
        };
    }
    let spelled = spelled(&words);
    let short = abbreviated(&words);
    let window = spelled
        .window
        .or(short.map(|(_, window)| window))
        .or_else(|| (0..words.len()).find_map(|i| adverb(&words, i)))
        .or_else(|| (0..words.len()).find_map(|i| beside_limit(&words, i)));
    let limit = spelled
        .limit
        .or(short
            .and_then(|(limit, _)| limit)
            .filter(|_| !spelled.mixed))
        .or_else(|| beside(&words).filter(|_| !spelled.mixed));
    let found = Named { limit, window };
    if window.is_some() {
        return found;
    }
    let other = foreign::named(text);
    if other.limit == Some(LimitKind::Concurrency) {
        return other;
    }
    Named {
        limit: limit.or(other.limit),
        window: other.window,
    }
}

fn is(word: &str, any: &[&str]) -> bool {
    any.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn concurrency(words: &[&str]) -> Option<LimitKind> {
    const NAMES: [&str; 8] = [
        "concurrent",
        "concurrently",
        "concurrency",
        "simultaneous",
        "simultaneously",
        "parallel",
        "inflight",
        "parallelism",
    ];
    let pair = |pair: &[&str]| is(pair[0], &["in"]) && is(pair[1], &["flight"]);
    let many = |pair: &[&str]| is(pair[0], &["many", "maximum"]) && is(pair[1], &["connections"]);
    let found = words.iter().any(|word| is(word, &NAMES))
        || words.windows(2).any(pair)
        || words.windows(2).any(many);
    found.then_some(LimitKind::Concurrency)
}

#[derive(Default)]
struct Spelled {
    limit: Option<LimitKind>,
    window: Option<Window>,
    mixed: bool,
}

/// "N things per window", the first one that names things.
fn spelled(words: &[&str]) -> Spelled {
    let mut found = Spelled::default();
    for i in 0..words.len() {
        let Some(Length(window)) = per(words, i) else {
            continue;
        };
        match things_before(words, i) {
            Things::One(limit) => {
                found.limit = Some(limit);
                found.window = window;
                return found;
            }
            Things::Several => {
                found.mixed = true;
                found.window = found.window.or(window);
            }
            Things::None => found.window = found.window.or(window),
        }
    }
    found
}

/// A length of time, which need not be one of the windows: "per 10 seconds".
struct Length(Option<Window>);

/// The length that starts with the word at `i`: "per minute", "/ min", "per 60 seconds", "every 24
/// hours", `ByDay`.
fn per(words: &[&str], i: usize) -> Option<Length> {
    // "exceeds the frequency limit `20` for a second", as Tencent Cloud writes it.
    if is(words[i], &["for"]) && i >= 2 && is(words[i - 2], &["limit"]) {
        let number = words[i - 1].bytes().all(|b| b.is_ascii_digit());
        let article = words.get(i + 1).is_some_and(|word| is(word, &["a", "an"]));
        let window = words.get(i + 2).and_then(|word| unit(word));
        return window
            .filter(|_| number && article)
            .map(|window| Length(Some(window)));
    }
    if !is(
        words[i],
        &["per", "/", "by", "every", "within", "each", "a", "an", "in"],
    ) {
        return None;
    }
    let loose = is(words[i], &["a", "an", "in", "within"]);
    let next = *words.get(i + 1)?;
    if let Ok(count) = next.parse::<u64>() {
        let unit = *words.get(i + 2)?;
        // "in 20 s" is a wait, unless things are counted: "100 requests in 60 seconds".
        if is(words[i], &["in", "within"]) && things_at(words, i).is_none() {
            return None;
        }
        let (nanos, width) = span::unit(unit)?;
        let seconds = u128::from(count).saturating_mul(nanos) / 1_000_000_000;
        return (width == unit.len()).then(|| Length(of_seconds(seconds)));
    }
    // "10 requests a minute", but not "wait a minute".
    if loose && (is(words[i], &["in", "within"]) || things_at(words, i).is_none()) {
        return None;
    }
    if !is(words[i], &["/", "per"]) && next.len() < 3 {
        return None;
    }
    unit(next).map(|window| Length(Some(window)))
}

fn unit(word: &str) -> Option<Window> {
    const UNITS: [(Window, &[&str]); 5] = [
        (Window::Second, &["second", "seconds", "sec", "secs", "s"]),
        (Window::Minute, &["minute", "minutes", "min", "mins", "m"]),
        (Window::Hour, &["hour", "hours", "hr", "h"]),
        (Window::Day, &["day", "days", "d"]),
        (Window::Month, &["month", "months", "mo"]),
    ];
    let found = UNITS.iter().find(|(_, names)| is(word, names));
    found.map(|(window, _)| *window)
}

/// The window of a length, where it has a name.
pub(crate) fn of_seconds(seconds: u128) -> Option<Window> {
    Some(match seconds {
        1 => Window::Second,
        60 => Window::Minute,
        3_600 => Window::Hour,
        86_400 => Window::Day,
        // 28 to 31 days.
        2_419_200 | 2_505_600 | 2_592_000 | 2_678_400 => Window::Month,
        _ => return None,
    })
}

fn thing(word: &str) -> Option<LimitKind> {
    const REQUESTS: [&str; 11] = [
        "request",
        "requests",
        "req",
        "reqs",
        "query",
        "queries",
        "call",
        "calls",
        "message",
        "messages",
        "invocations",
    ];
    if is(word, &["token", "tokens"]) {
        Some(LimitKind::Tokens)
    } else if is(word, &REQUESTS) {
        Some(LimitKind::Requests)
    } else if is(word, &["image", "images"]) {
        Some(LimitKind::Images)
    } else {
        None
    }
}

/// The kind at `i`, with what stands before it: "input tokens".
fn kind(words: &[&str], i: usize) -> Option<LimitKind> {
    let kind = thing(words[i])?;
    if kind != LimitKind::Tokens || i == 0 {
        return Some(kind);
    }
    Some(if is(words[i - 1], &["input", "prompt"]) {
        LimitKind::InputTokens
    } else if is(words[i - 1], &["output", "completion", "generated"]) {
        LimitKind::OutputTokens
    } else {
        kind
    })
}

fn things_at(words: &[&str], end: usize) -> Option<LimitKind> {
    kind(words, end.checked_sub(1)?)
}

enum Things {
    None,
    One(LimitKind),
    /// "6 queries and 180000 tokens per minute" does not tell which.
    Several,
}

fn things_before(words: &[&str], per: usize) -> Things {
    let from = per.saturating_sub(7);
    let Some(last) = (from..per).rev().find(|&i| thing(words[i]).is_some()) else {
        return Things::None;
    };
    let found = kind(words, last);
    let joined = |i: usize| is(words[i], &["and", "or"]);
    if let Some(and) = (from..last).rev().find(|&i| joined(i)) {
        let other = (from..and).rev().find_map(|i| thing(words[i]));
        if other.is_some_and(|other| Some(other) != thing(words[last])) {
            return Things::Several;
        }
    }
    found.map_or(Things::None, Things::One)
}

/// The first abbreviation; "3 RPM and 10K TPM" does not tell which.
fn abbreviated(words: &[&str]) -> Option<(Option<LimitKind>, Window)> {
    let mut all = words
        .iter()
        .filter_map(|word| abbreviation(word.as_bytes()));
    let (limit, window) = all.next()?;
    let one = all.all(|(other, _)| other == limit);
    Some((one.then_some(limit), window))
}

/// "RPM", "tpd", "ITPM": what is counted, and over how long.
pub(crate) fn abbreviation(word: &[u8]) -> Option<(LimitKind, Window)> {
    let plural = word
        .last()
        .is_some_and(|last| last.eq_ignore_ascii_case(&b's'));
    let word = &word[..word.len() - usize::from(plural && word.len() > 3)];
    if !(3..=4).contains(&word.len()) {
        return None;
    }
    let (kind, per) = word.split_at(word.len() - 2);
    let window = match per.to_ascii_lowercase().as_slice() {
        b"ps" => Window::Second,
        b"pm" => Window::Minute,
        b"ph" => Window::Hour,
        b"pd" => Window::Day,
        _ => return None,
    };
    // "it pm" can not be: these are whole words.
    let kind = match kind.to_ascii_lowercase().as_slice() {
        b"r" | b"q" => LimitKind::Requests,
        b"t" => LimitKind::Tokens,
        b"it" => LimitKind::InputTokens,
        b"ot" => LimitKind::OutputTokens,
        b"i" => LimitKind::Images,
        _ => return None,
    };
    Some((kind, window))
}

/// "daily", "this month", "today".
fn adverb(words: &[&str], i: usize) -> Option<Window> {
    const ADVERBS: [(&str, Window); 7] = [
        ("daily", Window::Day),
        ("today", Window::Day),
        ("tomorrow", Window::Day),
        ("midnight", Window::Day),
        ("monthly", Window::Month),
        ("hourly", Window::Hour),
        ("minutely", Window::Minute),
    ];
    let found = ADVERBS.iter().find(|(name, _)| is(words[i], &[name]));
    let this = || {
        is(words[i], &["this", "current"])
            .then(|| unit(words.get(i + 1)?))
            .flatten()
    };
    found.map(|(_, window)| *window).or_else(this)
}

/// A length beside a word of limiting: "24-hour window", "your 1h limit", "minute rate limit", "over
/// the last 24 hours".
fn beside_limit(words: &[&str], i: usize) -> Option<Window> {
    const LIMIT: [&str; 7] = [
        "window", "limit", "limits", "quota", "period", "rate", "cap",
    ];
    const SINCE: [&str; 5] = ["last", "past", "previous", "rolling", "any"];
    let window = unit(words[i])?;
    let next = words.get(i + 1);
    let limits = next.is_some_and(|next| is(next, &LIMIT));
    let count = i.checked_sub(1).map_or("", |at| words[at]);
    if let Ok(count) = count.parse::<u64>() {
        let since = i >= 2 && is(words[i - 2], &SINCE);
        let length = u128::from(window.length().as_secs()) * u128::from(count);
        return of_seconds(length).filter(|_| limits || since);
    }
    // "day limit", but not "s limit" of "today's limit".
    (limits && words[i].len() >= 3).then_some(window)
}

/// Things beside a word of limiting: "token rate limit", "too many tokens", "limit for requests".
fn beside(words: &[&str]) -> Option<LimitKind> {
    const AFTER: [&str; 7] = [
        "limit", "limits", "limited", "quota", "rate", "volume", "count",
    ];
    const BEFORE: [&str; 3] = ["many", "of", "excessive"];
    const LIMIT: [&str; 7] = [
        "limit", "limits", "quota", "reached", "exceeded", "rate", "maximum",
    ];
    const SPENT: [&str; 5] = ["exceeded", "reached", "used", "exhausted", "left"];
    let near = |i: usize| {
        let after = words[i + 1..].iter().take(2).any(|word| is(word, &AFTER));
        let many = (1..=2).any(|back| {
            i.checked_sub(back).is_some_and(|at| {
                is(words[at], &BEFORE[..1])
                    || is(words[at], &["number"])
                    || (is(words[at], &BEFORE[1..2]) && at > 0 && is(words[at - 1], &["number"]))
                    || is(words[at], &BEFORE[2..])
            })
        });
        // "limit reached for Token Plan" is a plan's, whatever it counts.
        let plural = words[i].ends_with(['s', 'S']);
        // "limit for requests", "limit of 100 requests".
        let counted = i >= 1 && words[i - 1].bytes().all(|b| b.is_ascii_digit());
        let at = i - usize::from(counted);
        let on = plural
            && at >= 2
            && is(words[at - 1], &["for", "on", "of"])
            && is(words[at - 2], &LIMIT);
        // `online_prediction_requests_per_base_model`
        let per = plural && words.get(i + 1).is_some_and(|next| is(next, &["per"]));
        let spent = plural && words.get(i + 1).is_some_and(|next| is(next, &SPENT));
        after || many || on || per || spent
    };
    (0..words.len())
        .filter(|&i| thing(words[i]).is_some())
        // "the number of request tokens" counts tokens.
        .filter(|&i| words.get(i + 1).is_none_or(|next| thing(next).is_none()))
        .find(|&i| near(i))
        .and_then(|i| kind(words, i))
}

#[cfg(test)]
mod tests;
