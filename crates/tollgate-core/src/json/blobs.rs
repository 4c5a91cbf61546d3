//! Pictures, sound and documents inside of a prompt.

/// The shortest run of base64 that is taken for one. Words, even long ones, are far shorter.
pub(super) const SHORTEST: usize = 1024;

/// What in a prompt is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Blobs {
    /// How many.
    pub(super) count: u64,
    /// How many bytes of the body they fill.
    pub(super) bytes: u64,
}

impl Blobs {
    /// Finds them without reading every byte: one in 1,024, and around those that may be base64.
    pub(super) fn of(body: &[u8]) -> Self {
        let mut blobs = Self::default();
        // Every run as long as the shortest holds one of the bytes that are looked at.
        let mut probe = SHORTEST - 1;
        while probe < body.len() {
            if is_base64(body[probe]) {
                let start = start_of_run(&body[..probe]);
                let end = end_of_run(&body[probe..]) + probe;
                if end - start >= SHORTEST {
                    blobs.count += 1;
                    blobs.bytes += (end - start) as u64;
                }
                probe = end;
            }
            probe += SHORTEST;
        }
        blobs
    }
}

fn start_of_run(before: &[u8]) -> usize {
    let last = before.iter().rposition(|byte| !is_base64(*byte));
    last.map_or(0, |last| last + 1)
}

fn end_of_run(from: &[u8]) -> usize {
    /// So many bytes at once leave the compiler a loop it can run on all of them together.
    const AT_ONCE: usize = 64;
    let whole = |block: &&[u8]| block.iter().fold(true, |all, byte| all & is_base64(*byte));
    let blocks = from.chunks_exact(AT_ONCE).take_while(whole).count();
    let rest = &from[blocks * AT_ONCE..];
    let first = rest.iter().position(|byte| !is_base64(*byte));
    blocks * AT_ONCE + first.unwrap_or(rest.len())
}

/// Both alphabets; and the backslash, for some write every slash as `\/`. Without a branch.
const fn is_base64(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let slash_or_digit = byte.wrapping_sub(b'/') < 11;
    let sign = (byte == b'+') | (byte == b'-') | (byte == b'_');
    letter | slash_or_digit | sign | (byte == b'=') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> (u64, u64) {
        let blobs = Blobs::of(parts.concat().as_bytes());
        (blobs.count, blobs.bytes)
    }

    #[test]
    fn text_is_no_blob() {
        let text = "a sentence of words, and of some more; ".repeat(200);
        assert_eq!(of(&[&text]), (0, 0));
        assert_eq!(of(&[&"日本語の文章".repeat(500)]), (0, 0));
        assert_eq!(of(&[&"x".repeat(SHORTEST - 1), " ", &text]), (0, 0));
        assert_eq!(of(&[]), (0, 0));
    }

    #[test]
    fn every_long_run_is_found_whole() {
        for before in [0, 1, 500, 1022, 1023, 1024, 1025, 5000] {
            for length in [SHORTEST, SHORTEST + 1, 5000, 100_000] {
                let (text, blob) = ("a, ".repeat(before), "Ab+/".repeat(length / 4 + 1));
                let blob = &blob[..length];
                let found = of(&[&text, "\"", blob, "\" or ", blob, "\""]);
                assert_eq!(found, (2, 2 * length as u64), "{before} {length}");
            }
        }
    }
}
