//! What answers taught about estimates.

use super::{Expected, cache::CacheHistory};

/// How much of what was known stays with each further answer.
const KEPT: f64 = 0.9;
/// How many tokens of right guesses the first answer is held against.
const DOUBT: f64 = 100.0;
/// How far guesses may be off. No tokenizer makes more than one token of a byte, which is four times
/// the default guess; and what has fewer than one in sixteen bytes is no text.
const RATIOS: (f64, f64) = (0.25, 4.0);
/// How much of the distance from 1 the ratio loses with each answer that teaches nothing: half of it
/// in 70 answers.
const FORGOTTEN: f64 = 0.01;
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
    /// Of prompts that use a cache whose reads are not counted.
    cache: CacheHistory,
    /// An answer showed that what was written counts, and not the cap.
    counts_written: bool,
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
            cache: CacheHistory::new(),
            counts_written: false,
            most: u64::MAX,
            most_output: u64::MAX,
        }
    }

    /// How many tokens a prompt really has for each one that was guessed: 1 at first, from
    /// 0.25 to 4. Long prompts count for more.
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

    /// Whether the provider is to be expected to reserve the cap of an answer (`max_tokens`) when the
    /// call arrives. So it is until an answer has the shape of one of those who count what is written:
    /// Anthropic and Gemini.
    #[must_use]
    pub const fn reserves_cap(&self) -> bool {
        !self.counts_written
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

    /// The same, but no more than the limits that are known allow at all, unless the guess itself is
    /// more: a ratio must not make a call too large.
    pub(crate) fn correct_within(&self, guess: u64) -> u64 {
        self.correct(guess).min(self.most.max(guess))
    }

    /// An answer told how many tokens its prompt had.
    ///
    /// A cost that a person set teaches nothing, nor does a prompt of which a part is not in the
    /// request. What was learned before fades with each of them.
    pub fn learn_input(&mut self, expected: &Expected, told: u64) {
        let Some(guess) = expected.guess().filter(|guess| *guess > 0) else {
            return self.forget();
        };
        let guess = guess as f64;
        let told = (told as f64).clamp(guess * RATIOS.0, guess * RATIOS.1);
        self.guessed = self.guessed * KEPT + guess;
        self.told = self.told * KEPT + told;
    }

    /// An answer taught nothing about prompts.
    pub(crate) fn forget(&mut self) {
        self.told += (self.guessed - self.told) * FORGOTTEN;
    }

    /// An answer came from one who counts what is written.
    pub(crate) const fn learn_counting(&mut self) {
        self.counts_written = true;
    }

    /// How much of a prompt that asks for a cache will be counted.
    pub(crate) fn counted(&self, prompt: u64) -> u64 {
        self.cache.expect(prompt)
    }

    /// Whether prompts that ask for a cache are expected to take less than others.
    pub(crate) const fn knows_cache(&self) -> bool {
        !self.cache.is_empty()
    }

    /// An answer said what its provider counted of a prompt, how many tokens it read from a cache
    /// without counting them, and how many it wrote there.
    pub(crate) fn learn_cache(
        &mut self,
        expected: &Expected,
        counted: u64,
        read: u64,
        written: u64,
    ) {
        let reserved = expected.cost().input_tokens();
        self.cache.learn(counted, read, written, reserved);
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
