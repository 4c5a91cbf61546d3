//! Base64 that comes in pieces.

use base64::{Engine, engine::general_purpose::STANDARD};

/// How many characters are decoded at once.
const AT_ONCE: usize = 1024;

/// What is left over of a piece: fewer than four characters.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Encoded {
    left: [u8; 4],
    len: usize,
}

impl Encoded {
    /// Decodes the next piece and hands it on. What is no base64 is dropped.
    pub(super) fn decode(&mut self, mut piece: &[u8], mut sink: impl FnMut(&[u8])) {
        while self.len > 0 && self.len < 4 {
            let Some((first, rest)) = piece.split_first() else {
                return;
            };
            self.left[self.len] = *first;
            self.len += 1;
            piece = rest;
        }
        let mut out = [0; AT_ONCE / 4 * 3];
        let mut hand_on = |quads: &[u8]| {
            if let Ok(bytes) = STANDARD.decode_slice(quads, &mut out) {
                sink(&out[..bytes]);
            }
        };
        if self.len == 4 {
            hand_on(&self.left);
            self.len = 0;
        }
        let (quads, left) = piece.split_at(piece.len() / 4 * 4);
        quads.chunks(AT_ONCE).for_each(hand_on);
        self.len = left.len();
        self.left[..left.len()].copy_from_slice(left);
    }
}
