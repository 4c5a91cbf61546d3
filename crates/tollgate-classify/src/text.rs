//! Reads what providers write in prose: spans, moments, limits, models.

pub(crate) mod model;
pub(crate) mod moment;
pub(crate) mod span;
pub(crate) mod waits;
pub(crate) mod words;

/// Two names are the same but for case, `_`, `-`, `.` and spaces: `RateLimitReached` and
/// `rate_limit_reached`.
pub(crate) fn same(a: &str, b: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> {
        let filler = |b: &u8| !matches!(b, b'_' | b'-' | b'.' | b' ');
        text.bytes().filter(filler).map(|b| b.to_ascii_lowercase())
    }
    letters(a).eq(letters(b))
}

/// One line of plain text: runs of white space become one space, typographic quotes become plain.
pub(crate) fn tidy(text: &str, into: &mut String) {
    let mut gap = false;
    for c in text.trim_start_matches('\u{feff}').trim().chars() {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            into.push(' ');
        }
        into.push(match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            c => c,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_spelling() {
        assert!(same("RateLimitReached", "rate_limit_reached"));
        assert!(same("resource-exhausted", "RESOURCE_EXHAUSTED"));
        assert!(!same("rate_limit", "rate_limits"));
    }

    #[test]
    fn white_space_and_quotes() {
        let mut out = String::new();
        tidy("\u{feff} It isn\u{2019}t\r\n  so \n", &mut out);
        assert_eq!(out, "It isn't so");
    }
}
