//! Splits newline-delimited JSON into its lines.

use std::ops::Range;

use memchr::memchr;

/// The lines of `application/x-ndjson`, blank ones left out.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// How many bytes were read.
    read: usize,
    /// Where the present line begins.
    line: usize,
    /// It has more than white space.
    says: bool,
}

impl Lines {
    /// Reads on, to the end of the next line. What was read is cut off from `bytes`.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Range<usize>> {
        while !bytes.is_empty() {
            let end = memchr(b'\n', bytes);
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            self.says = self.says || !line.trim_ascii().is_empty();
            self.read += line.len();
            *bytes = rest;
            if end.is_some() {
                let line = self.end();
                if line.is_some() {
                    return line;
                }
            }
        }
        None
    }

    /// The present line, if it says anything; the next one begins here.
    pub(super) fn end(&mut self) -> Option<Range<usize>> {
        let range = std::mem::replace(&mut self.line, self.read)..self.read;
        std::mem::take(&mut self.says).then_some(range)
    }

    /// Whether the line that is not complete says anything.
    pub(super) const fn is_within(&self) -> bool {
        self.says
    }

    pub(super) const fn read(&self) -> usize {
        self.read
    }

    /// Where the line begins that is not complete.
    pub(super) const fn unfinished(&self) -> usize {
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_any_pieces() {
        let text = b"\n{\"a\":1}\r\n  \n{}\nrest";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for mut chunk in text.chunks(size) {
                while let Some(range) = lines.next(&mut chunk) {
                    found.push(range);
                }
            }
            assert_eq!(found, [1..10, 13..16], "{size}");
            assert_eq!(lines.end(), Some(16..20), "{size}");
            assert_eq!(lines.end(), None, "{size}");
        }
    }
}
