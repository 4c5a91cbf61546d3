//! Decodes the start of a compressed body.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

use super::Coding;

/// The text of a body that may be cut anywhere, `cap` bytes of it at most.
pub(super) fn text(bytes: &[u8], coding: Coding, cap: usize) -> Vec<u8> {
    match is_plain(bytes) {
        true => bytes[..bytes.len().min(cap)].to_vec(),
        false => decode(bytes, coding, cap),
    }
}

/// Some proxies decode a body and leave the header.
fn is_plain(bytes: &[u8]) -> bool {
    let begins = matches!(bytes.first(), Some(b'{' | b'[' | b'<'));
    // A cut may leave a part of the last letter.
    begins && std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn decode(bytes: &[u8], coding: Coding, cap: usize) -> Vec<u8> {
    match coding {
        Coding::Identity => bytes[..bytes.len().min(cap)].to_vec(),
        Coding::Gzip => read(MultiGzDecoder::new(bytes), cap),
        Coding::Zlib => {
            let text = read(ZlibDecoder::new(bytes), cap);
            // Some servers leave the zlib format out.
            match text.is_empty() {
                true => read(DeflateDecoder::new(bytes), cap),
                false => text,
            }
        }
        Coding::Brotli => read(Decompressor::new(bytes, BUFFER), cap),
        Coding::Zstd if zstd_window(bytes).is_some_and(|window| window <= WINDOW) => {
            StreamingDecoder::new(bytes).map_or_else(|_| Vec::new(), |decoder| read(decoder, cap))
        }
        Coding::Zstd => Vec::new(),
    }
}

const BUFFER: usize = 4 << 10;

/// A frame of Zstandard that asks its reader for more memory is not read. What servers use by default asks
/// for no more (level 3: <https://github.com/facebook/zstd/blob/dev/lib/compress/clevels.h>, 2026-09).
const WINDOW: u64 = 2 << 20;

/// Reads until the cap, the end, or what is no longer readable.
fn read(mut from: impl Read, cap: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut piece = [0; BUFFER];
    while text.len() < cap {
        let room = piece.len().min(cap - text.len());
        match from.read(&mut piece[..room]) {
            Ok(0) | Err(_) => break,
            Ok(read) => text.extend_from_slice(&piece[..read]),
        }
    }
    text
}

/// How much memory a frame of Zstandard asks its reader for, as its header says.
fn zstd_window(frame: &[u8]) -> Option<u64> {
    let (descriptor, rest) = frame.strip_prefix(b"\x28\xB5\x2F\xFD")?.split_first()?;
    let single_segment = descriptor & 0x20 != 0;
    if !single_segment {
        let (exponent, mantissa) = (rest.first()? >> 3, rest.first()? & 7);
        let base = 1_u64 << (10 + exponent);
        return Some(base + base / 8 * u64::from(mantissa));
    }
    // The window is as long as the content.
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let length = match descriptor >> 6 {
        0 => 1,
        flag => 1 << flag,
    };
    let field = rest.get(dictionary..dictionary + length)?;
    let size = field
        .iter()
        .rev()
        .fold(0, |size, byte| size << 8 | u64::from(*byte));
    Some(if length == 2 { size + 256 } else { size })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const JSON: &[u8] = br#"{"error":{"message":"Rate limit reached. Please try again in 7s."}}"#;
    /// The same in brotli.
    const BROTLI: &[u8] = include_bytes!("../../tests/data/rate_limit.json.br");

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    fn all(json: &[u8]) -> Vec<(Coding, Vec<u8>)> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(json).expect("memory");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(json).expect("memory");
        vec![
            (Coding::Gzip, gzip(json)),
            (Coding::Zlib, zlib.finish().expect("memory")),
            (Coding::Zlib, raw.finish().expect("memory")),
            (
                Coding::Zstd,
                compress_to_vec(json, CompressionLevel::Fastest),
            ),
        ]
    }

    #[test]
    fn every_coding_is_read() {
        let mut bodies = all(JSON);
        bodies.push((Coding::Brotli, BROTLI.to_vec()));
        for (coding, body) in bodies {
            assert_eq!(text(&body, coding, 1 << 10), JSON, "{coding:?}");
            assert_eq!(text(&body, coding, 10), &JSON[..10], "{coding:?}");
            for cut in 0..body.len() {
                let part = text(&body[..cut], coding, 1 << 10);
                assert!(JSON.starts_with(&part), "{coding:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_bomb_is_read_no_further_than_the_cap() {
        let zeros = vec![0; 2 << 20];
        for (coding, bomb) in all(&zeros) {
            assert!(
                text(&bomb, coding, 16 << 10).len() <= 16 << 10,
                "{coding:?}"
            );
        }
    }

    #[test]
    fn a_frame_that_asks_for_much_memory_is_not_read() {
        // A window of 64 MiB, and one block that repeats a byte.
        let frame = b"\x28\xB5\x2F\xFD\x00\x80\x03\x00\x01x";
        assert_eq!(zstd_window(frame), Some(64 << 20));
        assert_eq!(text(frame, Coding::Zstd, 1 << 10), b"");
        assert_eq!(zstd_window(b"\x28\xB5\x2F\xFD\x20\x05"), Some(5));
        assert_eq!(zstd_window(b"\x28\xB5\x2F\xFD\x60\x05\x01"), Some(517));
        assert_eq!(zstd_window(b"\x28\xB5\x2F"), None);
    }

    #[test]
    fn a_header_that_was_left_behind_hides_nothing() {
        for coding in [Coding::Gzip, Coding::Zlib, Coding::Brotli, Coding::Zstd] {
            assert_eq!(text(JSON, coding, 1 << 10), JSON, "{coding:?}");
            for body in [&b""[..], b"\0", &[0xff; 100]] {
                let _ = text(body, coding, 1 << 10);
            }
        }
    }

    #[test]
    fn damaged_bodies_are_read_without_a_panic() {
        let mut bodies = all(JSON);
        bodies.push((Coding::Brotli, BROTLI.to_vec()));
        let mut state = 3_u64;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).expect("31 bits") % below
        };
        for _ in 0..5_000 {
            let (coding, body) = &bodies[random(bodies.len())];
            let mut body = body.clone();
            for _ in 0..=random(5) {
                let at = random(body.len());
                body[at] = u8::try_from(random(256)).expect("a byte");
            }
            body.truncate(1 + random(body.len()));
            let _ = text(&body, *coding, 1 << 10);
        }
    }
}
