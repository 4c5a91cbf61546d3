//! What belongs together goes to one target.

use super::{Ask, Candidate, Strategy, weighted};

/// Sends calls that belong together to one target, so that it finds their beginning in its prompt
/// cache.
///
/// Calls belong together by their [`Preference::affinity`](crate::Preference::affinity) (or the header
/// `x-tollgate-affinity`, where the router listens to it). A call that states none belongs to its
/// `prompt_cache_key`, else to its `user`: fields of the JSON body.
///
/// By rendezvous hashing, in proportion to the weights: the same in every process, and when a target
/// drops out only its own calls move. Calls that belong to none take the order written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "its name is its only value")]
pub struct Sticky;

impl Strategy for Sticky {
    fn score(&self, candidate: &Candidate<'_>, ask: &Ask<'_>) -> f64 {
        ask.tie(candidate)
            .map_or(0.0, |tie| weighted(tie, candidate.weight))
    }

    fn ties(&self) -> bool {
        true
    }
}
