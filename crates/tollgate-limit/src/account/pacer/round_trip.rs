//! How long a rejection is under way.

use crate::account::time::Seconds;

/// Taken for a round trip until one was measured.
const USUAL: Seconds = 0.06;

/// No silence is longer, however slow rejections are.
const LONGEST: Seconds = 0.3;

/// The time from sending a call to its rejection, as seen lately.
#[derive(Debug, Default)]
pub(crate) struct RoundTrip {
    slow: Option<Seconds>,
}

impl RoundTrip {
    /// A rejection came after this time.
    pub(crate) fn measure(&mut self, took: Seconds) {
        let took = took.clamp(0.02, 2.0);
        let old = self.slow.unwrap_or(took);
        // The longest of late; slowly less where rejections become quicker.
        self.slow = Some(took.max(old + (took - old) * 0.1));
    }

    /// How long a rejection takes at most, as a rule.
    pub(super) fn slow(&self) -> Seconds {
        self.slow.unwrap_or(USUAL)
    }

    /// A rejection would be back by then.
    pub(super) fn quiet(&self) -> Seconds {
        self.slow.map_or(0.05, |slow| (slow + 0.01).min(LONGEST))
    }

    /// How long one usually takes.
    pub(super) fn usual(&self) -> Seconds {
        (self.slow() * 0.8).min(LONGEST)
    }

    /// By how much calls overtake each other.
    pub(crate) fn disorder(&self) -> Seconds {
        self.slow().max(USUAL)
    }
}

#[cfg(test)]
mod tests;
