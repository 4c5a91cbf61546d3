//! Sentences that stay on one line of a log.

use std::fmt::{self, Display, Write};

/// Writes what it holds without control characters: a model's name comes out of a request, and must
/// not begin a line of its own.
pub(super) struct Plain<T>(pub(super) T);

impl<T: Display> Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Filter(f), "{}", self.0)
    }
}

struct Filter<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            let clean = part.strip_suffix(char::is_control);
            self.0.write_str(clean.unwrap_or(part))?;
            if clean.is_some() {
                self.0.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        let text = Plain("a\nERROR forged\r\u{1b}[0m").to_string();
        assert_eq!(text, "a\u{fffd}ERROR forged\u{fffd}\u{fffd}[0m");
        assert_eq!(Plain("groq (m): ok").to_string(), "groq (m): ok");
    }
}
