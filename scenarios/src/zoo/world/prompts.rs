//! What calls ask for, in tokens.

use tollgate_core::Usage;
use tollgate_test::{Dialect, Kind};

use crate::zoo::dice::Dice;

/// The tokens of a world's calls.
#[derive(Debug, Clone, Copy)]
pub(in crate::zoo) struct Prompts {
    /// The provider has a limit on tokens, if it has one on requests.
    pub(in crate::zoo) counted: bool,
    /// What it counts.
    pub(in crate::zoo) kind: Kind,
    /// 90 % of each prompt come out of a cache.
    pub(in crate::zoo) cached: bool,
    /// What comes out of a cache is not counted.
    pub(in crate::zoo) free_cache: bool,
    /// The longest answer that a call allows.
    pub(in crate::zoo) max_tokens: u64,
    /// The provider charges the longest answer at first, and gives back what was not used.
    pub(in crate::zoo) reserved: bool,
}

/// How much of a prompt comes out of a cache where anything does.
const CACHED: f64 = 0.9;

impl Prompts {
    /// Short prompts that no limit counts.
    pub(in crate::zoo) const SHORT: Self = Self {
        counted: false,
        kind: Kind::Tokens,
        cached: false,
        free_cache: false,
        max_tokens: 1_024,
        reserved: false,
    };

    pub(super) fn draw(dice: &Dice, dialect: Dialect) -> Self {
        let counted = dice.chance(0.3);
        let anthropic = dialect == Dialect::Anthropic;
        Self {
            counted,
            kind: match anthropic {
                true => Kind::InputTokens,
                false => Kind::Tokens,
            },
            cached: dice.chance(0.25),
            free_cache: anthropic || dialect == Dialect::Groq,
            max_tokens: dice.pick(&[1_024, 1_024, 8_192]),
            reserved: dice.chance(0.33) && !anthropic,
        }
    }

    /// What a call takes. Where tokens are not counted, all prompts are short.
    pub(super) fn usage(&self, dice: &Dice) -> Usage {
        if !self.counted {
            return Usage::new(20, 5);
        }
        let (low, high, output) = match (self.cached, self.max_tokens) {
            (true, _) => (1_000.0, 3_000.0, 200.0),
            (false, 8_192) => (50.0, 2_000.0, 600.0),
            (false, _) => (50.0, 2_000.0, 200.0),
        };
        let input = dice.scale(low, high) as u64;
        let output = (dice.log_normal(output) as u64).clamp(1, self.max_tokens);
        let cached = match self.cached {
            true => (input as f64 * CACHED) as u64,
            false => 0,
        };
        Usage::new(input, output).with_cached(cached)
    }

    /// What a call is charged in the end.
    pub(in crate::zoo) const fn charged(&self, usage: &Usage) -> u64 {
        let free = if self.free_cache { usage.cached() } else { 0 };
        let input = usage.input() - free;
        match self.kind {
            Kind::InputTokens => input,
            _ => input + usage.output(),
        }
    }

    /// The most that a call can be charged at first.
    pub(super) const fn most(&self) -> u64 {
        match self.reserved {
            true => 3_000 + self.max_tokens,
            false => 3_000,
        }
    }

    /// What a call is charged on average.
    pub(super) fn mean(&self) -> f64 {
        let dice = Dice::new(0, "mean");
        let charged = |_| self.charged(&self.usage(&dice)) as f64;
        (0..200).map(charged).sum::<f64>() / 200.0
    }
}
