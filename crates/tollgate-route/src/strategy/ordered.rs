//! In the order in which they were written down.

use super::{Ask, Candidate, Strategy};

/// Tries the targets in the order in which they were written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "its name is its only value")]
pub struct Ordered;

impl Strategy for Ordered {
    fn score(&self, _: &Candidate<'_>, _: &Ask<'_>) -> f64 {
        0.0
    }
}
