//! What a call will cost, guessed before it is sent.

mod learned;

use tollgate_core::{Call, Cost, Usage};

use crate::Outgoing;

pub use learned::Learned;

/// Guesses what a call will take out of the limits.
///
/// The guess is a plain one: the limiter itself corrects the tokens of the prompt by the ratio it
/// learned from what answers reported, for each key apart. A cost set on the [`Call`] comes first,
/// and is taken as it is.
///
/// Called without a lock, once for each call; be quick. Closures are estimators too.
///
/// # Examples
///
/// ```
/// use tollgate_core::Cost;
/// use tollgate_limit::{Estimate, Learned, Outgoing};
///
/// fn check(_: impl Estimate) {}
/// check(|request: &Outgoing<'_>, learned: &Learned| {
///     let bytes = request.body().map_or(0, <[u8]>::len) as u64;
///     Cost::default().with_input_tokens(bytes / 3).with_output_tokens(learned.output().unwrap_or(400))
/// });
/// ```
pub trait Estimate {
    /// What this request will cost.
    fn estimate(&self, request: &Outgoing<'_>, learned: &Learned) -> Cost;
}

impl<F: Fn(&Outgoing<'_>, &Learned) -> Cost> Estimate for F {
    fn estimate(&self, request: &Outgoing<'_>, learned: &Learned) -> Cost {
        self(request, learned)
    }
}

/// The default estimator: so many bytes of the body to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BytesPerToken {
    bytes: u64,
}

impl BytesPerToken {
    /// Four bytes to a token: English text, and the JSON around it.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: 4 }
    }
}

impl Default for BytesPerToken {
    fn default() -> Self {
        Self::new()
    }
}

impl Estimate for BytesPerToken {
    fn estimate(&self, request: &Outgoing<'_>, learned: &Learned) -> Cost {
        let bytes = request.body().map_or(0, <[u8]>::len) as u64;
        let output = request.output_cap().or(learned.output()).unwrap_or(500);
        Cost::default()
            .with_input_tokens(bytes / self.bytes)
            .with_output_tokens(output)
    }
}

/// What to reserve for a call, and the plain guess it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    cost: Cost,
    /// The prompt's tokens before correction; `None` where a person set the cost.
    guess: Option<u64>,
}

impl Expected {
    /// Asks the call, else the estimator; corrects the estimator's guess.
    pub fn of<E: Estimate + ?Sized>(
        estimator: &E,
        request: &Outgoing<'_>,
        learned: &Learned,
    ) -> Self {
        if let Some(cost) = request.call().and_then(Call::cost) {
            return Self {
                cost: *cost,
                guess: None,
            };
        }
        let cost = estimator.estimate(request, learned);
        let guess = cost.input_tokens();
        Self {
            cost: cost.with_input_tokens(learned.correct(guess)),
            guess: Some(guess),
        }
    }

    /// What to reserve.
    #[must_use]
    pub const fn cost(&self) -> &Cost {
        &self.cost
    }

    /// The prompt's tokens as guessed; `None` where a person set the cost.
    #[must_use]
    pub const fn guess(&self) -> Option<u64> {
        self.guess
    }
}
