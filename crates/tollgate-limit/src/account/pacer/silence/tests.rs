//! Providers that say nothing.

use tollgate_core::Cost;

use super::*;

const START: Seconds = 1_000.0;
/// In the middle of the jitter.
const MIDDLE: f64 = 0.5;

/// Calls at these times.
fn sent(at: impl IntoIterator<Item = Seconds>) -> Sent {
    let mut sent = Sent::default();
    at.into_iter()
        .for_each(|at| sent.send(&Cost::default(), at));
    sent
}

/// After so many rejections in a row.
fn in_a_row(n: u32) -> Silence {
    let mut silence = Silence::default();
    for _ in 0..n {
        silence.note(0.0, (None, START), &sent([]), (START, START));
    }
    silence
}

fn pause(silence: &Silence, pace: Option<f64>, waiting: f64, random: f64) -> Seconds {
    silence.pause(pace, 3.0 + 0.005 * waiting, random, (START, 0.06)) - START
}

#[test]
fn pauses_in_a_row_grow_threefold_up_to_20_seconds() {
    let pauses = [0, 1, 2, 3, 4, 5, 50].map(|n| pause(&in_a_row(n), None, 0.0, MIDDLE));
    for (found, expected) in pauses.iter().zip([0.5, 1.5, 4.5, 13.5, 20.0, 20.0, 20.0]) {
        assert!((found - expected).abs() < 1e-6, "{pauses:?}");
    }
}

/// The more wait, the more a pause that is too long costs.
#[test]
fn the_more_wait_the_shorter_they_are() {
    assert!((pause(&in_a_row(9), None, 600.0, MIDDLE) - 10.0).abs() < 1e-6);
    assert!(pause(&in_a_row(9), None, 10_000.0, MIDDLE) < 1.2);
}

#[test]
fn a_pause_is_at_least_one_interval_of_the_pace() {
    // While calls are taken in between it is the interval.
    for (pace, interval) in [(10.0, 0.1), (0.5, 2.0), (0.01, 10.0)] {
        let found = pause(&in_a_row(0), Some(pace), 0.0, MIDDLE);
        assert!((found - interval).abs() < 1e-6, "{pace}: {found}");
    }
    assert!((pause(&in_a_row(1), Some(0.5), 0.0, MIDDLE) - 6.0).abs() < 1e-6);
}

#[test]
fn jitter_is_a_twentieth() {
    let silence = in_a_row(2);
    assert!((pause(&silence, None, 0.0, 0.0) - 4.5 * 0.95).abs() < 1e-6);
    assert!((pause(&silence, None, 0.0, 1.0) - 4.5 * 1.05).abs() < 1e-6);
}

/// A window of a minute that began with the first call ends a minute later: not past it.
#[test]
fn the_end_of_a_minute_is_not_slept_over() {
    let calls = sent((0..10).map(|n| START - 58.0 + f64::from(n) * 0.1));
    let mut silence = Silence::default();
    silence.note(
        10.0,
        (None, START - 60.0),
        &calls,
        (START - 50.0, START - 50.0),
    );
    (0..3).for_each(|_| silence.note(0.0, (None, START), &calls, (START, START)));
    // 13.5 s by itself; the minute is over in 2 s, and 60 ms for calls that overtake each other.
    let found = pause(&silence, None, 0.0, MIDDLE);
    assert!((found - 2.06).abs() < 1e-6, "{found}");
}

#[test]
fn the_pace_is_that_of_the_newest_span_with_eight_calls() {
    let calls = sent((0..100).map(|n| START + f64::from(n) * 0.1 + 0.05));
    let mut silence = Silence::default();
    // Ten a second; what was taken before is older.
    for at in [START, START + 5.0, START + 9.5] {
        silence.remember(at);
    }
    let pace = silence.pace(&calls, START + 10.0).expect("a pace");
    assert!((pace - 10.0).abs() < 0.2, "{pace}");
    // In the same burst there is none.
    let mut one = Silence::default();
    one.remember(START);
    assert_eq!(one.pace(&calls, START + 0.1), None);
}

/// One call went in the first ten seconds, because of pauses of our own; then four in four.
#[test]
fn pauses_between_few_calls_make_no_pace_slower() {
    let calls = sent([5.0, 10.5, 11.5, 12.5, 13.5].map(|at| START + at));
    let mut silence = Silence::default();
    for at in [0.0, 10.0] {
        silence.remember(START + at);
    }
    let pace = silence.pace(&calls, START + 14.0).expect("a pace");
    assert!((pace - 1.0).abs() < 1e-6, "{pace}");
    // By fewer than three the longest span counts.
    silence.remember(START + 12.0);
    let pace = silence.pace(&calls, START + 13.0).expect("a pace");
    assert!((pace - 1.0).abs() < 1e-6, "{pace}");
    let pace = silence.pace(&calls, START + 11.0).expect("a pace");
    assert!((pace - 2.0 / 11.0).abs() < 1e-6, "{pace}");
}

#[test]
fn rejections_are_remembered_for_two_minutes() {
    let mut silence = Silence::default();
    (0..500).for_each(|n| silence.remember(START + f64::from(n)));
    assert_eq!(silence.asked.len(), KEPT);
    silence.remember(START + 10_000.0);
    assert_eq!(silence.asked.len(), 1);
}
