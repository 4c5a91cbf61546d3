//! One frame of an AWS event stream:
//! <https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream>.

use bytes::{BufMut, Bytes, BytesMut};

/// The lengths and their checksum before the headers, and the checksum of everything at the end.
const AROUND: usize = 12 + 4;
/// The type of a header value: text.
const TEXT: u8 = 7;

/// A frame with headers of text. Headers and payload are short: both lengths must fit their fields.
pub(super) fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut head = BytesMut::new();
    for (name, value) in headers {
        head.put_u8(u8::try_from(name.len()).expect("a short name"));
        head.put_slice(name.as_bytes());
        head.put_u8(TEXT);
        head.put_u16(u16::try_from(value.len()).expect("a short value"));
        head.put_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).expect("a short frame");
    let mut out = BytesMut::new();
    out.put_u32(length(AROUND + head.len() + payload.len()));
    out.put_u32(length(head.len()));
    out.put_u32(crc32fast::hash(&out));
    out.put_slice(&head);
    out.put_slice(payload);
    out.put_u32(crc32fast::hash(&out));
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame without headers and payload that AWS publishes with its SDKs.
    #[test]
    fn an_empty_frame_is_sixteen_bytes() {
        let expected = [
            0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff,
        ];
        assert_eq!(frame(&[], &[]), &expected[..]);
    }

    #[test]
    fn lengths_count_headers_and_payload() {
        let frame = frame(&[("a", "bcd")], b"payload");
        assert_eq!(frame.len(), 16 + 8 + 7);
        assert_eq!(frame[..4], [0, 0, 0, 31]);
        assert_eq!(frame[4..8], [0, 0, 0, 8]);
        assert_eq!(&frame[12..20], b"\x01a\x07\x00\x03bcd");
        assert_eq!(&frame[20..27], b"payload");
    }
}
