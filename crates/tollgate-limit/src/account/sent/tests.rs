//! What was sent, against a plain list.

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;

/// All calls that were not taken out: when they were sent, and what they take.
type Naive = Vec<(Seconds, Cost)>;

fn cost(n: u64) -> Cost {
    Cost::default()
        .with_requests(1 + n % 3)
        .with_input_tokens(10 * n)
        .with_output_tokens(7 * n)
        .with_images(n % 2)
}

fn calls(naive: &Naive, from: Seconds, to: Seconds) -> f64 {
    let within = |at: Seconds| at > from && at <= to;
    naive.iter().filter(|(at, _)| within(*at)).count() as f64
}

fn amount_after(naive: &Naive, kind: LimitKind, time: Seconds) -> f64 {
    let after = naive.iter().filter(|(at, _)| *at > time);
    let of = |cost: &Cost| match kind {
        LimitKind::Requests => cost.requests(),
        LimitKind::Tokens | LimitKind::InputTokens => cost.input_tokens(),
        LimitKind::Images => cost.images(),
        _ => 0,
    };
    after.map(|(_, cost)| of(cost)).sum::<u64>() as f64
}

const KINDS: [LimitKind; 5] = [
    LimitKind::Requests,
    LimitKind::Tokens,
    LimitKind::InputTokens,
    LimitKind::OutputTokens,
    LimitKind::Images,
];

fn assert_same(sent: &Sent, naive: &Naive, from: Seconds, to: Seconds) {
    assert_eq!(
        sent.calls(from, to),
        calls(naive, from, to),
        "{from} to {to}"
    );
    for kind in KINDS {
        let expected = amount_after(naive, kind, from);
        assert_eq!(
            sent.amount_after(kind, from),
            expected,
            "{kind} after {from}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Calls of one moment, or some milliseconds apart; some are rejected a while later, in any order.
    #[test]
    fn it_is_a_list(
        steps in prop::collection::vec((0_u64..200, 0_u64..50, any::<prop::sample::Index>()), 1..200),
        looks in prop::collection::vec((0.0..1.0, 0.0..1.0), 1..20),
    ) {
        let (mut sent, mut naive, mut now) = (Sent::default(), Naive::new(), 1_000.0);
        for (gap, n, which) in steps {
            // What is sent within two milliseconds counts as one.
            now += if gap < 100 { 0.0 } else { gap as f64 * 3e-3 };
            if n % 4 == 0 && !naive.is_empty() {
                let (at, cost) = naive.remove(which.index(naive.len()));
                sent.take_out(&cost, at);
            } else {
                sent.send(&cost(n), now);
                naive.push((now, cost(n)));
            }
        }
        for (from, to) in looks {
            let at = |part: f64| 999.9 + part * (now - 999.8);
            assert_same(&sent, &naive, at(from), at(to));
        }
        let first = naive.iter().map(|(at, _)| *at).filter(|at| *at > 1_000.5);
        let first = first.reduce(f64::min);
        // The step of a call that was taken out stays.
        prop_assert!(first.is_none() || sent.first_after(1_000.5) <= first);
    }
}

/// Many steps become fewer, the older half first: sums up to those that are left stay right.
#[test]
fn pairs_of_old_steps_become_one() {
    let (mut sent, mut naive) = (Sent::default(), Naive::new());
    for nth in 0..5_000_u32 {
        let now = 1_000.0 + f64::from(nth) * 0.01;
        sent.send(&cost(nth.into()), now);
        naive.push((now, cost(nth.into())));
        assert!(sent.steps.len() <= STEPS + 1);
    }
    // What is new is exact, what is old to a fiftieth of its age.
    for (from, to, off) in [
        (1_048.0, 1_049.9, 0.0),
        (1_040.0, 1_050.0, 2.0),
        (1_001.0, 1_050.0, 70.0),
    ] {
        let (found, exact) = (sent.calls(from, to), calls(&naive, from, to));
        assert!(
            (found - exact).abs() <= off,
            "{from}: {found} and not {exact}"
        );
    }
    // All of a rejected burst comes out again, however old.
    let all = sent.calls(0.0, 2_000.0);
    for (at, cost) in naive.iter().rev().take(1_000) {
        sent.take_out(cost, *at);
    }
    assert_eq!(sent.calls(0.0, 2_000.0), all - 1_000.0);
    assert_eq!(sent.amount_after(LimitKind::Tokens, 1_045.0), 0.0);
}

/// A late rejection is of a call whose own step has become one with the next: earlier sums stay.
#[test]
fn a_late_rejection_changes_no_earlier_sum() {
    for taken_out in [0..500, 1_500..2_000, 2_500..3_000] {
        let (mut sent, mut naive) = (Sent::default(), Naive::new());
        for nth in 0..3_000_u32 {
            let now = 1_000.0 + f64::from(nth) * 0.01;
            sent.send(&cost(nth.into()), now);
            naive.push((now, cost(nth.into())));
        }
        for (at, cost) in naive.drain(taken_out.clone()) {
            sent.take_out(&cost, at);
        }
        assert_eq!(sent.before.all, Sum::default(), "{taken_out:?}");
        for step in &sent.steps {
            let before = calls(&naive, 0.0, step.at + STEP / 2.0);
            assert_eq!(step.all.calls as f64, before, "{taken_out:?}: {}", step.at);
        }
    }
}

#[test]
fn what_is_older_than_five_minutes_is_forgotten() {
    let mut sent = Sent::default();
    for second in 0..1_000 {
        sent.send(&cost(1), 1_000.0 + f64::from(second));
    }
    let now = 1_999.0;
    assert_eq!(sent.calls(now - 300.0, now), 300.0);
    assert!(sent.calls(0.0, now) <= 301.0);
    assert!(sent.steps.len() <= 301);
    // A rejection of what was forgotten changes no sum of what is known.
    sent.take_out(&cost(1), 1_001.0);
    assert_eq!(sent.calls(now - 300.0, now), 300.0);
    assert_eq!(sent.amount_after(LimitKind::Requests, now - 100.0), 200.0);
}

#[test]
fn calls_of_one_moment_share_a_step() {
    let mut sent = Sent::default();
    (0..100_000).for_each(|_| sent.send(&Cost::default(), 1_000.0));
    assert_eq!(sent.steps.len(), 1);
    assert_eq!(sent.calls(999.0, 1_000.0), 100_000.0);
    assert_eq!(sent.calls(1_000.0, 1_001.0), 0.0);
}
