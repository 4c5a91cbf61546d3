//! Whoever has the most budget left.

use super::{Ask, Candidate, Strategy};

/// Tries first whoever has the largest part of its scarcest limit left, as the limiter below or the
/// provider's last answer says; among those of which that is not known, whoever has the fewest calls
/// of this process under way for its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "its name is its only value")]
pub struct LeastLoaded;

impl Strategy for LeastLoaded {
    fn score(&self, candidate: &Candidate<'_>, _: &Ask<'_>) -> f64 {
        // Those whose budget is known come between an idle one and a busy one of the others.
        let busy = f64::from(candidate.in_flight) / candidate.weight.max(f64::MIN_POSITIVE);
        match candidate.left {
            Some(left) => 1.0 - left,
            None => busy,
        }
    }
}
