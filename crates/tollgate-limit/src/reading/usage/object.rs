//! Holds one JSON object that may come in pieces.

/// The most bytes of an object that are looked at. Usage objects have a few hundred.
pub(super) const LONGEST: usize = 4096;

/// How far an object has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nesting {
    depth: u16,
    string: bool,
    escaped: bool,
}

impl Nesting {
    /// Reads on; the length of what belongs to the object if it ends here.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes
            .iter()
            .position(|byte| self.closes(*byte))
            .map(|last| last + 1)
    }

    /// Whether this byte is the last of the object.
    fn closes(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.string => self.escaped = true,
            b'"' => self.string = !self.string,
            _ if self.string => {}
            // No object that is looked at is deep enough to overflow this.
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
