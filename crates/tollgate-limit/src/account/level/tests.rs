//! The interval rule, and what proves a bucket.

use std::collections::VecDeque;

use proptest::{prelude::*, test_runner::RngSeed};
use tollgate_core::Quota;

use super::*;

const START: Seconds = 1_000.0;
const ORDER: Seconds = 0.06;

fn level() -> Level {
    let mut quota = Quota::new();
    let said = quota.entry(LimitKind::Requests, None).expect("room");
    Level::new(said)
}

/// So many remain of 600 for another 30.5 s, says the answer to a call sent at this time.
fn said(remaining: f64, sent: Seconds) -> Statement {
    Statement {
        remaining,
        limit: Some(600.0),
        reset: Some(30.5),
        sent,
        perhaps: 0.0,
        certainly: 0.0,
        fate: Fate::Served,
        disorder: ORDER,
        own: 0.0,
    }
}

/// What an own count becomes when an answer says that 41 remain, and of own calls three may and two must
/// have been counted after it: it lies from 38 to 40.
fn corrected(own: f64, sent: Seconds) -> f64 {
    let mut level = level();
    level.apply(said(own, START), START);
    let statement = Statement {
        perhaps: 3.0,
        certainly: 2.0,
        ..said(41.0, sent)
    };
    level.apply(statement, START + 0.1);
    level.left().expect("it is known")
}

#[test]
fn a_count_between_the_bounds_stays() {
    for own in [38.0, 38.7, 39.0, 40.0] {
        assert_eq!(corrected(own, START + 0.01), own);
        assert_eq!(corrected(own, START - 0.01), own);
    }
}

#[test]
fn above_the_bounds_it_is_lowered_at_once() {
    for sent in [START + 0.01, START - 0.01] {
        assert_eq!(corrected(45.0, sent), 40.0);
    }
}

#[test]
fn below_the_bounds_it_is_raised_by_the_newest_alone() {
    assert_eq!(corrected(30.0, START + 0.01), 38.0);
    assert_eq!(corrected(30.0, START - 0.01), 30.0);
}

#[test]
fn what_goes_is_taken_off_and_what_did_not_comes_back() {
    let mut level = level();
    assert_eq!(level.left(), None);
    level.take(3.0);
    level.raise(5.0);
    assert_eq!(level.left(), None, "nothing is known yet");
    level.apply(said(10.0, START), START);
    level.take(12.0);
    assert_eq!(level.left(), Some(-2.0));
    // A stated wait for a call is over.
    level.raise(1.0);
    assert_eq!(level.left(), Some(1.0));
    level.raise(0.5);
    assert_eq!(level.left(), Some(1.0));
}

#[test]
fn it_is_known_until_the_stated_end() {
    let end = START + 30.5 + ORDER;
    for (left, after) in [(10.0, Some(10.0)), (0.0, None), (0.9, None)] {
        let mut level = level();
        level.apply(said(left, START), START);
        assert!(!level.advance(end - 0.001));
        assert_eq!(level.left(), Some(left));
        assert!(level.advance(end), "a window ended");
        assert_eq!((level.left(), level.ended_at()), (after, end));
        // Once.
        assert!(!level.advance(end + 0.001));
    }
}

#[test]
fn an_answer_that_comes_after_the_end_of_its_window_says_nothing() {
    let mut level = level();
    level.apply(said(5.0, START), START + 40.0);
    assert_eq!(level.left(), None);
    // The way of a later one was shorter.
    level.apply(said(5.0, START + 39.0), START + 40.1);
    assert_eq!(level.left(), Some(5.0));
}

/// Answers of a bucket of 600 that refills 10 a second, of which so much is used.
fn of_bucket(used: f64, step: Seconds, sent: Seconds) -> Statement {
    let reset = (used / 10.0 / step).ceil() * step;
    Statement {
        reset: Some(reset),
        ..said((600.0 - used).floor(), sent)
    }
}

fn after(statements: impl IntoIterator<Item = Statement>) -> Level {
    let mut level = level();
    for statement in statements {
        level.apply(statement, statement.sent);
    }
    level
}

#[test]
fn resets_that_agree_on_a_rate_prove_a_bucket() {
    let used = [25.37, 31.41, 90.2];
    // Within a second of each other: nobody else takes any of it.
    let exact = used.map(|used| of_bucket(used, 0.001, START + used * 1e-3));
    let level = after(exact);
    let rate = level.rate().expect("a bucket");
    assert!((rate - 9.85).abs() < 1e-9, "a little below ten: {rate}");
    // Whole seconds prove it when they are small beside the reset.
    let used = [25.37, 31.41, 290.2, 410.7, 530.3];
    let level = after(used.map(|used| of_bucket(used, 1.0, START + used * 1e-3)));
    let rate = level.rate().expect("a bucket");
    assert!((rate - 9.85).abs() < 1e-9, "{rate}");
}

