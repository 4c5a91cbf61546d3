//! What was seen of an answer so far.

use super::counts::Counts;

/// Bytes of text to a token, where nothing better is known.
const BYTES: u64 = 4;

/// What an answer told, and how much of its text came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    told: Counts,
    /// Bytes of the answer's text.
    text: u64,
    /// How many of them had come when its tokens were told last.
    before: u64,
}

impl Seen {
    /// What was told.
    pub(super) const fn told(&self) -> &Counts {
        &self.told
    }

    /// Counts were told. Later ones are better: those of a stream are running totals, and what the
    /// model itself wrote in their shape comes before the true ones. A zero says nothing: some begin
    /// or end a stream with one.
    pub(super) fn tell(&mut self, counts: &Counts) {
        let better = |new: Option<u64>, old: Option<u64>| new > Some(0) || old.is_none();
        if better(counts.input, self.told.input) {
            self.told.input = counts.input;
            self.told.cached = counts.cached;
        }
        if better(counts.output, self.told.output) {
            self.told.output = counts.output;
            self.before = self.text;
        }
    }

    /// So many bytes of the answer's text came.
    pub(super) fn text(&mut self, bytes: usize) {
        self.text = self.text.saturating_add(bytes as u64);
    }

    /// The tokens of the text that came; `None` where there was none.
    pub(super) fn delivered(&self) -> Option<u64> {
        (self.text > 0).then(|| self.text.div_ceil(BYTES))
    }

    /// The tokens of the text that came since they were told.
    pub(super) const fn since(&self) -> u64 {
        self.text.saturating_sub(self.before) / BYTES
    }
}
