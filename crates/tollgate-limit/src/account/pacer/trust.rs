//! How often headers had room for calls that were rejected.

/// So many rejections of one burst are no mishap.
const AT_ONCE: u32 = 6;

/// How often headers had room for calls that were rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::account) enum Deception {
    Rarely,
    /// Many calls of one burst: what they stated does not come back as it was thought.
    AtOnce,
    /// Again and again.
    Often,
}

/// Calls that headers had room for, of late.
#[derive(Debug, Default)]
pub(super) struct Trust {
    sent: f64,
    rejected: f64,
    /// Rejections since the gate was closed.
    at_once: u32,
}

impl Trust {
    #[inline]
    pub(super) fn send(&mut self) {
        self.sent += 1.0;
    }

    pub(super) fn halve(&mut self) {
        (self.sent, self.rejected) = (self.sent / 2.0, self.rejected / 2.0);
    }

    /// Such a call was rejected; `is_new` where that closed the gate.
    pub(super) fn reject(&mut self, is_new: bool) -> Deception {
        self.rejected += 1.0;
        self.at_once = if is_new { 1 } else { self.at_once + 1 };
        if self.rejected > 5.0 + 0.05 * self.sent {
            (self.sent, self.rejected) = (0.0, 0.0);
            return Deception::Often;
        }
        match self.at_once {
            AT_ONCE => Deception::AtOnce,
            _ => Deception::Rarely,
        }
    }
}
