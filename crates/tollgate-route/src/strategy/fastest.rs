//! Whoever answers first.

use super::{Ask, Candidate, Strategy};

/// Tries first whoever was fastest lately: the time to the first event of a stream, or to the head
/// of an answer where there were no streams, divided by the part of calls that succeeded.
///
/// Whoever was not asked yet is asked at once, whoever only ever failed comes last, and one call in twenty goes to a target drawn by
/// chance, so that a slow one is noticed when it has become fast.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Fastest {
    explore: f64,
}

impl Default for Fastest {
    fn default() -> Self {
        Self { explore: 0.05 }
    }
}

impl Fastest {
    /// Sends one call in twenty to a target drawn by chance.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends this part of the calls to a target drawn by chance; clamped to 0 to 1.
    #[must_use]
    pub const fn explore(part: f64) -> Self {
        Self {
            explore: part.clamp(0.0, 1.0),
        }
    }
}

impl Strategy for Fastest {
    fn score(&self, candidate: &Candidate<'_>, ask: &Ask<'_>) -> f64 {
        if ask.chance() <= self.explore && self.explore > 0.0 {
            return ask.draw(candidate);
        }
        let Some(time) = candidate.first_token.or(candidate.latency) else {
            // Whoever only ever failed is never asked for its speed.
            return match candidate.success_rate {
                None => 0.0,
                Some(_) => f64::INFINITY,
            };
        };
        time.as_secs_f64() / candidate.success_rate.unwrap_or(1.0).max(0.01)
    }
}
