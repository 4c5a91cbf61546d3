//! Finds the first event of an event stream.

use std::ops::Range;

/// Splits a stream into lines and blocks as the
/// [specification](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
/// says: lines end in LF, CR or CRLF, and a blank line ends a block.
///
/// A block counts as an event when it has data. Comments and keep-alives are passed over: they come
/// while a provider still looks for a place to run the call. So are the events with which OpenAI's
/// Responses API says that it has taken a call on: one that fails says so behind them. A block of lines that belong to no
/// event stream counts too: some providers put a bare error there.
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
    /// The present block calls itself a keep-alive, or the like.
    keep_alive: bool,
}

impl Events {
    /// Reads on; returns where the first event lies, without the blank line's LF after a CR.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Option<Range<usize>> {
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                // A block begins after the whole of the line end before it.
                if self.block == self.read {
                    self.block += 1;
                }
                self.read += 1;
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            self.line.push(line);
            self.read += line.len();
            bytes = rest;
            if let Some((eol, rest)) = rest.split_first() {
                self.read += 1;
                self.after_cr = *eol == b'\r';
                bytes = rest;
                if self.end_of_line() {
                    return Some(self.block..self.read);
                }
            }
        }
        None
    }

    /// Where the block begins that was not complete.
    pub(super) const fn unfinished(&self) -> usize {
        self.block
    }

    /// Whether this line ends an event.
    fn end_of_line(&mut self) -> bool {
        let line = std::mem::take(&mut self.line);
        let first = !std::mem::replace(&mut self.first_line_over, true);
        match line.field(first) {
            Field::Blank if self.says && !self.keep_alive => return true,
            Field::Blank => {
                self.block = self.read;
                (self.says, self.keep_alive) = (false, false);
            }
            Field::Quiet => {}
            Field::KeepAlive => self.keep_alive = true,
            Field::Says => self.says = true,
        }
        false
    }
}

/// What a line is good for.
enum Field {
    /// It ends the block.
    Blank,
    /// A comment, or a field that carries no data.
    Quiet,
    /// It names the event as one that only keeps the connection open, or says that all is to come.
    KeepAlive,
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
            for (slot, byte) in room.iter_mut().zip(bytes) {
                *slot = *byte;
            }
        }
        self.len += bytes.len();
    }

    /// What the line is good for; the first one of a stream may begin with a byte order mark.
    fn field(&self, first: bool) -> Field {
        let mut line = &self.start[..self.len.min(Self::KEPT)];
        if first {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &[][..]),
        };
        match name {
            b"" if colon.is_none() => Field::Blank,
            b"" | b"id" | b"retry" => Field::Quiet,
            b"event" => match value.trim_ascii() {
                b"ping" | b"heartbeat" | b"keepalive" | b"keep-alive" => Field::KeepAlive,
                b"response.created" | b"response.queued" | b"response.in_progress" => {
                    Field::KeepAlive
                }
                _ => Field::Quiet,
            },
            b"data" if value.trim_ascii().is_empty() && self.len <= Self::KEPT => Field::Quiet,
            _ => Field::Says,
        }
    }
}

#[cfg(test)]
mod tests;
