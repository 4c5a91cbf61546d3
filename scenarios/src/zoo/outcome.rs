//! What came of a world under one policy.

use std::time::Duration;

use super::world::World;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its answer was whole, so long after its arrival.
    Answered(Duration),
    /// The stack rejected it, without asking the provider or before asking it again.
    Refused,
    /// Its caller gave up.
    GivenUp,
    /// It ended in an error, or in a last answer that is no success.
    Failed,
}

/// One play of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// By call.
    pub(super) ends: Vec<End>,
    /// Answers with status 429 that the provider sent.
    pub(super) rejections: u64,
}

impl Outcome {
    /// How long a call took, if it was answered.
    pub(super) fn answered(&self, call: usize) -> Option<Duration> {
        match self.ends[call] {
            End::Answered(took) => Some(took),
            _ => None,
        }
    }

    /// How long these calls took, those that were answered, in seconds.
    pub(super) fn times(&self, calls: &[usize]) -> Vec<f64> {
        let times = calls.iter().filter_map(|n| self.answered(*n));
        times.map(|time| time.as_secs_f64()).collect()
    }

    /// When the first so many answers to these calls came, in seconds since the world began.
    pub(super) fn first(&self, answers: usize, calls: &[usize], world: &World) -> Vec<f64> {
        let came = |n: &usize| Some(world.calls[*n].arrival + self.answered(*n)?);
        let mut all: Vec<Duration> = calls.iter().filter_map(came).collect();
        all.sort_unstable();
        all.truncate(answers);
        all.iter().map(Duration::as_secs_f64).collect()
    }

    /// How many calls ended so.
    pub(super) fn count(&self, ended: impl Fn(&End) -> bool) -> usize {
        self.ends.iter().filter(|end| ended(end)).count()
    }

    pub(super) fn answers(&self) -> usize {
        self.count(|end| matches!(end, End::Answered(_)))
    }
}
