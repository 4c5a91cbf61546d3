//! What is reserved for a call.

use tollgate_core::{Call, Cost};

use super::{Estimate, Learned};
use crate::Outgoing;

/// What to reserve for a call, and the plain guess it came from.
///
/// The guess is kept because the ratio changes while a call is on its way: held against the
/// corrected figure, each of many calls that left together would correct the same error again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    cost: Cost,
    guess: Option<u64>,
    stated: bool,
}

impl Expected {
    /// Asks the call, else the estimator, whose guess is corrected: by the ratio of tokens to
    /// guesses, and, where the request asks for a cache whose reads the provider does not count, by
    /// what such prompts usually take.
    pub fn of<E: Estimate + ?Sized>(
        estimator: &E,
        request: &Outgoing<'_>,
        learned: &Learned,
    ) -> Self {
        match request.call().and_then(Call::cost) {
            Some(cost) => Self::set(*cost),
            None => {
                let mut expected = Self::guessed(estimator.estimate(request, learned), learned);
                let whole = request.endpoint().reserves_cap == Some(true);
                if learned.knows_cache() && !whole && request.contents().cache {
                    expected = expected.with_cache(learned);
                }
                if !request.is_all_text() {
                    expected.guess = None;
                }
                expected
            }
        }
    }

    /// A cost that a person set: taken as it is.
    #[must_use]
    pub const fn set(cost: Cost) -> Self {
        Self {
            cost,
            guess: None,
            stated: true,
        }
    }

    /// As it was, from its parts.
    pub(crate) const fn of_parts(cost: Cost, guess: Option<u64>) -> Self {
        Self {
            cost,
            guess,
            stated: false,
        }
    }

    /// A cost that was guessed: the tokens of its prompt are corrected.
    #[must_use]
    pub fn guessed(cost: Cost, learned: &Learned) -> Self {
        let guess = cost.input_tokens();
        Self {
            cost: cost.with_input_tokens(learned.correct_within(guess)),
            guess: Some(guess),
            stated: false,
        }
    }

    /// Expects a part of the prompt to come out of a cache.
    fn with_cache(self, learned: &Learned) -> Self {
        let counted = learned.counted(self.cost.input_tokens());
        Self {
            cost: self.cost.with_input_tokens(counted),
            ..self
        }
    }

    /// What to reserve.
    #[must_use]
    pub const fn cost(&self) -> &Cost {
        &self.cost
    }

    /// A person set the cost. An estimate is never a reason to refuse a call.
    #[must_use]
    pub const fn is_stated(&self) -> bool {
        self.stated
    }

    /// The prompt's tokens as guessed; `None` where the answer teaches nothing about guesses: a
    /// person set the cost, or a part of the prompt is not in the request's text (an earlier
    /// conversation, files, links, results of the provider's tools).
    #[must_use]
    pub const fn guess(&self) -> Option<u64> {
        self.guess
    }
}
