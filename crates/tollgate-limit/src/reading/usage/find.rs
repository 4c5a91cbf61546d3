//! Finds the ends of strings, and of what is between them.

use memchr::memchr3;

/// The rest of a string without escapes that ends in this chunk, and where its quote ends.
pub(super) fn whole_string(chunk: &[u8], start: usize) -> Option<(&[u8], usize)> {
    /// Most strings are short, and shorter than what it takes to look at many bytes at once.
    const NEAR: usize = 32;
    let rest = &chunk[start..];
    let end = match ends_within(&rest[..rest.len().min(NEAR)]) {
        Some(end) => end,
        None if rest.len() <= NEAR => return None,
        None => NEAR + memchr3(b'"', b'\\', b'\n', &rest[NEAR..])?,
    };
    (rest[end] == b'"').then(|| (&rest[..end], start + end + 1))
}

/// The first quote, backslash or end of a line. Eight bytes at a time.
fn ends_within(bytes: &[u8]) -> Option<usize> {
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    for (at, word) in words.enumerate() {
        let word = word
            .iter()
            .rfold(0, |word, byte| word << 8 | u64::from(*byte));
        let found = is(word, b'"') | is(word, b'\\') | is(word, b'\n');
        if found != 0 {
            return Some(8 * at + found.trailing_zeros() as usize / 8);
        }
    }
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n');
    Some(bytes.len() - rest.len() + rest.iter().position(ends)?)
}

/// The highest bit of each byte of a word that is this one. Bytes behind the first may be wrong.
const fn is(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero = word ^ (LOW * byte as u64);
    zero.wrapping_sub(LOW) & !zero & HIGH
}

/// How many bytes are neither structure nor the beginning of a string; with `LINES`, nor the end of a
/// line.
pub(super) fn plain<const LINES: bool>(bytes: &[u8]) -> usize {
    /// What is between two strings is short, but arrays of numbers are long.
    const NEAR: usize = 16;
    /// So many bytes at once leave the compiler a loop it can run on all of them together.
    const AT_ONCE: usize = 64;
    let (near, far) = bytes.split_at(bytes.len().min(NEAR));
    if let Some(found) = near.iter().position(|byte| ends::<LINES>(*byte)) {
        return found;
    }
    let none = |block: &&[u8]| {
        let any = |any, byte: &u8| any | stops::<LINES>(*byte);
        !block.iter().fold(false, any)
    };
    let blocks = far.chunks_exact(AT_ONCE).take_while(none).count();
    let rest = &far[blocks * AT_ONCE..];
    let found = rest.iter().position(|byte| ends::<LINES>(*byte));
    near.len() + blocks * AT_ONCE + found.unwrap_or(rest.len())
}

/// Whether what is plain ends here; without a branch, for many bytes at once.
const fn stops<const LINES: bool>(byte: u8) -> bool {
    let lower = byte | 0x20;
    let structure = (byte == b'"') | (lower == b'{') | (lower == b'}');
    let space = (byte == b'\t') | (byte == b'\r') | (byte == b'\n');
    structure | ((byte < b' ') & !space) | (LINES & (byte == b'\n'))
}

/// The same for one byte.
const fn ends<const LINES: bool>(byte: u8) -> bool {
    STOPS[LINES as usize][byte as usize]
}

static STOPS: [[bool; 256]; 2] = [table::<false>(), table::<true>()];

const fn table<const LINES: bool>() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = stops::<LINES>(byte as u8);
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_end_where_one_byte_after_the_other_says(
            text in "[a-c\u{1}\u{80}é\"\\\\\n#!]{0,90}",
            start in 0_usize..40,
        ) {
            let bytes = text.as_bytes();
            let start = start.min(bytes.len());
            let plainly = bytes[start..].iter().position(|byte| b"\"\\\n".contains(byte));
            let plainly = plainly.filter(|end| bytes[start + end] == b'"');
            let found = whole_string(bytes, start);
            prop_assert_eq!(found.map(|(string, _)| string.len()), plainly);
            prop_assert_eq!(found.map(|(_, end)| end), plainly.map(|end| start + end + 1));
        }

        #[test]
        fn what_is_plain_ends_where_one_byte_after_the_other_says(
            before in 0_usize..200,
            stop in prop::sample::select(&b"\"{}[]\x00\x1f\n\t\r,a \xff"[..]),
        ) {
            let mut bytes = vec![b'7'; before];
            bytes.extend([stop, b'{']);
            let in_lines = bytes.iter().position(|byte| stops::<true>(*byte));
            prop_assert_eq!(Some(plain::<true>(&bytes)), in_lines);
            let elsewhere = bytes.iter().position(|byte| stops::<false>(*byte));
            prop_assert_eq!(Some(plain::<false>(&bytes)), elsewhere);
            let structure = b"\"{}[]\x00\x1f".contains(&stop);
            prop_assert_eq!(elsewhere == Some(before), structure);
            prop_assert_eq!(in_lines == Some(before), structure || stop == b'\n');
        }
    }
}
