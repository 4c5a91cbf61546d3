//! Sentences that stay on one line of a log, and names that leave room on it.

use std::fmt::{self, Display, Write};

use tollgate_core::Target;

/// So much of a name is written, in characters.
const NAME: usize = 200;

/// And so much of a sentence.
const SENTENCE: usize = 1_000;

/// The name of a target's model, or the beginning of it: it comes out of a request, and may be as long
/// as its caller likes.
pub(super) fn model(target: &Target) -> Option<&str> {
    target.model().map(name)
}

/// The beginning of a name.
pub(super) fn name(whole: &str) -> &str {
    start(whole, NAME)
}

fn start(text: &str, most: usize) -> &str {
    let end = text.char_indices().nth(most);
    end.map_or(text, |(end, _)| &text[..end])
}

/// Writes what it holds without control characters: a model's name comes out of a request, and must
/// not begin a line of its own. What is very long is cut.
pub(super) struct Plain<T>(pub(super) T);

impl<T: Display> Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut filter = Filter {
            to: f,
            left: SENTENCE,
        };
        write!(filter, "{}", self.0)
    }
}

struct Filter<'a, 'b> {
    to: &'a mut fmt::Formatter<'b>,
    /// How many characters may still come.
    left: usize,
}

impl Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let text = start(text, self.left);
        self.left -= text.chars().count();
        for part in text.split_inclusive(char::is_control) {
            let clean = part.strip_suffix(char::is_control);
            self.to.write_str(clean.unwrap_or(part))?;
            if clean.is_some() {
                self.to.write_char(char::REPLACEMENT_CHARACTER)?;
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
        let target = Target::new("groq", "é".repeat(1 << 20));
        assert_eq!(model(&target), Some(&*"é".repeat(NAME)));
        let sentence = Plain(format_args!("{target}: {}", "ok")).to_string();
        assert_eq!(sentence.chars().count(), SENTENCE);
    }
}
