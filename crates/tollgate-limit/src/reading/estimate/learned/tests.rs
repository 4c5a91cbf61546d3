//! Tests of what is learned.

use proptest::prelude::*;
use tollgate_core::Cost;

use super::*;

fn guessed(tokens: u64, learned: &Learned) -> Expected {
    Expected::guessed(Cost::default().with_input_tokens(tokens), learned)
}

#[test]
fn the_correction_converges() {
    for truth in [0.3, 0.7, 1.0, 1.6, 3.9] {
        let mut learned = Learned::new();
        for call in 0..40 {
            let guess = 200 + 37 * call;
            let expected = guessed(guess, &learned);
            learned.learn_input(&expected, (guess as f64 * truth).round() as u64);
        }
        assert!(
            (learned.ratio() / truth - 1.0).abs() < 0.02,
            "{truth}: {learned:?}"
        );
        let cost = *guessed(10_000, &learned).cost();
        assert!((cost.input_tokens() as f64 / (10_000.0 * truth) - 1.0).abs() < 0.02);
    }
}

#[test]
fn calls_that_left_together_do_not_correct_the_same_error_twice() {
    let mut learned = Learned::new();
    let left: Vec<Expected> = (0..200).map(|_| guessed(1_000, &learned)).collect();
    for expected in left {
        learned.learn_input(&expected, 500);
    }
    assert!((learned.ratio() - 0.5).abs() < 0.01, "{learned:?}");
}

#[test]
fn one_short_prompt_moves_little_and_one_wild_figure_not_beyond_the_bounds() {
    let mut learned = Learned::new();
    learned.learn_input(&guessed(3, &learned), 15);
    assert!(learned.ratio() < 1.2, "{learned:?}");
    learned.learn_input(&guessed(1_000, &learned), u64::MAX);
    assert!(learned.ratio() <= 4.0);
    let mut again = learned;
    for _ in 0..60 {
        again.learn_input(&guessed(1_000, &again), 1_000);
    }
    assert!(again.ratio() < 1.05, "it is forgotten: {again:?}");
    for _ in 0..1_000 {
        learned.learn_input(&guessed(1_000, &learned), 0);
    }
    assert!((learned.ratio() - 0.25).abs() < 1e-6, "{learned:?}");
}

#[test]
fn a_cost_that_was_set_is_kept_and_teaches_nothing() {
    let mut learned = Learned::new();
    let expected = Expected::set(Cost::default().with_input_tokens(1_000));
    learned.learn_input(&expected, 10);
    learned.learn_input(&guessed(0, &learned), 10);
    assert_eq!(learned, Learned::new());
}

#[test]
fn a_ratio_makes_no_call_larger_than_a_limit() {
    let mut learned = Learned::new().within((30_000, u64::MAX));
    for _ in 0..50 {
        learned.learn_input(&guessed(4_000, &learned), 40_000);
    }
    assert!((3.9..=4.0).contains(&learned.ratio()), "{learned:?}");
    assert_eq!(guessed(4_000, &learned).cost().input_tokens(), 16_000);
    assert_eq!(guessed(20_000, &learned).cost().input_tokens(), 30_000);
    assert_eq!(guessed(40_000, &learned).cost().input_tokens(), 40_000);
}

#[test]
fn what_is_not_confirmed_is_forgotten() {
    let mut learned = Learned::new();
    for _ in 0..50 {
        learned.learn_input(&guessed(4_000, &learned), 12_000);
    }
    assert!(learned.ratio() > 2.9);
    for _ in 0..70 {
        learned.learn_input(&Expected::set(Cost::default()), 9_999);
    }
    assert!((1.9..2.1).contains(&learned.ratio()), "{learned:?}");
    for _ in 0..400 {
        learned.forget();
    }
    assert!(learned.ratio() < 1.05, "{learned:?}");
}

#[test]
fn answers_are_expected_at_their_mean_and_spread() {
    let mut learned = Learned::new();
    assert_eq!(learned.output(), None);
    for call in 0..200 {
        learned.learn_output(if call % 2 == 0 { 100 } else { 300 });
    }
    let expected = learned.output().expect("answers were seen");
    assert!((280..=320).contains(&expected), "{expected}");
}

proptest! {
    #[test]
    fn whatever_is_learned_stays_within_bounds(
        calls in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 0..60),
    ) {
        let mut learned = Learned::new();
        for (guess, told, output) in calls {
            let expected = guessed(guess, &learned);
            learned.learn_input(&expected, told);
            learned.learn_output(output);
            prop_assert!((0.25..=4.0).contains(&learned.ratio()), "{learned:?}");
            prop_assert!(learned.output().is_some());
        }
    }
}
