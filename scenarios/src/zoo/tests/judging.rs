//! Who is fewer, and who is slower.

use std::{sync::Arc, time::Duration};

use crate::zoo::{
    judge::Verdict,
    outcome::{End, Outcome},
    world::World,
};

fn outcome(ends: &[Option<f64>]) -> Outcome {
    let end = |took: &Option<f64>| {
        took.map_or(End::Failed, |took| {
            End::Answered(Duration::from_secs_f64(took))
        })
    };
    Outcome {
        ends: ends.iter().map(end).collect(),
        rejections: 0,
    }
}

/// A world of so many calls, of which the first is given up after this time.
fn world(calls: usize, patience: Option<f64>) -> Arc<World> {
    let large = (1..)
        .map(World::draw)
        .find(|world| world.calls.len() >= calls);
    let mut world = Arc::into_inner(large.expect("many are")).expect("nobody else has it");
    world.calls.truncate(calls);
    for call in &mut world.calls {
        call.arrival = Duration::ZERO;
        call.patience = None;
    }
    world.calls[0].patience = patience.map(Duration::from_secs_f64);
    Arc::new(world)
}

fn judge(own: &[Option<f64>], off: &[Option<f64>], patience: Option<f64>) -> Verdict {
    Verdict::of(&outcome(own), &[outcome(off)], &world(off.len(), patience))
}

#[test]
fn ten_percent_and_half_a_second_are_no_harm() {
    let off = [Some(1.0), Some(3.0)];
    let verdict = judge(&[Some(2.0), Some(3.4)], &off, None);
    assert!(verdict.is_harmless(), "2.7 s are allowed: {verdict:?}");
    let verdict = judge(&[Some(2.0), Some(3.42)], &off, None);
    assert!(verdict.slower && verdict.fewer == 0, "{verdict:?}");
}

#[test]
fn means_are_over_what_both_answered() {
    let verdict = judge(&[Some(1.0), None], &[Some(1.0), Some(9.0)], None);
    assert_eq!((verdict.fewer, verdict.slower), (1, false));
    assert_eq!((verdict.mean, verdict.reference), (1.0, 1.0));
}

/// Whoever serves the calls that the other lost makes others wait for them.
#[test]
fn where_the_other_lost_calls_as_many_answers_must_come_as_early() {
    let own = [Some(6.0), Some(1.0), Some(2.0)];
    let verdict = judge(&own, &[Some(1.0), None, Some(2.0)], None);
    assert!(verdict.is_harmless(), "{verdict:?}");
    assert_eq!((verdict.mean, verdict.reference), (1.5, 1.5));
    let own = [Some(6.0), Some(1.0), Some(4.4)];
    let verdict = judge(&own, &[Some(1.0), None, Some(2.0)], None);
    assert!(verdict.slower && verdict.fewer == 0, "{verdict:?}");
}

#[test]
fn a_caller_who_would_have_given_up_anyway_does_not_count() {
    let (own, off) = ([None, Some(1.0)], [Some(1.0), Some(1.0)]);
    assert_eq!(judge(&own, &off, Some(1.5)).fewer, 0, "too short of time");
    assert_eq!(judge(&own, &off, Some(1.7)).fewer, 1, "there was time");
    let luck = Outcome {
        rejections: 1,
        ..outcome(&off)
    };
    let verdict = Verdict::of(&outcome(&own), &[luck], &world(2, Some(1.7)));
    assert_eq!(verdict.fewer, 0, "calls competed");
    let lost = [None, Some(1.0)];
    assert_eq!(judge(&own, &lost, Some(9.0)).fewer, 0, "lost anyway");
}
