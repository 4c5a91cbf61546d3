//! Cuts off what clients, proxies and gateways put in front of a provider's message.
//!
//! What they write, as seen in public issue threads (2023 to 2026):
//!
//! ```text
//! litellm.RateLimitError: AzureException RateLimitError - Error code: 429 - {...}
//! Provider returned error 403: ...                                        (OpenRouter)
//! [GoogleGenerativeAI Error]: Error fetching from https://...: [429 Too Many Requests] ...
//! got status: 429 Too Many Requests. {...}                                (google-genai)
//! error, status code: 429, status: 429 Too Many Requests, message: ...    (go-openai)
//! Client error: `POST https://...` resulted in a `429 Too Many Requests` response: ...
//! 429 Client Error: ...                                                   (requests)
//! An error occurred (ThrottlingException) when calling the Converse operation: ...
//! ```
//!
//! LiteLLM's exceptions: <https://docs.litellm.ai/docs/exception_mapping> (2026-09).
//!
//! A prefix consists of words that say nothing by themselves ("upstream error", "HTTP", a URL), of a
//! status, and of the name of an exception. The first other word ends the search, so "Rate limit
//! error: ..." stays whole.

/// A longer chain of prefixes is not looked at.
const ROUNDS: usize = 8;

/// A prefix of more bytes is prose; a URL in it does not count.
const LONGEST: usize = 160;

/// What stands in front of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Prefix<'a> {
    /// Its length in bytes.
    pub(crate) len: usize,
    /// The status it names: the innermost one.
    pub(crate) status: Option<u16>,
    /// The exception it names: the innermost one.
    pub(crate) exception: Option<&'a str>,
}

/// The prefixes of a message, all of them together.
pub(crate) fn of(text: &str) -> Prefix<'_> {
    let mut found = Prefix::default();
    for _ in 0..ROUNDS {
        let rest = &text[found.len..];
        let Some(next) = Reader::new(rest).prefix() else {
            break;
        };
        found.len += next.len;
        found.status = next.status.or(found.status);
        found.exception = next.exception.or(found.exception);
        if next.len == 0 {
            break;
        }
    }
    found
}

/// The length of tags in brackets that a text starts with: "[node 3] (eu) ". They may say something,
/// so they are no prefix; but what stands behind them opens the message too.
pub(crate) fn tags(text: &str) -> usize {
    const LONGEST: usize = 48;
    let mut rest = text;
    for _ in 0..3 {
        let close = match rest.as_bytes().first() {
            Some(b'[') => b']',
            Some(b'(') => b')',
            _ => break,
        };
        let near = rest.as_bytes()[1..].iter().take(LONGEST);
        let mut near = near.take_while(|b| !matches!(b, b'"' | b'\'' | b'`' | b'[' | b'(' | b'{'));
        let Some(width) = near.position(|b| *b == close) else {
            break;
        };
        let behind = rest[width + 2..].trim_start_matches([' ', ':']);
        if behind.is_empty() {
            break;
        }
        rest = behind;
    }
    text.len() - rest.len()
}

/// Words of prefixes. The marked ones make a prefix: "upstream error: ", but not "for the model: ".
const MARKS: [&str; 31] = [
    "error",
    "errors",
    "exception",
    "failed",
    "failure",
    "http",
    "https",
    "http/1.0",
    "http/1.1",
    "http/2",
    "status",
    "statuscode",
    "status_code",
    "code",
    "upstream",
    "returned",
    "message",
    "msg",
    "reason",
    "detail",
    "details",
    "cause",
    "caused",
    "body",
    "err",
    "responded",
    "errored",
    "fehler",
    "erreur",
    "erro",
    "errore",
];

const FILLERS: [&str; 75] = [
    "a",
    "an",
    "the",
    "api",
    "provider",
    "request",
    "requests",
    "server",
    "client",
    "internal",
    "unexpected",
    "unknown",
    "occurred",
    "from",
    "with",
    "response",
    "responses",
    "llm",
    "model",
    "gateway",
    "proxy",
    "got",
    "received",
    "in",
    "by",
    "on",
    "for",
    "to",
    "of",
    "when",
    "while",
    "calling",
    "fetching",
    "resulted",
    "operation",
    "post",
    "get",
    "url",
    "uri",
    "and",
    "was",
    "is",
    "has",
    "unhandled",
    "uncaught",
    "original",
    "inner",
    "nested",
    "remote",
    "backend",
    "service",
    "call",
    "chat",
    "completion",
    "completions",
    "stream",
    "streaming",
    "run",
    "task",
    "node",
    "execution",
    "generating",
    "processing",
    "during",
    "at",
    "openai",
    "anthropic",
    "azure",
    "gemini",
    "google",
    "googlegenerativeai",
    "vertex",
    "bedrock",
    "converse",
    "invokemodel",
];

