//! By chance, in proportion to weights.

use super::{Ask, Candidate, Strategy, weighted};

/// Draws for each call, in proportion to the [weights](crate::Endpoint::weight).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "its name is its only value")]
pub struct Weighted;

impl Strategy for Weighted {
    fn score(&self, candidate: &Candidate<'_>, ask: &Ask<'_>) -> f64 {
        weighted(ask.draw(candidate), candidate.weight)
    }
}
