//! A log against a list of all that was taken.

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;

const PERIOD: Time = 1_024_000;
/// What is taken within one step comes back together.
const STEP: Time = PERIOD / STEPS;

/// In no period is more taken than the limit.
fn is_kept(taken: &[(Time, u64)], limit: u64) -> bool {
    taken.iter().enumerate().all(|(nth, (from, _))| {
        let within = taken[nth..].iter().filter(|(at, _)| *at < from + PERIOD);
        within.map(|(_, n)| n).sum::<u64>() <= limit
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Never more than the limit in any period, although calls arrive up to so much later than others;
    /// and no later than that requires, up to a step.
    #[test]
    fn it_is_kept_and_used(
        limit in 1_u64..30,
        disorder in 0_u64..60_000,
        calls in prop::collection::vec((0_u64..200_000, 1_u64..30, any::<bool>()), 1..80),
    ) {
        let mut log = Log::new(limit, PERIOD, disorder);
        let (mut now, mut taken, mut arrived) = (PERIOD, Vec::new(), Vec::new());
        for (gap, n, late) in calls {
            now += gap;
            let n = n.min(limit);
            if let Err(at) = log.take(n, now) {
                prop_assert!(at > now);
                prop_assert_eq!(log.forecast(n, now), at);
                let soon = at - disorder - STEP - 1;
                taken.push((soon, n));
                let early = soon > now && is_kept(&taken, limit);
                prop_assert!(!early, "{n} could go before {at}");
                taken.pop();
                now = at;
                prop_assert_eq!(log.take(n, now), Ok(()));
            }
            taken.push((now, n));
            arrived.push((now + if late { disorder } else { 0 }, n));
        }
        arrived.sort_unstable();
        prop_assert!(is_kept(&arrived, limit), "{arrived:?}");
        prop_assert!(log.entries().count() as u64 <= 2 * STEPS);
    }

    /// What is given back was never taken.
    #[test]
    fn what_comes_back_is_forgotten(
        calls in prop::collection::vec((0_u64..50_000, 1_u64..5, any::<bool>()), 1..60),
    ) {
        let mut log = Log::new(1_000, PERIOD, 0);
        let mut other = log.clone();
        let mut now = PERIOD;
        for (gap, n, stays) in calls {
            // A step of its own for each, so that they are told apart.
            now += gap + STEP;
            log.owe(n, now);
            match stays {
                true => other.owe(n, now),
                false => log.give(n, now),
            }
            log.advance(now);
            other.advance(now);
            prop_assert_eq!(log.level(), other.level());
        }
        let later = now + 2 * PERIOD;
        log.advance(later);
        prop_assert_eq!((log.level(), log.resets()), (1_000.0, None));
    }
}

#[test]
fn more_than_all_of_it_is_taken_when_it_is_whole() {
    let mut log = Log::new(10, PERIOD, 0);
    log.take(25, PERIOD).expect("it is whole");
    assert_eq!(log.level(), -15.0);
    assert_eq!(log.take(1, PERIOD), Err(2 * PERIOD));
    assert_eq!(log.take(10, 2 * PERIOD), Ok(()));
}

#[test]
fn a_level_can_be_set() {
    let mut log = Log::new(10, PERIOD, 0);
    log.owe(3, PERIOD);
    log.owe(4, PERIOD + 9 * STEP);
    // The oldest comes back first.
    log.set_level(5.0, PERIOD + 10 * STEP);
    assert_eq!(log.entries().map(|(_, n)| n).collect::<Vec<_>>(), [1, 4]);
    // What is missing was taken now.
    let now = PERIOD + 20 * STEP;
    log.set_level(1.0, now);
    assert_eq!(log.entries().last(), Some((now, 4)));
    log.set_level(99.0, now);
    assert_eq!((log.level(), log.resets()), (10.0, None));
}

#[test]
fn a_forecast_counts_periods() {
    let mut log = Log::new(10, PERIOD, STEP);
    assert_eq!(log.forecast(10, PERIOD), PERIOD);
    log.owe(4, PERIOD);
    let back = 2 * PERIOD + STEP;
    assert_eq!(log.forecast(6, PERIOD), PERIOD);
    assert_eq!(log.forecast(7, PERIOD), back);
    assert_eq!(log.forecast(10, PERIOD), back);
    assert_eq!(log.forecast(17, PERIOD), back + PERIOD + STEP);
    assert!(log.forecast(u64::MAX, PERIOD) > back);
}
