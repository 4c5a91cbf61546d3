//! Reads what providers write in prose: spans, moments, limits, models.

mod clock;
mod date;
pub(crate) mod model;
pub(crate) mod moment;
mod number;
pub(crate) mod prefix;
pub(crate) mod span;
mod units;
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

/// The start of a text: at most so many bytes, cut between two characters.
pub(crate) fn start(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
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

/// The text in lower case, byte for byte: beyond ASCII, the letters of Western Europe only.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = |c: char| match c {
        // Each has its small letter 32 further on, except the sign of multiplication.
        '\u{c0}'..='\u{de}' if c != '×' => char::from_u32(u32::from(c) + 32).unwrap_or(c),
        c => c.to_ascii_lowercase(),
    };
    text.chars().map(lower).collect()
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
    fn lower_case_keeps_every_place() {
        let text = "RÉESSAYEZ × Ärger ß İ 后 ǅ";
        assert_eq!(lower(text), "réessayez × ärger ß İ 后 ǅ");
        assert_eq!(lower(text).len(), text.len());
    }

    #[test]
    fn white_space_and_quotes() {
        let mut out = String::new();
        tidy("\u{feff} It isn\u{2019}t\r\n  so \n", &mut out);
        assert_eq!(out, "It isn't so");
    }
}
