//! One pass over the bytes of a JSON object.
//!
//! Strings are skipped many bytes at a time, and numbers and escapes are not looked into: a body that is
//! wrong only there passes, and its provider says so. Where its objects, arrays and strings begin and end
//! is what every parser finds.

use std::ops::Range;

use memchr::memchr;

/// Told what a walk passes.
pub(super) trait Visit {
    /// The shortest text that [`long_text`](Self::long_text) is told of, in bytes.
    const LONG: usize;

    /// A field of the outermost object: its key without the quotes, its value, and how many items
    /// that has where it is an array.
    fn field(&mut self, key: Range<usize>, value: Range<usize>, items: u64);

    /// A key, without its quotes, wherever it stands; how deep that is (1 in the outermost object), and
    /// the key of the outermost field around it.
    fn key(&mut self, outermost: &Range<usize>, depth: u32, key: Range<usize>);

    /// A string that is a value, without its quotes.
    fn long_text(&mut self, text: Range<usize>);
}

/// Walks through a body; `None` where it is not one JSON object.
pub(super) fn walk<V: Visit>(body: &[u8], visit: &mut V) -> Option<()> {
    let mut cursor = Cursor { body, at: 0 };
    if cursor.peek()? != b'{' {
        return None;
    }
    cursor.at += 1;
    let mut open = Open::object();
    let mut outermost = 0..0;
    let (mut start, mut items) = (0, 0);
    // Nothing has stood in the innermost object or array yet, so that it may end here.
    let mut empty = true;
    loop {
        let mut byte = cursor.peek()?;
        if !(empty && byte == open.end()) {
            if open.is_object() {
                let key = cursor.text(byte)?;
                if open.depth == 1 {
                    outermost = key.clone();
                }
                visit.key(&outermost, open.depth, key);
                cursor.colon()?;
                byte = cursor.peek()?;
            } else if open.depth == 2 {
                items += 1;
            }
            if open.depth == 1 {
                (start, items) = (cursor.at, 0);
            }
            match byte {
                b'"' => {
                    let text = cursor.text(byte)?;
                    if text.len() >= V::LONG {
                        visit.long_text(text);
                    }
                }
                b'{' | b'[' => {
                    open.enter(byte);
                    cursor.at += 1;
                    empty = true;
                    continue;
                }
                _ => cursor.word(byte)?,
            }
            if open.depth == 1 {
                visit.field(outermost.clone(), start..cursor.at, 0);
            }
        }
        // Behind a value, or in what has none: it goes on, or ends what is around it.
        loop {
            let byte = cursor.peek()?;
            if byte == b',' {
                cursor.at += 1;
                empty = false;
                break;
            }
            if byte != open.end() {
                return None;
            }
            cursor.at += 1;
            open.leave();
            match open.depth {
                0 => return cursor.is_at_end().then_some(()),
                1 => visit.field(outermost.clone(), start..cursor.at, items),
                _ => {}
            }
        }
    }
}

/// The objects and arrays around a place.
struct Open {
    depth: u32,
    /// A bit for each of the innermost ones, the last one the lowest: it is an object.
    objects: u128,
    /// The bits of those around them, 128 at a time.
    outer: Vec<u128>,
}

impl Open {
    const fn object() -> Self {
        Self {
            depth: 1,
            objects: 1,
            outer: Vec::new(),
        }
    }

    #[inline(always)]
    const fn is_object(&self) -> bool {
        self.objects & 1 == 1
    }

    /// The byte that ends the innermost.
    #[inline(always)]
    const fn end(&self) -> u8 {
        if self.is_object() { b'}' } else { b']' }
    }

    #[inline(always)]
    fn enter(&mut self, byte: u8) {
        if self.depth % u128::BITS == 0 {
            self.outer.push(self.objects);
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(byte == b'{');
    }

    #[inline(always)]
    fn leave(&mut self) {
        self.depth -= 1;
        self.objects >>= 1;
        if self.depth % u128::BITS == 0 {
            self.objects = self.outer.pop().unwrap_or(0);
        }
    }
}

struct Cursor<'b> {
    body: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The next byte that is no white space; the cursor is at it then.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.body.get(self.at)?;
            if !is_space(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn is_at_end(&self) -> bool {
        self.body[self.at..].iter().all(|byte| is_space(*byte))
    }

    #[inline(always)]
    fn colon(&mut self) -> Option<()> {
        let found = self.peek()? == b':';
        self.at += 1;
        found.then_some(())
    }

    /// A string, whose first byte this is; what is between its quotes.
    #[inline(always)]
    fn text(&mut self, first: u8) -> Option<Range<usize>> {
        if first != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut from = start;
        loop {
            let quote = find_quote(self.body, from)?;
            let before = self.body[start..quote].iter().rev();
            let slashes = before.take_while(|byte| **byte == b'\\').count();
            if slashes % 2 == 0 {
                self.at = quote + 1;
                return Some(start..quote);
            }
            from = quote + 1;
        }
    }

    /// A number, `true`, `false` or `null`.
    #[inline(always)]
    fn word(&mut self, first: u8) -> Option<()> {
        if !matches!(first, b'-' | b'0'..=b'9' | b't' | b'f' | b'n') {
            return None;
        }
        let rest = &self.body[self.at..];
        let goes_on =
            |byte: &&u8| matches!(**byte, b'0'..=b'9' | b'a'..=b'z' | b'.' | b'E' | b'+' | b'-');
        let len = rest.iter().take_while(goes_on).count();
        self.at += len;
        let letters = first.is_ascii_lowercase();
        (!letters || matches!(&rest[..len], b"true" | b"false" | b"null")).then_some(())
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// The next quote. Most strings are short: the first bytes are looked at word by word, before the
/// search that needs to be set up.
#[inline(always)]
fn find_quote(body: &[u8], from: usize) -> Option<usize> {
    const WORDS: usize = 3;
    let mut at = from;
    for _ in 0..WORDS {
        let Some(Ok(word)) = body.get(at..at + 8).map(<[u8; 8]>::try_from) else {
            break;
        };
        if let Some(place) = quote_in(word) {
            return Some(at + place);
        }
        at += 8;
    }
    Some(at + memchr(b'"', body.get(at..)?)?)
}

/// Where the first quote is in eight bytes.
#[inline(always)]
const fn quote_in(word: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    // A byte that is a quote becomes zero, and only a zero borrows from its own high bit. The lowest
    // one found is surely a zero.
    let word = u64::from_le_bytes(word) ^ QUOTES;
    let zeros = word.wrapping_sub(ONES) & !word & HIGH;
    match zeros {
        0 => None,
        _ => Some(zeros.trailing_zeros() as usize / 8),
    }
}

#[cfg(test)]
mod tests;
