//! How a policy did in a world, beside another one.
//!
//! **Fewer**: it answered fewer calls. A call whose caller gives up is left out, unless the other
//! policy met no rejection and answered it with [`tolerance`] to spare. Its caller would have given up
//! anyway; and where calls compete for a limit, it is luck which of them are served soon.
//!
//! **Slower**: its mean time to an answer is beyond the other's and [`tolerance`]. Both means are over
//! the calls that both answered.
//!
//! That would not be fair where the other policy lost calls. A provider serves so many calls a minute,
//! and whoever loses calls has fewer to share them: the calls that are left are answered sooner, and
//! those that were lost would have waited longest. So there the question is whether as many answers
//! came as early, whichever calls they were for: of both policies as many answers count as both gave,
//! the first of each, and the policy is later by the difference of the mean times at which they came.

use std::ops::Add;

use super::{
    outcome::{End, Outcome},
    world::World,
};

/// A policy beside another one, the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    /// How many calls fewer it answered.
    pub(super) fewer: usize,
    /// Its mean time to an answer, in seconds.
    pub(super) mean: f64,
    /// The reference's mean time to an answer, in seconds.
    pub(super) reference: f64,
    pub(super) slower: bool,
}

/// How long an answer may take that takes so long without a limiter: 10 % and half a second more.
pub(super) fn tolerance(seconds: f64) -> f64 {
    seconds * 1.1 + 0.5
}

impl Verdict {
    /// Beside plays of the reference, of which the mean counts.
    pub(super) fn of(outcome: &Outcome, references: &[Outcome], world: &World) -> Self {
        let beside = references.iter().map(|it| beside(outcome, it, world));
        let [fewer, mean, reference] = beside.fold([0.0; 3], |sum, it| {
            std::array::from_fn(|n| sum[n] + it[n] / references.len() as f64)
        });
        Self {
            fewer: fewer.round().max(0.0) as usize,
            mean,
            reference,
            slower: mean > tolerance(reference),
        }
    }

    /// It did no harm.
    pub(super) const fn is_harmless(&self) -> bool {
        self.fewer == 0 && !self.slower
    }

    /// How much harm it did: the part of the calls that it lost counts ten times the part by which
    /// answers came too late.
    pub(super) fn harm(&self, calls: usize) -> f64 {
        let lost = self.fewer as f64 / calls as f64;
        let late = self.mean / tolerance(self.reference) - 1.0;
        10.0 * lost + late.max(0.0)
    }
}

/// How many fewer, its mean and the mean of the reference.
fn beside(outcome: &Outcome, reference: &Outcome, world: &World) -> [f64; 3] {
    let judged = |n: &usize| is_judged(*n, reference, world);
    let judged: Vec<usize> = (0..world.calls.len()).filter(judged).collect();
    let (own, its) = (outcome.times(&judged), reference.times(&judged));
    let (mean, base) = if its.len() == judged.len() {
        let both = |n: &&usize| outcome.answered(**n).is_some();
        let both: Vec<usize> = judged.iter().filter(both).copied().collect();
        (mean(&own), mean(&reference.times(&both)))
    } else {
        let first = |of: &Outcome| mean(&of.first(own.len().min(its.len()), &judged, world));
        let base = mean(&its);
        (base + first(outcome) - first(reference), base)
    };
    [its.len() as f64 - own.len() as f64, mean, base]
}

fn is_judged(call: usize, reference: &Outcome, world: &World) -> bool {
    let Some(patience) = world.calls[call].patience else {
        return true;
    };
    match reference.ends[call] {
        End::Answered(took) if reference.rejections == 0 => {
            tolerance(took.as_secs_f64()) < patience.as_secs_f64()
        }
        _ => false,
    }
}

fn mean(seconds: &[f64]) -> f64 {
    seconds.iter().fold(0.0, f64::add) / seconds.len().max(1) as f64
}
