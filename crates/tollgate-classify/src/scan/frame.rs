//! Finds the first frame of an AWS event stream.

use std::ops::Range;

use super::json::Json;

/// The first frame of `application/vnd.amazon.eventstream`, which begins with its own length in four
/// bytes, the highest first:
/// <https://smithy.io/2.0/aws/amazon-eventstream.html> (2026-09).
///
/// A length of 16 MiB and more is none; then it is text, as proxies make of such streams.
#[derive(Debug)]
pub(crate) enum Frame {
    /// How many bytes were read, and the length so far.
    Frame { read: usize, length: usize },
    /// Not a frame.
    Text(Json),
}

impl Default for Frame {
    fn default() -> Self {
        Self::Frame { read: 0, length: 0 }
    }
}

impl Frame {
    /// Reads on; returns where the frame lies when all of it is there.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<Range<usize>> {
        if let (Self::Frame { read: 0, .. }, Some(1..)) = (&*self, bytes.first()) {
            *self = Self::Text(Json::default());
        }
        match self {
            Self::Text(json) => json.feed(bytes).map(|end| 0..end),
            Self::Frame { read, length } => {
                for byte in bytes.iter().take(4_usize.saturating_sub(*read)) {
                    *length = *length << 8 | usize::from(*byte);
                }
                *read += bytes.len();
                (*read >= 4 && *read >= *length).then(|| 0..(*length).max(4))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_in_any_pieces() {
        let mut frame = vec![0, 0, 0, 20];
        frame.resize(30, 7);
        for cut in 1..frame.len() {
            let mut scan = Frame::default();
            let first = scan.feed(&frame[..cut]);
            let found = first.or_else(|| scan.feed(&frame[cut..]));
            assert_eq!(found, Some(0..20), "{cut}");
        }
        assert_eq!(Frame::default().feed(&frame[..19]), None);
        assert_eq!(Frame::default().feed(&[]), None);
    }

    #[test]
    fn text_is_read_as_text() {
        assert_eq!(Frame::default().feed(b"{\"a\":{}} x"), Some(0..8));
        assert_eq!(Frame::default().feed(b"oops"), None);
    }
}
