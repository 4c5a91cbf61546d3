//! Random changes of a body: flips, cuts, doublings, swaps, and pieces of other bodies.

/// A small generator (xorshift64*), so that a seed gives the same changes everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % end.max(1)
    }
}

/// A body never grows beyond what is read of one.
const LONGEST: usize = 16 * 1024;

/// Changes a body up to eight times; `other` lends its pieces.
pub(crate) fn mutate(body: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(8) {
        change(body, other, random);
        body.truncate(LONGEST);
    }
}

fn change(body: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let (from, to) = range(body.len(), random);
    match random.below(7) {
        0 if !body.is_empty() => {
            let at = random.below(body.len());
            body[at] ^= 1 << random.below(8);
        }
        1 => body.truncate(from),
        2 => drop(body.drain(from..to)),
        3 => {
            let part = body[from..to].to_vec();
            for _ in 0..=random.below(4) {
                body.splice(to..to, part.iter().copied());
            }
        }
        4 => {
            // Two neighbours change places.
            let middle = from + random.below(to - from);
            body[from..to].rotate_left(middle - from);
        }
        5 => {
            let (start, end) = range(other.len(), random);
            body.splice(from..to.min(from + 8), other[start..end].iter().copied());
        }
        _ => {
            const BYTES: [u8; 16] = *b"{}[]:,\"'\\ \n09.\x00\xe5";
            body.insert(from, BYTES[random.below(BYTES.len())]);
        }
    }
}

fn range(len: usize, random: &mut Random) -> (usize, usize) {
    let (a, b) = (random.below(len + 1), random.below(len + 1));
    (a.min(b), a.max(b))
}
