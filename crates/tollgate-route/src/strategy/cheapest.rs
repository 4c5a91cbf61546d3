//! Whoever costs least.

use super::{Ask, Candidate, Strategy};

/// Tries first whoever serves the call for the least money, at the
/// [prices](crate::Endpoint::price) that were set; a target without a price comes last.
///
/// A call that does not say what it takes is priced as a million tokens of prompt and as many of
/// answer: the sum of both prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "its name is its only value")]
pub struct Cheapest;

impl Strategy for Cheapest {
    fn score(&self, candidate: &Candidate<'_>, ask: &Ask<'_>) -> f64 {
        candidate.price.map_or(f64::INFINITY, |price| {
            match ask.cost().filter(|cost| cost.tokens() > 0) {
                Some(cost) => price.of(cost),
                None => price.input + price.output,
            }
        })
    }
}
