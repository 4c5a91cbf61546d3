//! Finds the model in an upload: the field `model` of `multipart/form-data`, as calls with files have
//! it (<https://www.rfc-editor.org/rfc/rfc7578>).

use std::{borrow::Cow, ops::Range};

use http::{HeaderMap, header};

use super::BadBody;

/// The longest boundary that is allowed (RFC 2046, 5.1.1).
const LONGEST: usize = 70;

/// What separates the parts of a body, where it is a form. `Some(Err)` where it is one that cannot
/// be read.
pub(super) fn boundary(headers: &HeaderMap) -> Option<Result<Cow<'_, str>, BadBody>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let found = parameter(parameters, "boundary");
    let found = found.filter(|found| (1..=LONGEST).contains(&found.len()));
    Some(found.ok_or(BadBody::BadForm))
}

/// Where the value of the field `model` lies.
pub(super) fn model(body: &[u8], boundary: &str) -> Result<Range<usize>, BadBody> {
    let mut model = None;
    let mut parts = Parts::new(body, boundary).ok_or(BadBody::BadForm)?;
    loop {
        let part = match parts.next() {
            Ok(None) => break,
            Ok(Some(part)) => part,
            Err(()) => return Err(BadBody::BadForm),
        };
        let (head, value) = split(body, part).ok_or(BadBody::BadForm)?;
        if !is_model(head) {
            continue;
        }
        if model.replace(value).is_some() {
            return Err(BadBody::TwoModels);
        }
    }
    let model = model.ok_or(BadBody::NoModel)?;
    match std::str::from_utf8(&body[model.clone()]) {
        Ok(_) => Ok(model),
        Err(_) => Err(BadBody::ModelIsNoText),
    }
}

/// The parts of a form, from delimiter to delimiter.
struct Parts<'a> {
    body: &'a [u8],
    delimiter: String,
    /// Behind the delimiter that was read last.
    at: usize,
}

impl<'a> Parts<'a> {
    /// `None` where no delimiter is in the body.
    fn new(body: &'a [u8], boundary: &str) -> Option<Self> {
        let mut parts = Self {
            body,
            delimiter: format!("\r\n--{boundary}"),
            at: 0,
        };
        // The first one may stand at the very start, without a line before it.
        let first = &parts.delimiter.as_bytes()[2..];
        parts.at = match body.starts_with(first) {
            true => first.len(),
            false => parts.find()? + parts.delimiter.len(),
        };
        Some(parts)
    }

    /// The next part: headers and value. An error where the form breaks off.
    fn next(&mut self) -> Result<Option<Range<usize>>, ()> {
        let rest = &self.body[self.at..];
        if rest.starts_with(b"--") {
            return Ok(None);
        }
        // White space may follow a delimiter on its line, whose end may be the start of the next one.
        self.at += line_end(rest).ok_or(())?;
        let start = self.at + 2;
        let end = self.find().ok_or(())?;
        self.at = end + self.delimiter.len();
        Ok(Some(start..end.max(start)))
    }

    fn find(&self) -> Option<usize> {
        let delimiter = self.delimiter.as_bytes();
        let mut at = self.at;
        loop {
            at += self.body[at..].iter().position(|b| *b == b'\r')?;
            let rest = self.body[at..].strip_prefix(delimiter);
            // A longer line that begins alike is a part of the value.
            if rest.is_some_and(|rest| rest.starts_with(b"--") || line_end(rest).is_some()) {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// How much white space stands before the end of a line, where nothing else does.
fn line_end(rest: &[u8]) -> Option<usize> {
    let blank = rest.iter().take_while(|b| matches!(b, b' ' | b'\t'));
    let blank = blank.count();
    rest[blank..].starts_with(b"\r\n").then_some(blank)
}

/// The headers of a part and where its value lies.
fn split(body: &[u8], part: Range<usize>) -> Option<(&str, Range<usize>)> {
    let text = &body[part.clone()];
    // A part may have no headers at all.
    let (head, value) = match text.starts_with(b"\r\n") {
        true => (0, 2),
        false => {
            let end = text.windows(4).position(|four| four == b"\r\n\r\n")?;
            (end, end + 4)
        }
    };
    let head = std::str::from_utf8(&text[..head]).ok()?;
    Some((head, part.start + value..part.end))
}

/// Whether these are the headers of a plain field called `model`.
fn is_model(head: &str) -> bool {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let disposition =
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let Some((_, value)) = disposition else {
        return false;
    };
    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
    kind.trim().eq_ignore_ascii_case("form-data")
        && parameter(parameters, "name").is_some_and(|name| name == "model")
        && parameter(parameters, "filename").is_none()
}

/// A parameter of a header, with or without quotes.
fn parameter<'a>(mut rest: &'a str, name: &str) -> Option<Cow<'a, str>> {
    loop {
        let (own, value) = rest.split_once('=')?;
        let own = own.trim_matches(|c: char| c == ';' || c.is_whitespace());
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => {
                let mut escaped = false;
                let end = quoted.find(|c| match (c, escaped) {
                    ('"', false) => true,
                    (c, was) => {
                        escaped = c == '\\' && !was;
                        false
                    }
                })?;
                (unescaped(&quoted[..end]), &quoted[end + 1..])
            }
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (Cow::Borrowed(value[..end].trim()), &value[end..])
            }
        };
        if own.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

fn unescaped(quoted: &str) -> Cow<'_, str> {
    if !quoted.contains('\\') {
        return Cow::Borrowed(quoted);
    }
    let mut out = String::with_capacity(quoted.len());
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        out.extend(match letter {
            '\\' => letters.next(),
            letter => Some(letter),
        });
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
