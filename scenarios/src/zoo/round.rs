//! One world, played by all policies.

use std::sync::Arc;

use super::{
    judge::Verdict, outcome::Outcome, play::play, policy::Policy, story::Listener, world::World,
};

/// How often `off` is played, each time with other luck. A single play is no yardstick: half of the
/// others are sooner.
const LUCKS: u64 = 5;

/// What came of a world.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Round {
    pub(super) seed: u64,
    /// The world in one line.
    pub(super) world: String,
    pub(super) calls: usize,
    pub(super) played: Vec<Played>,
}

/// What came of a world under one policy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Played {
    pub(super) policy: Policy,
    pub(super) answers: usize,
    pub(super) rejections: u64,
    /// Beside `off`.
    pub(super) verdict: Verdict,
    /// Beside `default`: for `told` only, which must not be worse for what it knows.
    pub(super) untold: Option<Verdict>,
    /// More than 24 rejections and 2 % of the calls.
    pub(super) wasteful: bool,
}

impl Round {
    /// Plays a world, `off` [`LUCKS`] times.
    pub(super) fn play(world: &Arc<World>, policies: &[Policy]) -> Self {
        let mut outcomes: Vec<(Policy, Outcome)> = Vec::new();
        for policy in policies {
            let policy = policy.in_effect(world);
            if find(&outcomes, policy).is_none() {
                outcomes.push((policy, play(world, policy, Listener::default())));
            }
        }
        Self::of(world, policies, &outcomes)
    }

    /// Judges what came of a world. `outcomes`: by the policy in effect.
    pub(super) fn of(world: &World, policies: &[Policy], outcomes: &[(Policy, Outcome)]) -> Self {
        let calls = world.calls.len();
        let off = (1..=LUCKS).map(|luck| {
            let world = World::with_luck(world.seed, luck);
            play(&world, Policy::Off, Listener::default())
        });
        let off: Vec<Outcome> = off.collect();
        let played = policies.iter().filter_map(|&policy| {
            let outcome = find(outcomes, policy);
            let outcome = outcome.or_else(|| find(outcomes, policy.in_effect(world)))?;
            let default = find(outcomes, Policy::Default).filter(|_| policy == Policy::Told);
            Some(Played {
                policy,
                answers: outcome.answers(),
                rejections: outcome.rejections,
                verdict: Verdict::of(outcome, &off, world),
                untold: default.map(|it| Verdict::of(outcome, std::slice::from_ref(it), world)),
                wasteful: outcome.rejections as f64 > 24.0 + 0.02 * calls as f64,
            })
        });
        Self {
            seed: world.seed,
            world: world.to_string(),
            calls,
            played: played.collect(),
        }
    }

    pub(super) fn of_policy(&self, policy: Policy) -> Option<&Played> {
        self.played.iter().find(|played| played.policy == policy)
    }
}

fn find(outcomes: &[(Policy, Outcome)], policy: Policy) -> Option<&Outcome> {
    let found = outcomes.iter().find(|(of, _)| *of == policy);
    found.map(|(_, outcome)| outcome)
}
