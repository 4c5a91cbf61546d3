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
}

impl Expected {
    /// Asks the call, else the estimator, whose guess is corrected.
    pub fn of<E: Estimate + ?Sized>(
        estimator: &E,
        request: &Outgoing<'_>,
        learned: &Learned,
    ) -> Self {
        match request.call().and_then(Call::cost) {
            Some(cost) => Self::set(*cost),
            None => Self::guessed(estimator.estimate(request, learned), learned),
        }
    }

    /// A cost that a person set: taken as it is.
    #[must_use]
    pub const fn set(cost: Cost) -> Self {
        Self { cost, guess: None }
    }

    /// As it was, from its parts.
    pub(crate) const fn of_parts(cost: Cost, guess: Option<u64>) -> Self {
        Self { cost, guess }
    }

    /// A cost that was guessed: the tokens of its prompt are corrected.
    #[must_use]
    pub fn guessed(cost: Cost, learned: &Learned) -> Self {
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
