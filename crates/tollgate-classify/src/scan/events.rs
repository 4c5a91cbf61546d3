//! Splits an event stream into its events.

use memchr::memchr2;

use super::{Found, Kind};
use crate::opening;

/// Splits a stream into lines and blocks as the
/// [specification](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
/// says: lines end in LF, CR or CRLF, and a blank line ends a block.
///
/// A block is an event when it has data; its name tells whether it only [opens](crate::opening) the stream,
/// or keeps it open. Comments are passed over: they come while a provider still looks for a place to run
/// the call. A block of lines that belong to no event stream is an event too: some providers put a bare
/// error there.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// How many bytes were read.
    read: usize,
    /// Where the present block begins.
    block: usize,
    /// The present line.
    line: Line,
    /// A line after the first may not begin with a byte order mark.
    first_line_over: bool,
    /// The last byte was a CR: an LF after it ends no line of its own.
    after_cr: bool,
    /// The present block says something.
    says: bool,
    /// What the present block calls itself.
    kind: Kind,
    /// The present block calls itself an error.
    fails: bool,
    /// An event had an identifier, to go on from there in another stream.
    resumes: bool,
}

impl Events {
    /// Reads on, to the end of the next event. What was read is cut off from `bytes`. The LF of a CRLF
    /// that ends an event is no part of it.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Found> {
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                // A block begins after the whole of the line end before it.
                if self.block == self.read {
                    self.block += 1;
                }
                self.read += 1;
                *bytes = &bytes[1..];
                continue;
            }
            let end = memchr2(b'\n', b'\r', bytes);
            let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            self.line.push(line);
            self.read += line.len();
            *bytes = rest;
            if let Some((eol, rest)) = rest.split_first() {
                self.read += 1;
                self.after_cr = *eol == b'\r';
                *bytes = rest;
                if let Some(event) = self.end_of_line() {
                    return Some(event);
                }
            }
        }
        None
    }

    /// How many bytes were read.
    pub(super) const fn read(&self) -> usize {
        self.read
    }

    /// Whether the block that is not complete has data, or begins to have some.
    pub(super) fn is_within(&self) -> bool {
        let line = || matches!(self.line.field(false), Field::Says);
        self.kind == Kind::Event && (self.says || (self.line.len > 0 && line()))
    }

    /// Whether the stream may be resumed where it ended.
    pub(super) const fn resumes(&self) -> bool {
        self.resumes
    }

    /// Where the block begins that is not complete.
    pub(super) const fn unfinished(&self) -> usize {
        self.block
    }

    /// What is left at the end of the stream, if it says something. Some servers leave out the last
    /// blank line.
    pub(super) fn rest(&mut self) -> Option<Found> {
        self.end_of_line().or_else(|| self.end_of_line())
    }

    /// The event that this line ends.
    fn end_of_line(&mut self) -> Option<Found> {
        let line = std::mem::take(&mut self.line);
        let first = !std::mem::replace(&mut self.first_line_over, true);
        match line.field(first) {
            Field::Blank => {
                let range = std::mem::replace(&mut self.block, self.read)..self.read;
                let kind = std::mem::take(&mut self.kind);
                let fails = std::mem::take(&mut self.fails);
                let says = std::mem::take(&mut self.says) || kind == Kind::KeepAlive;
                return says.then_some(Found { range, kind, fails });
            }
            Field::Quiet => {}
            Field::Id => self.resumes = true,
            Field::Named(kind) => self.kind = kind,
            Field::Fails => self.fails = true,
            Field::Says => self.says = true,
        }
        None
    }
}

/// What a line is good for.
enum Field {
    /// It ends the block.
    Blank,
    /// A comment, or a field that carries no data.
    Quiet,
    /// An identifier.
    Id,
    /// It names the event as one that only opens the stream, or keeps it open.
    Named(Kind),
    /// It names the event as an error.
    Fails,
    /// Data, or something that does not belong into an event stream.
    Says,
}

/// The start of a line: enough to tell its field.
#[derive(Debug, Default)]
struct Line {
    len: usize,
    start: [u8; Self::KEPT],
}

impl Line {
    const KEPT: usize = 32;

    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.start.get_mut(self.len..) {
            let len = room.len().min(bytes.len());
            room[..len].copy_from_slice(&bytes[..len]);
        }
        self.len += bytes.len();
    }

    /// What the line is good for; the first one of a stream may begin with a byte order mark.
    fn field(&self, first: bool) -> Field {
        let mut line = &self.start[..self.len.min(Self::KEPT)];
        if first {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        // What nearly all lines are.
        if line.len() > 6 && line.starts_with(b"data: ") && line[6] > b' ' {
            return Field::Says;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &[][..]),
        };
        match name {
            b"" if colon.is_none() => Field::Blank,
            b"id" => Field::Id,
            b"" | b"retry" => Field::Quiet,
            b"event" => match value.trim_ascii() {
                name if opening::is_keep_alive(name) => Field::Named(Kind::KeepAlive),
                name if opening::is_name(name) => Field::Named(Kind::Opening),
                name if is_failure(name) => Field::Fails,
                _ => Field::Quiet,
            },
            b"data" if value.trim_ascii().is_empty() && self.len <= Self::KEPT => Field::Quiet,
            _ => Field::Says,
        }
    }
}

/// `error`, `stream_error`, `response.failed`, `throttlingException`.
fn is_failure(name: &[u8]) -> bool {
    let end = |words: &[u8]| {
        let at = name.len().checked_sub(words.len());
        at.is_some_and(|at| name[at..].eq_ignore_ascii_case(words))
    };
    end(b"error") || end(b"failed") || end(b"exception")
}

#[cfg(test)]
mod tests;
