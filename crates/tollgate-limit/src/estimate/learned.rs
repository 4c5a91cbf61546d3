//! What answers taught about estimates.

use super::Expected;

/// How much of what was known stays with each further answer.
const KEPT: f64 = 0.9;
/// How many tokens of right guesses the first answer is held against.
const DOUBT: f64 = 100.0;
/// How far guesses may be off.
const RATIOS: (f64, f64) = (0.1, 10.0);
/// How fast the mean length of answers follows, and how fast their spread: the gains of RFC 6298.
const MEAN_GAIN: f64 = 0.125;
const SPREAD_GAIN: f64 = 0.25;

/// What the answers to one key's calls taught: how far estimates of the prompt are off, and how
/// long answers are.
///
/// # Examples
///
/// ```
/// use tollgate_limit::{Expected, Learned};
/// use tollgate_core::Cost;
///
/// let mut learned = Learned::new();
/// for _ in 0..50 {
///     let expected = Expected::guessed(Cost::default().with_input_tokens(1_000), &learned);
///     learned.learn_input(&expected, 1_300);
///     learned.learn_output(200);
/// }
/// assert!((learned.ratio() - 1.3).abs() < 0.01);
/// assert_eq!(learned.output(), Some(200));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learned {
    /// Tokens of prompts, guessed and told, fading away together.
    guessed: f64,
    told: f64,
    answers: Option<Answers>,
    /// The most tokens that prompt and answer may have together.
    most: u64,
    /// The most tokens that an answer may have.
    most_output: u64,
}

/// How long answers are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Answers {
    mean: f64,
    spread: f64,
}

impl Learned {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            guessed: DOUBT,
            told: DOUBT,
            answers: None,
            most: u64::MAX,
            most_output: u64::MAX,
        }
    }

    /// How many tokens a prompt really has for each one that was guessed: 1 at first, from 0.1 to
    /// 10. Long prompts count for more.
    #[must_use]
    pub const fn ratio(&self) -> f64 {
        (self.told / self.guessed).clamp(RATIOS.0, RATIOS.1)
    }

    /// How many tokens of answer to expect: their mean, and their mean distance from it on top.
    /// `None` before the first answer.
    #[must_use]
    pub fn output(&self) -> Option<u64> {
        let answers = self.answers?;
        Some((answers.mean + answers.spread).round() as u64)
    }

    /// How much of a guessed `answer` to reserve after a guessed `prompt`: no more than the limits
    /// that are known allow at all. A guess must not make a call too large for ever.
    #[must_use]
    pub fn fit(&self, prompt: u64, answer: u64) -> u64 {
        let rest = self.most.saturating_sub(self.correct(prompt));
        answer.min(rest).min(self.most_output)
    }

    /// With limits: the most tokens of a call, and of its answer.
    pub(crate) const fn within(self, (most, most_output): (u64, u64)) -> Self {
        Self {
            most,
            most_output,
            ..self
        }
    }

    /// A guess of a prompt's tokens, corrected.
    #[must_use]
    pub fn correct(&self, guess: u64) -> u64 {
        (guess as f64 * self.ratio()).round() as u64
    }

    /// An answer told how many tokens its prompt had.
    ///
    /// A cost that a person set teaches nothing.
    pub fn learn_input(&mut self, expected: &Expected, told: u64) {
        let Some(guess) = expected.guess().filter(|guess| *guess > 0) else {
            return;
        };
        let guess = guess as f64;
        let told = (told as f64).clamp(guess * RATIOS.0, guess * RATIOS.1);
        self.guessed = self.guessed * KEPT + guess;
        self.told = self.told * KEPT + told;
    }

    /// An answer that came to its end had so many tokens.
    pub fn learn_output(&mut self, tokens: u64) {
        let tokens = tokens as f64;
        let answers = self.answers.get_or_insert(Answers {
            mean: tokens,
            spread: tokens / 2.0,
        });
        answers.spread += SPREAD_GAIN * ((tokens - answers.mean).abs() - answers.spread);
        answers.mean += MEAN_GAIN * (tokens - answers.mean);
    }
}

impl Default for Learned {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