#[test]
fn a_proven_bucket_refills_up_to_its_limit() {
    let used = [250.37, 310.41, 400.3];
    let mut level = after(used.map(|used| of_bucket(used, 0.001, START)));
    let left = level.left().expect("it is known");
    level.advance(START + 10.0);
    let refilled = level.left().expect("it is known") - left;
    assert!((refilled - 98.5).abs() < 1e-6, "{refilled}");
    assert!(!level.advance(START + 1_000.0), "it has no windows");
    assert_eq!(level.left(), Some(600.0));
}

/// All of a window is back at its end, however much of it is used: no rate fits two such answers.
#[test]
fn one_end_for_all_proves_that_it_is_none() {
    for step in [0.001, 1.0] {
        let window = |used: f64, since: Seconds| Statement {
            reset: Some(((59.7 - since) / step).ceil() * step),
            ..said(600.0 - used, START + since)
        };
        let level = after([window(100.0, 0.0), window(400.0, 0.1), window(590.0, 0.2)]);
        assert_eq!(level.rate(), None, "{step}");
        // For good, whatever comes.
        let mut level = level;
        for used in [25.37, 31.41, 90.2] {
            level.apply(of_bucket(used, 0.001, START + used), START + used);
        }
        assert_eq!(level.rate(), None, "{step}");
    }
}

/// The first two answers of a window of 60 a minute, in whole seconds, fit a bucket that fills in an hour.
#[test]
fn two_answers_that_fit_any_rate_prove_nothing() {
    for limit in [60.0, 600.0, 1_440.0, 3_600.0] {
        let first = |used: f64| Statement {
            limit: Some(limit),
            reset: Some(60.0),
            ..said(limit - used, START)
        };
        assert_eq!(after([first(1.0), first(2.0)]).rate(), None, "{limit}");
    }
}

#[test]
fn another_limit_is_another_count() {
    let used = [25.37, 31.41, 90.2];
    let mut level = after(used.map(|used| of_bucket(used, 0.001, START + used)));
    assert!(level.rate().is_some());
    let other = Statement {
        limit: Some(60.0),
        ..said(50.0, START + 200.0)
    };
    level.apply(other, START + 200.0);
    assert_eq!((level.rate(), level.limit), (None, 60.0));
}

/// An own burst at a provider that counts a window. Nobody else calls.
fn simulate(calls: &[(u64, u64, u64)]) -> Result<(), TestCaseError> {
    #[derive(Clone, Copy)]
    struct Call {
        sent: Seconds,
        there: Seconds,
        back: Seconds,
    }
    let mut now = START;
    let mut all: Vec<Call> = calls
        .iter()
        .map(|(gap, way, head)| {
            now += *gap as f64 * 1e-3;
            let there = now + *way as f64 * 1e-3;
            let back = there + 0.01 + *head as f64 * 1e-3;
            Call {
                sent: now,
                there,
                back,
            }
        })
        .collect();
    // One more, when all else is quiet.
    let last = now + 5.0;
    all.push(Call {
        sent: last,
        there: last + 0.02,
        back: last + 0.5,
    });
    let remaining = |at: Seconds| 600.0 - all.iter().filter(|it| it.there <= at).count() as f64;
    let sent_after = |at: Seconds, until: Seconds| {
        let after = all.iter().filter(|it| it.sent > at && it.sent <= until);
        after.count() as f64
    };
    let mut answers: Vec<Call> = all.clone();
    answers.sort_by(|a, b| a.back.total_cmp(&b.back));
    let mut to_send: VecDeque<Seconds> = all.iter().map(|it| it.sent).collect();
    let mut level = level();
    for it in answers {
        while to_send.front().is_some_and(|at| *at <= it.back) {
            to_send.pop_front();
            level.take(1.0);
        }
        let statement = Statement {
            perhaps: sent_after(it.sent - ORDER, it.back) - 1.0,
            certainly: sent_after(it.sent + ORDER, it.back),
            reset: Some(55.5 - (it.there - START)),
            ..said(remaining(it.there), it.sent)
        };
        level.apply(statement, it.back);
        let truth = 600.0 - all.iter().filter(|it2| it2.sent <= it.back).count() as f64;
        let found = level.left().expect("it is known");
        prop_assert!(found <= truth + 1.0, "{found} of {truth}");
    }
    let truth = 600.0 - all.len() as f64;
    let found = level.left().expect("it is known");
    prop_assert!(
        (truth..=truth + 1.0).contains(&found),
        "{found} and not {truth}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Calls overtake each other on the way there by up to 60 ms, and their answers by seconds. Never is
    /// more taken to be left than is, and in the end all of it is known: nobody else is made up.
    #[test]
    fn answers_out_of_order_invent_no_others(
        calls in prop::collection::vec((0_u64..40, 0_u64..60, 0_u64..3_000), 1..80),
    ) {
        simulate(&calls)?;
    }
}
