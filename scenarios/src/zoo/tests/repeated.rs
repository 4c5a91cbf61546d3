//! One seed gives one world, and one play of it.

use crate::zoo::{
    outcome::Outcome, play::play, policy::Policy, round::Round, story::Listener, world::World,
};

/// 85 calls at once against one a second and a limit on tokens; some answers are 500s.
const SEED: u64 = 122;

#[test]
fn one_seed_gives_one_outcome() {
    for policy in Policy::ALL {
        let outcome = |seed| play(&World::draw(seed), policy, Listener::default());
        let (once, again): (Outcome, Outcome) = (outcome(SEED), outcome(SEED));
        assert_eq!(once, again, "{policy:?}");
        assert_ne!(once, outcome(SEED + 1), "{policy:?}");
    }
}

#[test]
fn whoever_listens_changes_nothing() {
    let world = World::draw(SEED);
    let listener = Listener::listening();
    let heard = play(&world, Policy::Default, listener.clone());
    assert_eq!(heard, play(&world, Policy::Default, Listener::default()));
    let lines = listener.lines();
    let times: usize = lines.iter().map(|line| line.times).sum();
    assert!(times >= world.calls.len(), "{times} events");
    assert!(lines.len() < 200, "{} lines", lines.len());
}

#[test]
fn a_policy_with_nothing_to_be_told_is_the_other_one() {
    let unlimited = (1..).map(World::draw).find(|world| !world.is_limited());
    let world = unlimited.expect("every fifth");
    let outcome = |policy| play(&world, policy, Listener::default());
    assert_eq!(outcome(Policy::Told), outcome(Policy::Default));
    assert_eq!(outcome(Policy::Governor), outcome(Policy::Off));
    let round = Round::play(&world, &[Policy::Told, Policy::Governor]);
    let policies: Vec<Policy> = round.played.iter().map(|it| it.policy).collect();
    assert_eq!(policies, [Policy::Told, Policy::Governor]);
}
