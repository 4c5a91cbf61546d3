//! Follows the structure of an answer, and reads the few values that matter.
//!
//! Nothing is parsed until an object of counts is found. Documents, lines, events and binary frames
//! are read alike: what is between two documents is passed over, and what was cut ends where the
//! next one begins.

use memchr::{memchr, memchr2, memchr3};

use super::{
    counts::Counts,
    encoded::Encoded,
    find::{plain, whole_string},
    keys::{Key, Name},
    object::{LONGEST, Nesting},
    place::{Place, Zone},
    seen::Seen,
};

/// How an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole, or in lines.
    Document,
    /// As server-sent events.
    Events,
    /// In the binary frames of AWS.
    Frames,
}

/// How far an answer was read.
#[derive(Debug)]
pub(super) struct Scan {
    form: Form,
    state: State,
    place: Place,
    /// Events: nothing came since the line ended.
    blank: bool,
    /// The beginning of an object that did not come whole.
    held: Vec<u8>,
    /// What is in base64 is read too.
    inner: Option<Box<Inner>>,
}

/// A reader of what is decoded.
#[derive(Debug)]
struct Inner {
    encoded: Encoded,
    scan: Scan,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Outside of strings.
    Between,
    /// In a string that may be a key.
    Name(Name),
    /// In a string of no interest, perhaps behind a backslash.
    Skip { escaped: bool },
    /// Between a key and its colon.
    Colon(Key),
    /// Between a colon and its value.
    Value(Key),
    /// In an object of counts.
    Counts(Nesting),
    /// In one that is too long: it is passed over.
    TooLong(Nesting),
    /// In a number of tokens.
    Number { prompt: bool, number: u64 },
    /// In a text, perhaps behind a backslash.
    Text { delta: bool, escaped: bool },
    /// In base64.
    Encoded,
}