/// In scripts without spaces the prefix is one word, up to its colon.
const OTHERS: [&str; 14] = [
    "错误",
    "請求失敗",
    "请求失败",
    "上游错误",
    "上游返回错误",
    "上游请求失败",
    "接口错误",
    "调用失败",
    "错误信息",
    "錯誤",
    "エラー",
    "上流エラー",
    "오류",
    "에러",
];

/// Status texts, without case.
const REASONS: [&str; 19] = [
    "bad request",
    "unauthorized",
    "payment required",
    "forbidden",
    "not found",
    "request timeout",
    "conflict",
    "payload too large",
    "request entity too large",
    "content too large",
    "unprocessable entity",
    "unprocessable content",
    "too many requests",
    "internal server error",
    "bad gateway",
    "service unavailable",
    "gateway timeout",
    "gateway time-out",
    "status code",
];

/// Reads one prefix.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Bytes of URLs, which do not count against the length.
    aside: usize,
    marked: bool,
    /// The last thing read was a status.
    after_status: bool,
    found: Prefix<'a>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            aside: 0,
            marked: false,
            after_status: false,
            found: Prefix::default(),
        }
    }

    fn prefix(mut self) -> Option<Prefix<'a>> {
        if let Some(found) = self.one_word() {
            return Some(found);
        }
        while self.at - self.aside <= LONGEST {
            self.skip([' ', '`', '\'', '"', '\n', '\r', '\t']);
            let first = self.at == 0;
            let Some(c) = self.rest().chars().next() else {
                return self.all();
            };
            match c {
                '[' | '(' => {
                    let closed = self.bracket(c)?;
                    // "[429] ...": a bracket in front needs no colon.
                    if first && closed {
                        self.skip([':']);
                        return self.end();
                    }
                }
                '0'..='9' => {
                    if !self.status() {
                        return None;
                    }
                }
                _ => self.word()?,
            }
            if self.separator() {
                return self.end();
            }
            self.skip([',']);
        }
        None
    }

    /// A message of nothing but these words, such as "Request failed with status code 429": it states
    /// a status, and stays.
    fn all(self) -> Option<Prefix<'a>> {
        self.found.status.map(|status| Prefix {
            status: Some(status),
            ..Prefix::default()
        })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip<const N: usize>(&mut self, chars: [char; N]) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(chars).len();
    }

    /// A word in front of its colon, in scripts without spaces.
    fn one_word(&self) -> Option<Prefix<'a>> {
        let word = OTHERS.iter().find(|word| self.text.starts_with(**word))?;
        let rest = self.text[word.len()..].trim_start();
        let rest = rest.strip_prefix([':', '：'])?.trim_start();
        let len = self.text.len() - rest.len();
        (!rest.is_empty()).then_some(Prefix { len, ..self.found })
    }

    /// Whether `[...]` or `(...)` holds nothing but words of prefixes; behind a mark, anything.
    fn bracket(&mut self, open: char) -> Option<bool> {
        let close = if open == '[' { ']' } else { ')' };
        let inside = &self.rest()[1..];
        let width = inside.char_indices().take(64).find(|(_, c)| *c == close)?.0;
        let mut inner = Self::new(&inside[..width]);
        let mut plain = width > 0;
        while plain && !inner.rest().is_empty() {
            plain = inner.status() || inner.word().is_some();
            inner.skip([' ', ',', ':', '-']);
        }
        if plain {
            self.found.status = inner.found.status.or(self.found.status);
            self.found.exception = inner.found.exception.or(self.found.exception);
        }
        let marked = plain && inner.marked;
        let more = &inside[width + 1..];
        // "[openai/gpt-4o] [429]: ...", a target in front of a status.
        let target = open == '['
            && inside[..width].contains('/')
            && !inside[..width].contains([' ', '"', '{'])
            && more.starts_with(" [4");
        if !(marked || target || (self.marked && open == '(')) {
            return None;
        }
        self.marked = true;
        self.at += width + 2;
        self.after_status = false;
        Some(marked || target)
    }

    /// A status, with its text: "429 Too Many Requests".
    fn status(&mut self) -> bool {
        let rest = self.rest();
        let width = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(status) = rest[..width].parse::<u16>() else {
            return false;
        };
        if width != 3 || !(400..600).contains(&status) {
            return false;
        }
        self.at += width;
        self.found.status = Some(status);
        self.marked = true;
        self.after_status = true;
        let after = self.rest();
        let reason = REASONS.iter().find(|reason| {
            let text = after.get(1..=reason.len());
            after.starts_with([' ', '-'])
                && text.is_some_and(|text| text.eq_ignore_ascii_case(reason))
                && !after[1 + reason.len()..].starts_with(char::is_alphanumeric)
        });
        self.at += reason.map_or(0, |reason| 1 + reason.len());
        true
    }

    /// A word of prefixes, an exception or a URL; `None` for any other.
    fn word(&mut self) -> Option<()> {
        let rest = self.rest();
        self.after_status = false;
        if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '`' | '\'' | '"'));
            let width = rest[..end?].trim_end_matches([':', ',']).len();
            self.at += width;
            self.aside += width;
            return Some(());
        }
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/');
        let end = rest.find(|c| !sound(c)).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches('.');
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
        if is(&MARKS) {
            self.marked = true;
        } else if let Some(name) = exception(word) {
            self.found.exception = Some(name);
            self.marked = true;
        } else if word.is_empty() || !(is(&FILLERS) || rest[end..].starts_with(" operation")) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// Whether the prefix ends here, in a colon or a dash. Behind a status a space is enough.
    fn separator(&mut self) -> bool {
        self.skip(['`', '\'', '"']);
        let rest = self.rest();
        if !self.marked {
            return false;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '{' | '[');
        for colon in [':', '：'] {
            if let Some(after) = rest.strip_prefix(colon) {
                self.at += colon.len_utf8();
                return colon == '：' || after.starts_with(ends);
            }
        }
        for dash in [" - ", " – ", " — ", " | ", " -> ", " => "] {
            if rest.starts_with(dash) {
                self.at += dash.len();
                return true;
            }
        }
        let sentence = rest.strip_prefix(". ").unwrap_or(rest);
        let next = sentence.trim_start().chars().next();
        let starts = next.is_some_and(|c| c.is_uppercase() || c == '{' || !c.is_ascii());
        let ended = self.after_status && rest.starts_with([' ', '.', '\n']) && starts;
        self.at += if ended {
            rest.len() - sentence.len()
        } else {
            0
        };
        ended
    }

    /// What is left must be a message: not the number of "error code: 1015".
    fn end(mut self) -> Option<Prefix<'a>> {
        let code = self.text[..self.at].trim_end_matches([' ', ':']);
        let code =
            code.len() >= 4 && code.as_bytes()[code.len() - 4..].eq_ignore_ascii_case(b"code");
        self.skip([' ', '\n', '\r', '\t']);
        // Python's bytes: b'{"error": ...}'.
        if self.rest().starts_with("b'{") {
            self.at += 2;
        }
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = code && digits > 0 && digits != 3;
        let empty = !rest.chars().take(256).any(char::is_alphabetic);
        self.found.len = self.at;
        (!number && !empty).then_some(self.found)
    }
}

/// The status that the SDKs of OpenAI and Anthropic, and LiteLLM after them, raise as this exception.
pub(crate) fn status_of(exception: &str) -> Option<u16> {
    Some(match exception {
        "AuthenticationError" => 401,
        "PermissionDeniedError" => 403,
        "RateLimitError" | "ResourceExhausted" => 429,
        "ServiceUnavailableError" | "OverloadedError" => 503,
        "Timeout" | "APITimeoutError" => 504,
        _ => return None,
    })
}

/// The last part of `openai.RateLimitError` and its like: a name in humps, or one in a path.
fn exception(word: &str) -> Option<&str> {
    const ENDS: [&str; 4] = ["Error", "Exception", "Exhausted", "Timeout"];
    let name = word.rsplit('.').next().unwrap_or(word);
    let long = |end: &str| name.len() > end.len() || name.len() < word.len();
    ENDS.iter()
        .any(|end| name.ends_with(end) && long(end))
        .then_some(name)
}

#[cfg(test)]
mod tests;
