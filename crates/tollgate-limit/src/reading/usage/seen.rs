//! What was seen of an answer so far.

use super::counts::Counts;

/// Bytes of text to a token, where nothing better is known.
const BYTES: u64 = 4;

/// What an answer reported, and how much of its text came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    reported: Counts,
    /// Bytes of the answer's text.
    text: u64,
    /// It came as what a stream adds.
    deltas: bool,
    /// How many of them had come when its tokens were last reported.
    before: u64,
}

impl Seen {
    /// What the answer reported.
    pub(super) const fn reported(&self) -> &Counts {
        &self.reported
    }

    /// Takes in reported counts. Later ones are better: those of a stream are running totals. A zero is
    /// ignored: some providers begin or end a stream with one.
    pub(super) fn report(&mut self, counts: &Counts) {
        self.reported.counts_written |= counts.counts_written;
        let better = |new: Option<u64>, old: Option<u64>| new > Some(0) || old.is_none();
        if better(counts.input, self.reported.input) {
            self.reported.input = counts.input;
            self.reported.cached = counts.cached;
            self.reported.free = counts.free;
            self.reported.written = counts.written;
        }
        if better(counts.output, self.reported.output) {
            self.reported.output = counts.output;
            self.before = self.text;
        }
    }

    /// The provider counts the tokens written, and reserves no cap.
    pub(super) const fn counts_written(&mut self) {
        self.reported.counts_written = true;
    }

    /// So many bytes of the answer's text came, perhaps as what a stream adds.
    ///
    /// Streams that add say it all again: responses at the end of each part, of each item and of the
    /// whole, Perplexity with each piece. So once something was added, nothing else counts.
    pub(super) const fn text(&mut self, bytes: usize, delta: bool) {
        if delta && !self.deltas {
            self.deltas = true;
            self.text = 0;
            self.before = 0;
        }
        if delta == self.deltas {
            self.text = self.text.saturating_add(bytes as u64);
        }
    }

    /// The tokens of the text that came; `None` where there was none.
    pub(super) fn delivered(&self) -> Option<u64> {
        (self.text > 0).then(|| self.text.div_ceil(BYTES))
    }

    /// The tokens of the text that came since they were reported.
    pub(super) const fn since(&self) -> u64 {
        self.text.saturating_sub(self.before) / BYTES
    }
}
