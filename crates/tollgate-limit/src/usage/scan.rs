//! Looks for the few keys that matter in the bytes of an answer.
//!
//! No JSON is parsed until an object of counts is found, and no format is known: the same search
//! serves documents, events, lines and binary frames. What a model writes about usage is no key: its
//! quotes are escaped, so that there is a backslash before the closing one.

use memchr::{memchr2, memchr3};

use super::{
    counts::Counts,
    encoded::Encoded,
    keys::{self, Begun, Kind},
    object::{LONGEST, Nesting},
    seen::Seen,
};

/// Where in an answer a search stands.
#[derive(Debug)]
pub(super) struct Scan {
    state: State,
    /// The beginning of an object that did not come whole.
    held: Vec<u8>,
    /// What is in base64 is searched too.
    inner: Option<Box<Inner>>,
    /// Whether to look into base64.
    frames: bool,
}

/// A search in what is decoded.
#[derive(Debug)]
struct Inner {
    encoded: Encoded,
    scan: Scan,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// For a key.
    Search,
    /// In a key that was cut.
    Key(Begun),
    /// Between a key and its colon.
    Colon(Kind),
    /// Between a colon and its value.
    Value(Kind),
    /// In an object of counts.
    Counts(Nesting),
    /// In a number of tokens.
    Number(Kind, u64),
    /// In a text, perhaps behind a backslash.
    Text { escaped: bool },
    /// In base64.
    Encoded,
}

impl Scan {
    /// At the beginning of an answer; in `frames`, base64 is looked into.
    pub(super) const fn new(frames: bool) -> Self {
        Self {
            state: State::Search,
            held: Vec::new(),
            inner: None,
            frames,
        }
    }

    /// How many bytes are kept of an object.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Reads the next bytes.
    pub(super) fn read(&mut self, chunk: &[u8], seen: &mut Seen) {
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Search => self.search(chunk, at),
                State::Key(begun) => self.key(begun, chunk, at),
                State::Colon(kind) => self.colon(kind, chunk, at),
                State::Value(kind) => self.value(kind, chunk, at),
                State::Counts(nesting) => self.counts(nesting, chunk, at, seen),
                State::Number(kind, number) => self.number(kind, number, chunk[at], at, seen),
                State::Text { escaped } => self.text(escaped, chunk, at, seen),
                State::Encoded => self.encoded(chunk, at, seen),
            };
        }
    }

    // Search => Colon, Key
    fn search(&mut self, chunk: &[u8], at: usize) -> usize {
        if let Some(found) = keys::find(chunk, at) {
            self.state = State::Colon(found.kind);
            return found.end;
        }
        if let Some(begun) = Begun::at_end_of(&chunk[at..]) {
            self.state = State::Key(begun);
        }
        chunk.len()
    }

    // Key => Colon, Search
    fn key(&mut self, begun: Begun, chunk: &[u8], at: usize) -> usize {
        match begun.push(chunk[at]) {
            Some(Ok(kind)) => self.state = State::Colon(kind),
            Some(Err(longer)) => self.state = State::Key(longer),
            None => {
                // This byte may be the quote of another key.
                self.state = State::Search;
                return at;
            }
        }
        at + 1
    }

    // Colon => Value, Search
    fn colon(&mut self, kind: Kind, chunk: &[u8], at: usize) -> usize {
        match chunk[at] {
            b':' => self.state = State::Value(kind),
            byte if byte.is_ascii_whitespace() => {}
            _ => return self.resume(at),
        }
        at + 1
    }

    // Value => Counts, Number, Text, Encoded, Search
    fn value(&mut self, kind: Kind, chunk: &[u8], at: usize) -> usize {
        self.state = match (kind, chunk[at]) {
            (_, byte) if byte.is_ascii_whitespace() => return at + 1,
            // These two begin with what was read here.
            (Kind::Counts, b'{') => {
                self.state = State::Counts(Nesting::default());
                return at;
            }
            (Kind::Prompt | Kind::Answer, b'0'..=b'9') => {
                self.state = State::Number(kind, 0);
                return at;
            }
            (Kind::Text, b'"') => State::Text { escaped: false },
            (Kind::Encoded, b'"') if self.frames => State::Encoded,
            _ => return self.resume(at),
        };
        at + 1
    }

    // Counts => Search
    fn counts(&mut self, mut open: Nesting, chunk: &[u8], at: usize, seen: &mut Seen) -> usize {
        let rest = &chunk[at..];
        let end = open.end(rest);
        let part = &rest[..end.unwrap_or(rest.len())];
        if self.held.len() + part.len() > LONGEST {
            self.held.clear();
            return self.resume(at + part.len());
        }
        if end.is_none() {
            self.held.extend_from_slice(part);
            self.state = State::Counts(open);
            return chunk.len();
        }
        let counts = if self.held.is_empty() {
            Counts::read(part)
        } else {
            self.held.extend_from_slice(part);
            Counts::read(&self.held)
        };
        if let Some(counts) = counts {
            seen.tell(&counts);
        }
        self.held.clear();
        self.resume(at + part.len())
    }

    // Number => Search
    fn number(&mut self, kind: Kind, number: u64, byte: u8, at: usize, seen: &mut Seen) -> usize {
        if byte.is_ascii_digit() {
            let digit = u64::from(byte - b'0');
            self.state = State::Number(kind, number.saturating_mul(10).saturating_add(digit));
            return at + 1;
        }
        seen.tell(&Counts::one(kind == Kind::Prompt, number));
        self.resume(at)
    }

    // Text => Search
    fn text(&mut self, escaped: bool, chunk: &[u8], mut at: usize, seen: &mut Seen) -> usize {
        if escaped {
            at += 1;
        }
        while let Some(length) = memchr3(b'"', b'\\', b'\n', &chunk[at..]) {
            seen.text(length);
            at += length;
            if chunk[at] != b'\\' {
                // Its quote; or a line that was cut, for no string has a line's end in it.
                return self.resume(at + 1);
            }
            seen.text(1);
            at += 2;
            if at > chunk.len() {
                self.state = State::Text { escaped: true };
                return chunk.len();
            }
        }
        seen.text(chunk.len() - at);
        self.state = State::Text { escaped: false };
        chunk.len()
    }

    // Encoded => Search
    fn encoded(&mut self, chunk: &[u8], at: usize, seen: &mut Seen) -> usize {
        let rest = &chunk[at..];
        let end = memchr2(b'"', b'\n', rest);
        let inner = self.inner.get_or_insert_with(Inner::new);
        inner.read(&rest[..end.unwrap_or(rest.len())], seen);
        let Some(end) = end else { return chunk.len() };
        inner.encoded = Encoded::default();
        self.resume(at + end + 1)
    }

    // .. => Search
    fn resume(&mut self, at: usize) -> usize {
        self.state = State::Search;
        at
    }
}

impl Inner {
    fn new() -> Box<Self> {
        Box::new(Self {
            encoded: Encoded::default(),
            scan: Scan::new(false),
        })
    }

    fn read(&mut self, piece: &[u8], seen: &mut Seen) {
        let scan = &mut self.scan;
        self.encoded.decode(piece, |bytes| scan.read(bytes, seen));
    }
}
