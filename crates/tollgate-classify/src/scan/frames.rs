//! Splits an AWS event stream into its frames.

use std::ops::Range;

use memchr::memmem;

/// The frames of `application/vnd.amazon.eventstream`. Each begins with its own length in four bytes, the
/// highest first: <https://smithy.io/2.0/aws/amazon-eventstream.html> (2026-09).
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// How many bytes were read.
    read: usize,
    /// Where the present frame begins.
    frame: usize,
    /// Its length, as far as it is known.
    length: usize,
}

impl Frames {
    /// The bytes that state the length.
    const HEAD: usize = 4;

    /// Reads on, to the end of the next frame. What was read is cut off from `bytes`.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Range<usize>> {
        while let Some((first, rest)) = bytes.split_first() {
            let here = self.read - self.frame;
            if here < Self::HEAD {
                self.length = self.length << 8 | usize::from(*first);
                self.read += 1;
                *bytes = rest;
            } else {
                let left = self.length.saturating_sub(here).min(bytes.len());
                self.read += left;
                *bytes = &bytes[left..];
            }
            let here = self.read - self.frame;
            if here >= Self::HEAD && here >= self.length {
                self.length = 0;
                return Some(std::mem::replace(&mut self.frame, self.read)..self.read);
            }
        }
        None
    }

    pub(super) const fn read(&self) -> usize {
        self.read
    }

    /// Where the frame begins that is not complete.
    pub(super) const fn unfinished(&self) -> usize {
        self.frame
    }
}

/// Whether a frame is an exception: <https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html>
/// (2026-09).
pub(super) fn is_exception(frame: &[u8]) -> bool {
    has(frame, b":exception-type\x07") || has(frame, b":error-code\x07")
}

/// Whether a frame only opens a stream: `messageStart` of Converse, or Anthropic's `message_start` in
/// base64, as `invoke-with-response-stream` sends it.
pub(super) fn is_opening(frame: &[u8]) -> bool {
    has(frame, b":event-type\x07\x00\x0cmessageStart")
        || has(frame, b"\"bytes\":\"eyJ0eXBlIjoibWVzc2FnZV9zdGFydCI")
}

fn has(frame: &[u8], words: &[u8]) -> bool {
    memmem::find(frame, words).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(stream: &[u8], size: usize) -> Vec<Range<usize>> {
        let mut frames = Frames::default();
        let mut found = Vec::new();
        for mut chunk in stream.chunks(size) {
            while let Some(range) = frames.next(&mut chunk) {
                found.push(range);
            }
        }
        found
    }

    #[test]
    fn frames_in_any_pieces() {
        let mut stream = vec![0, 0, 0, 20];
        stream.resize(20, 7);
        stream.extend([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 0, 0]);
        for size in 1..=stream.len() {
            let found = all(&stream, size);
            assert_eq!(found, [0..20, 20..24, 24..28, 28..37], "{size}");
        }
        assert_eq!(all(&stream[..19], 19), []);
        assert_eq!(all(&[], 1), []);
    }

    #[test]
    fn exceptions_and_openings() {
        assert!(is_exception(
            b"...:exception-type\x07\x00\x13throttlingException"
        ));
        assert!(!is_exception(b"...:event-type\x07\x00\x05chunk"));
        assert!(is_opening(b"...:event-type\x07\x00\x0cmessageStart{}"));
        assert!(is_opening(
            b"chunk{\"bytes\":\"eyJ0eXBlIjoibWVzc2FnZV9zdGFydCIsIm1l"
        ));
        assert!(!is_opening(b"...:event-type\x07\x00\x0bmessageStop{}"));
    }
}
