//! One world, told in full.

use std::sync::Arc;

use super::{
    outcome::{End, Outcome},
    play::play,
    policy::Policy,
    round::Round,
    story::{Line, Listener},
    table::figures,
    world::World,
};

/// So many lines of a story are printed from its beginning, and from its end.
const LINES: (usize, usize) = (45, 15);

/// Prints what a world is like, how each policy did in it, and the events of its limiter.
pub(super) fn print(world: &Arc<World>, policies: &[Policy]) {
    println!("world {}: {world}\n", world.seed);
    let mut all = vec![Policy::Off];
    all.extend(policies.iter().filter(|policy| **policy != Policy::Off));
    let plays = all.iter().map(|policy| {
        let listener = Listener::listening();
        let outcome = play(world, *policy, listener.clone());
        (*policy, outcome, listener.lines())
    });
    let plays: Vec<(Policy, Outcome, Vec<Line>)> = plays.collect();
    // A policy in effect may be another one; here each was played by itself.
    let outcomes: Vec<(Policy, Outcome)> = plays
        .iter()
        .map(|(policy, outcome, _)| (*policy, outcome.clone()))
        .collect();
    let round = Round::of(world, &all, &outcomes);
    for (policy, outcome, lines) in &plays {
        let Some(played) = round.of_policy(*policy) else {
            continue;
        };
        println!("{}: {}", policy.name(), figures(played));
        println!("  {}", ends(outcome));
        if let Some(untold) = &played.untold {
            let (fewer, mean, base) = (untold.fewer, untold.mean, untold.reference);
            println!("  beside `default`: {fewer} fewer, mean {mean:.2} s, `default` {base:.2} s");
        }
        tell(lines);
    }
}

fn ends(outcome: &Outcome) -> String {
    let refused = outcome.count(|end| *end == End::Refused);
    let given_up = outcome.count(|end| *end == End::GivenUp);
    let failed = outcome.count(|end| *end == End::Failed);
    let times = outcome.ends.iter().filter_map(|end| match end {
        End::Answered(took) => Some(took.as_secs_f64()),
        _ => None,
    });
    let longest = times.fold(0.0, f64::max);
    format!(
        "slowest answer {longest:.2} s; not answered: {refused} rejected by the stack, \
         {given_up} given up by the caller, {failed} failed"
    )
}

fn tell(lines: &[Line]) {
    let (first, last) = LINES;
    let left_out = lines.len().saturating_sub(first + last);
    for (place, line) in lines.iter().enumerate() {
        if place == first && left_out > 0 {
            println!("             … {left_out} lines left out …");
        }
        if place < first || place >= first + left_out {
            println!("  {line}");
        }
    }
    println!();
}
