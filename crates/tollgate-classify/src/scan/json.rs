//! Finds the end of a JSON object without reading what is in it.

/// Where in the text the scan is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// Before the first brace.
    #[default]
    Start,
    /// After the first brace, before the first name.
    Opened,
    /// Between strings.
    Between,
    /// In a string.
    String,
    /// After a backslash in a string.
    Escape,
    /// This is no JSON object, so that all of the text counts; or the object is over.
    Text,
}

/// Counts braces outside of strings.
///
/// An object whose end was seen needs no end of the body: some servers keep the connection open
/// after their last word.
#[derive(Debug, Default)]
pub(crate) struct Json {
    at: At,
    depth: usize,
    read: usize,
}

impl Json {
    /// Reads on; returns the length of the object when its last brace is there.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.at == At::Text {
            return None;
        }
        for (i, byte) in bytes.iter().enumerate() {
            self.step(*byte);
            if self.depth == 0 && self.at == At::Between {
                self.at = At::Text;
                return Some(self.read + i + 1);
            }
        }
        self.read += bytes.len();
        None
    }

    fn step(&mut self, byte: u8) {
        self.at = match (self.at, byte) {
            (at @ (At::Start | At::Opened), b' ' | b'\t' | b'\r' | b'\n') => at,
            // Gemini streams an array; its first object is enough.
            (At::Start, b'[') => At::Start,
            (At::Start, b'{') => {
                self.depth = 1;
                At::Opened
            }
            // Only an object begins so; a message may begin with any brace.
            (At::Opened, b'"') => At::String,
            (At::Start | At::Opened | At::Text, _) => At::Text,
            (At::Between, b'{') => {
                self.depth += 1;
                At::Between
            }
            (At::Between, b'}') => {
                self.depth -= 1;
                At::Between
            }
            (At::Between, b'"') => At::String,
            (At::Between, _) => At::Between,
            (At::String, b'"') => At::Between,
            (At::String, b'\\') => At::Escape,
            (At::String | At::Escape, _) => At::String,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<usize> {
        let whole = Json::default().feed(text.as_bytes());
        let mut bytewise = Json::default();
        let found = text.bytes().find_map(|byte| bytewise.feed(&[byte]));
        assert_eq!(whole, found, "{text}");
        whole
    }

    #[test]
    fn ends_of_objects() {
        for text in [
            r#"{"a":1}"#,
            r#" {"a":{"b":[{}]}}"#,
            "\r\n{\n \"a\":\"}\\\"}\\\\\"}",
            r#"{"a":"{"}"#,
        ] {
            assert_eq!(end(text), Some(text.len()), "{text}");
            assert_eq!(
                end(&format!("{text} and more }}")),
                Some(text.len()),
                "{text}"
            );
            assert_eq!(end(&text[..text.len() - 1]), None, "{text}");
        }
    }

    #[test]
    fn all_else_is_read_to_its_end() {
        for text in [
            "",
            "error code: 1015",
            "[{}]",
            "{} ",
            "{'a': '}'}",
            "{limit} of 5",
            "\"{}\"",
        ] {
            assert_eq!(end(text), None, "{text}");
        }
    }
}