impl Scan {
    /// At the beginning of an answer that comes so.
    pub(super) fn new(form: Form) -> Self {
        Self {
            form,
            state: State::Between,
            place: Place::default(),
            blank: false,
            held: Vec::new(),
            inner: None,
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
                State::Between => self.between(chunk, at),
                State::Name(name) => self.name(name, chunk, at),
                State::Skip { escaped } => self.skip(escaped, chunk, at),
                State::Colon(key) => self.colon(key, chunk, at),
                State::Value(key) => self.value(key, chunk, at),
                State::Counts(nesting) => self.counts(nesting, chunk, at, seen),
                State::TooLong(nesting) => self.too_long(nesting, chunk, at),
                State::Number { prompt, number } => {
                    self.number((prompt, number), chunk[at], at, seen)
                }
                State::Text { delta, escaped } => self.text(delta, escaped, chunk, at, seen),
                State::Encoded => self.encoded(chunk, at, seen),
            };
        }
    }

    // Between => Name, Colon
    fn between(&mut self, chunk: &[u8], mut at: usize) -> usize {
        while let Some(byte) = chunk.get(at) {
            at += 1;
            match byte {
                b'"' if !self.place.is_outside() => {
                    self.blank = false;
                    let Some((string, end)) = whole_string(chunk, at) else {
                        self.state = State::Name(Name::new());
                        return at;
                    };
                    at = end;
                    // What is followed by one of these is a value.
                    if !matches!(chunk.get(at), Some(b',' | b'}' | b']')) {
                        if let Some(key) = Key::of(string) {
                            self.state = State::Colon(key);
                            return at;
                        }
                    }
                }
                b'{' => self.place.open_object(None),
                b'[' => self.place.open_array(None),
                b'}' | b']' => self.place.close(),
                b'\n' if self.form == Form::Events => {
                    // A blank line ends an event, also one that was cut.
                    if self.blank {
                        self.place = Place::default();
                    }
                    self.blank = true;
                    continue;
                }
                b'\r' => continue,
                b'\n' | b'\t' => {}
                // What is binary is between two documents.
                0..b' ' => self.place = Place::default(),
                _ => at += self.plain(&chunk[at..]),
            }
            self.blank = false;
        }
        at
    }

    /// How many bytes follow that are neither structure nor strings.
    fn plain(&self, bytes: &[u8]) -> usize {
        match self.form {
            Form::Events => plain::<true>(bytes),
            Form::Document | Form::Frames => plain::<false>(bytes),
        }
    }

    // Name => Colon, Skip, Between
    fn name(&mut self, name: Name, chunk: &[u8], at: usize) -> usize {
        let rest = &chunk[at..];
        let end = memchr3(b'"', b'\\', b'\n', rest);
        let piece = &rest[..end.unwrap_or(rest.len())];
        let Some(end) = end else {
            let longer = name.with(piece);
            self.state = longer.map_or(State::Skip { escaped: false }, State::Name);
            return chunk.len();
        };
        match rest[end] {
            b'"' => {
                let key = name.key(piece);
                self.state = key.map_or(State::Between, State::Colon);
                at + end + 1
            }
            b'\\' => {
                self.state = State::Skip { escaped: true };
                at + end + 1
            }
            _ => self.cut(at + end),
        }
    }

    // Skip => Between
    fn skip(&mut self, escaped: bool, chunk: &[u8], mut at: usize) -> usize {
        if escaped {
            at += 1;
        }
        while let Some(length) = chunk
            .get(at..)
            .and_then(|rest| memchr3(b'"', b'\\', b'\n', rest))
        {
            at += length;
            match chunk[at] {
                b'"' => return self.resume(at + 1),
                b'\\' => at += 2,
                _ => return self.cut(at),
            }
        }
        self.state = State::Skip {
            escaped: at > chunk.len(),
        };
        chunk.len()
    }

    // Colon => Value, Between
    fn colon(&mut self, key: Key, chunk: &[u8], at: usize) -> usize {
        match chunk[at] {
            b':' => self.state = State::Value(key),
            byte if self.is_space(byte) => {}
            _ => return self.resume(at),
        }
        at + 1
    }

    // Value => Counts, Number, Text, Encoded, Skip, Between
    fn value(&mut self, key: Key, chunk: &[u8], at: usize) -> usize {
        self.state = match chunk[at] {
            byte if self.is_space(byte) => return at + 1,
            b'{' if self.place.counts(key) => {
                // It begins with what was read here.
                self.state = State::Counts(Nesting::default());
                return at;
            }
            b'{' => {
                self.place.open_object(self.streamed(key));
                State::Between
            }
            b'[' => {
                self.place.open_array(Some(key));
                State::Between
            }
            b'0'..=b'9' if self.tells_number(key) => {
                self.state = State::Number {
                    prompt: key == Key::Prompt,
                    number: 0,
                };
                return at;
            }
            b'"' if self.is_encoded(key) => State::Encoded,
            b'"' if self.place.is_text(key) && !self.place.is_again() => State::Text {
                delta: self.place.in_delta() || self.place.may_add(self.streamed(key)),
                escaped: false,
            },
            b'"' => State::Skip { escaped: false },
            _ => return self.resume(at),
        };
        at + 1
    }

    /// The key, unless it is of streams and this is none.
    fn streamed(&self, key: Key) -> Option<Key> {
        Some(key).filter(|key| *key != Key::Delta || self.form != Form::Document)
    }

    fn tells_number(&self, key: Key) -> bool {
        matches!(key, Key::Prompt | Key::Answer) && self.place.zone() == Zone::Root
    }

    fn is_encoded(&self, key: Key) -> bool {
        key == Key::Bytes && self.form == Form::Frames && self.place.zone() == Zone::Root
    }

    /// Space within a document. The lines of events are looked at elsewhere.
    const fn is_space(&self, byte: u8) -> bool {
        match byte {
            b'\n' => !matches!(self.form, Form::Events),
            b' ' | b'\t' | b'\r' => true,
            _ => false,
        }
    }

    // Counts => TooLong, Between
    fn counts(&mut self, mut open: Nesting, chunk: &[u8], at: usize, seen: &mut Seen) -> usize {
        let (part, end) = match self.part(&mut open, chunk, at) {
            Ok(found) => found,
            Err(line) => return self.cut(line),
        };
        if self.held.len() + part.len() > LONGEST {
            self.held.clear();
            self.state = end.map_or(State::TooLong(open), |_| State::Between);
            return at + part.len();
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
            seen.report(&counts);
        }
        self.held.clear();
        self.resume(at + part.len())
    }

    // TooLong => Between
    fn too_long(&mut self, mut open: Nesting, chunk: &[u8], at: usize) -> usize {
        match self.part(&mut open, chunk, at) {
            Err(line) => self.cut(line),
            Ok((part, Some(()))) => self.resume(at + part.len()),
            Ok((_, None)) => {
                self.state = State::TooLong(open);
                chunk.len()
            }
        }
    }

    /// The next part of an object, and whether it ends there. `Err` where an event ends before it.
    fn part<'a>(
        &self,
        open: &mut Nesting,
        chunk: &'a [u8],
        at: usize,
    ) -> Result<(&'a [u8], Option<()>), usize> {
        let rest = &chunk[at..];
        let line = match self.form {
            Form::Events => memchr(b'\n', rest),
            Form::Document | Form::Frames => None,
        };
        let rest = &rest[..line.unwrap_or(rest.len())];
        match (open.end(rest), line) {
            (Some(end), _) => Ok((&rest[..end], Some(()))),
            (None, Some(line)) => Err(at + line),
            (None, None) => Ok((rest, None)),
        }
    }

    // Number => Between
    fn number(
        &mut self,
        (prompt, number): (bool, u64),
        byte: u8,
        at: usize,
        seen: &mut Seen,
    ) -> usize {
        if byte.is_ascii_digit() {
            let digit = u64::from(byte - b'0');
            let number = number.saturating_mul(10).saturating_add(digit);
            self.state = State::Number { prompt, number };
            return at + 1;
        }
        seen.report(&Counts::one(prompt, number));
        self.resume(at)
    }

    // Text => Between
    fn text(
        &mut self,
        delta: bool,
        escaped: bool,
        chunk: &[u8],
        mut at: usize,
        seen: &mut Seen,
    ) -> usize {
        if escaped {
            at += 1;
        }
        while let Some(length) = memchr3(b'"', b'\\', b'\n', &chunk[at..]) {
            seen.text(length, delta);
            at += length;
            match chunk[at] {
                b'"' => return self.resume(at + 1),
                b'\\' => {}
                // A line that was cut, for no string has a line's end in it.
                _ => return self.cut(at),
            }
            seen.text(1, delta);
            at += 2;
            if at > chunk.len() {
                self.state = State::Text {
                    delta,
                    escaped: true,
                };
                return chunk.len();
            }
        }
        seen.text(chunk.len() - at, delta);
        self.state = State::Text {
            delta,
            escaped: false,
        };
        chunk.len()
    }

    // Encoded => Between
    fn encoded(&mut self, chunk: &[u8], at: usize, seen: &mut Seen) -> usize {
        let rest = &chunk[at..];
        let end = memchr2(b'"', b'\n', rest);
        let inner = self.inner.get_or_insert_with(Inner::new);
        inner.read(&rest[..end.unwrap_or(rest.len())], seen);
        let Some(end) = end else { return chunk.len() };
        inner.end();
        self.resume(at + end + 1)
    }

    // .. => Between
    fn resume(&mut self, at: usize) -> usize {
        self.state = State::Between;
        at
    }

    /// A document or an event was cut before the end of this line.
    fn cut(&mut self, at: usize) -> usize {
        self.held.clear();
        self.place = Place::default();
        self.blank = false;
        self.resume(at)
    }
}

impl Inner {
    fn new() -> Box<Self> {
        Box::new(Self {
            encoded: Encoded::default(),
            scan: Scan::new(Form::Events),
        })
    }

    fn read(&mut self, piece: &[u8], seen: &mut Seen) {
        let scan = &mut self.scan;
        self.encoded.decode(piece, |bytes| scan.read(bytes, seen));
    }

    /// What comes next is another document.
    fn end(&mut self) {
        self.encoded = Encoded::default();
        self.scan.cut(0);
    }
}
