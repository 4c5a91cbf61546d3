//! Reads what can be saved of JSON that is cut off, has stray commas, or is a Python `repr`.

use serde_json::{Map, Value};

/// Deeper nesting is not read.
const DEPTH: usize = 32;

/// Whatever the text holds before it breaks off. `Null` where that is nothing.
pub(super) fn read(text: &str) -> Value {
    let mut reader = Reader::new(text);
    reader.value(0).unwrap_or(Value::Null)
}

/// The object or list a text starts with, where it is whole, and its width.
pub(super) fn whole(text: &str) -> Option<(Value, usize)> {
    let mut reader = Reader::new(text);
    let value = reader.value(0)?;
    (!reader.cut).then_some((value, reader.at))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The text ended before a value did, or something was left out.
    cut: bool,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            cut: false,
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, c: char) {
        self.at += c.len_utf8();
    }

    fn skip_blanks(&mut self, also: char) {
        while let Some(c) = self.peek().filter(|&c| c.is_whitespace() || c == also) {
            self.skip(c);
        }
    }

    /// `None` where nothing whole is left.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks(',');
        if depth > DEPTH {
            self.at = self.text.len();
            self.cut = true;
            return None;
        }
        match self.peek()? {
            '{' => Some(self.object(depth)),
            '[' => Some(self.array(depth)),
            quote @ ('"' | '\'') => Some(Value::String(self.string(quote))),
            _ => self.literal(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut map = Map::new();
        self.skip('{');
        loop {
            self.skip_blanks(',');
            let key = match self.peek() {
                None => {
                    self.cut = true;
                    break;
                }
                Some('}') => {
                    self.skip('}');
                    break;
                }
                Some(quote @ ('"' | '\'')) => self.string(quote),
                // Not a key: step over it, so that the reader gets on.
                Some(c) => {
                    self.cut = true;
                    self.skip(c);
                    continue;
                }
            };
            self.skip_blanks(' ');
            if self.peek() != Some(':') {
                continue;
            }
            self.skip(':');
            self.skip_blanks(' ');
            if let Some(value) = self.value(depth + 1) {
                map.insert(key, value);
            }
        }
        Value::Object(map)
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        self.skip('[');
        loop {
            self.skip_blanks(',');
            match self.peek() {
                None => {
                    self.cut = true;
                    break;
                }
                Some(']') => {
                    self.skip(']');
                    break;
                }
                Some('}') => self.skip('}'),
                Some(_) => items.extend(self.value(depth + 1)),
            }
        }
        Value::Array(items)
    }

    /// A string up to its quote, or up to where the text ends.
    fn string(&mut self, quote: char) -> String {
        self.skip(quote);
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.skip(c);
            match c {
                '\\' => out.extend(self.escape()),
                c if c == quote => return out,
                c => out.push(c),
            }
        }
        self.cut = true;
        out
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.skip(c);
        Some(match c {
            'n' | 'r' | 't' => ' ',
            'u' => {
                let digits = self.rest().get(..4)?;
                let code = u32::from_str_radix(digits, 16).ok()?;
                self.at += 4;
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            c => c,
        })
    }

    /// A number or a word. One that the end cuts off may be longer in truth, so it is left out.
    fn literal(&mut self) -> Option<Value> {
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | ':');
        let Some(end) = rest.find(ends) else {
            self.at = self.text.len();
            self.cut = true;
            return None;
        };
        let word = rest[..end].to_owned();
        self.at += end.max(1).min(rest.len());
        if end == 0 {
            return None;
        }
        Some(match &*word {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" => Value::Null,
            number => serde_json::from_str(number).unwrap_or(Value::Null),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cut_anywhere() {
        let whole = r#"{"error":{"message":"a \"b\" c","code":429,"details":[{"x":"1s"}]}}"#;
        for end in 0..whole.len() {
            let _ = read(&whole[..end]);
        }
        assert_eq!(read(&whole[..25]), json!({"error":{"message":"a \""}}));
        assert_eq!(read(&whole[..42]), json!({"error":{"message":"a \"b\" c"}}));
    }

    #[test]
    fn stray_commas_and_python() {
        assert_eq!(read(r#"[{"a":1,,"b":[,2]},]"#), json!([{"a":1,"b":[2]}]));
        let repr = "{'error': {'code': '429', 'ok': True, 'param': None, 'm': \"it's\"}} tail";
        let want = json!({"error":{"code":"429","ok":true,"param":null,"m":"it's"}});
        assert_eq!(read(repr), want);
        assert!(read(&"[".repeat(9_000)).to_string().len() < 100);
        assert_eq!(read("}{:::"), Value::Null);
    }

    #[test]
    fn whole_or_not() {
        let repr = "{'error': {'code': '429', 'param': None}}";
        assert_eq!(
            whole(&format!("{repr} tail")).map(|(_, end)| end),
            Some(repr.len())
        );
        for end in 0..repr.len() {
            assert_eq!(whole(&repr[..end]), None, "{end}");
        }
        for text in ["{'a': 1 b}", "{a}", "[1, 2", "{'a': [1}", "{'a': 'b}"] {
            assert_eq!(whole(text), None, "{text}");
        }
        assert_eq!(whole(&"[".repeat(9_000)), None);
    }
}
