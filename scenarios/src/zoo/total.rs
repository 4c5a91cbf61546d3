//! A policy in all worlds.

use super::{
    policy::Policy,
    round::{Played, Round},
};

/// Sums over all worlds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Total {
    pub(super) worlds: usize,
    /// Worlds in which it answered fewer calls than `off`.
    pub(super) fewer: usize,
    /// Worlds in which it answered later than `off`.
    pub(super) slower: usize,
    /// Worlds in which it did neither.
    pub(super) harmless: usize,
    /// Worlds in which it wasted too many calls on rejections.
    pub(super) wasteful: usize,
    /// Worlds in which it did harm beside `default`; for `told` only.
    pub(super) untold: Option<usize>,
    pub(super) calls: usize,
    pub(super) answers: usize,
    pub(super) rejections: u64,
    /// Its mean time to an answer by that of `off`, each summed over all worlds.
    pub(super) time: f64,
}

impl Total {
    pub(super) fn of(rounds: &[Round], policy: Policy) -> Self {
        let played: Vec<&Played> = rounds
            .iter()
            .filter_map(|it| it.of_policy(policy))
            .collect();
        let count = |holds: fn(&Played) -> bool| played.iter().filter(|it| holds(it)).count();
        let sum = |of: fn(&Played) -> f64| played.iter().map(|it| of(it)).sum::<f64>();
        let told = played.iter().any(|it| it.untold.is_some());
        let harmed = |it: &Played| it.untold.is_some_and(|verdict| !verdict.is_harmless());
        Self {
            worlds: played.len(),
            fewer: count(|it| it.verdict.fewer > 0),
            slower: count(|it| it.verdict.slower),
            harmless: count(|it| it.verdict.is_harmless()),
            wasteful: count(|it| it.wasteful),
            untold: told.then(|| count(harmed)),
            calls: rounds.iter().map(|round| round.calls).sum(),
            answers: played.iter().map(|it| it.answers).sum(),
            rejections: played.iter().map(|it| it.rejections).sum(),
            time: sum(|it| it.verdict.mean) / sum(|it| it.verdict.reference),
        }
    }
}

/// The worlds in which a policy did most harm, the worst first.
pub(super) fn worst(rounds: &[Round], policy: Policy, most: usize) -> Vec<(&Round, &Played)> {
    let played = rounds
        .iter()
        .filter_map(|it| Some((it, it.of_policy(policy)?)));
    let mut harmed: Vec<(&Round, &Played)> = played
        .filter(|(_, played)| !played.verdict.is_harmless())
        .collect();
    let harm = |(round, played): &(&Round, &Played)| played.verdict.harm(round.calls);
    harmed.sort_by(|one, other| harm(other).total_cmp(&harm(one)));
    harmed.truncate(most);
    harmed
}
