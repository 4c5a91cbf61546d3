//! A bucket against a list of what was taken.

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;

const MS: Time = SECOND / 1_000;
const DISORDER: Time = 60 * MS;

fn bucket(burst: u64, every: Time) -> Bucket {
    Bucket::new(burst, every, 0).expect("a bucket")
}

/// Between any two moments no more is taken than a full bucket and what refills in between.
fn is_kept(taken: &[(Time, u64)], burst: u64, every: Time) -> bool {
    taken.iter().enumerate().all(|(nth, (from, _))| {
        let mut sum = 0;
        taken[nth..].iter().all(|(to, n)| {
            sum += n;
            sum <= burst + (to - from) / every
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Never more than its shape, and not a nanosecond later than that requires.
    #[test]
    fn it_is_kept_and_used(
        burst in 1_u64..20,
        every in 1_u64..2_000,
        calls in prop::collection::vec((0_u64..5_000, 1_u64..20), 1..60),
    ) {
        let (mut bucket, mut now, mut taken) = (bucket(burst, every), 1_000_000, Vec::new());
        for (gap, n) in calls {
            now += gap;
            let n = n.min(burst);
            if let Err(at) = bucket.take(n, now) {
                prop_assert!(at > now);
                taken.push((at - 1, n));
                prop_assert!(!is_kept(&taken, burst, every), "{n} could go before {at}");
                taken.pop();
                prop_assert_eq!(bucket.forecast(n, now), at);
                now = at;
                prop_assert_eq!(bucket.take(n, now), Ok(()));
            }
            taken.push((now, n));
            prop_assert!(is_kept(&taken, burst, every), "{taken:?}");
        }
    }

    /// Calls arrive up to 60 ms after each other's turn, and the provider's bucket has room for all. Only
    /// where calls take it whole may they be closer: see the next test.
    #[test]
    fn it_is_kept_although_calls_overtake_each_other(
        burst in 3_u64..20,
        calls in prop::collection::vec((0_u64..3_000, 1_u64..20, any::<bool>()), 1..60),
    ) {
        let mut bucket = Bucket::new(burst, SECOND, DISORDER).expect("a bucket");
        let (mut now, mut arrived) = (SECOND, Vec::new());
        for (gap, n, late) in calls {
            now += gap * MS;
            let n = n.min(burst);
            if let Err(at) = bucket.take(n, now) {
                now = at;
                prop_assert_eq!(bucket.take(n, now), Ok(()));
            }
            arrived.push((now + if late { DISORDER } else { 0 }, n));
        }
        arrived.sort_unstable();
        prop_assert!(is_kept(&arrived, burst, SECOND), "{arrived:?}");
    }
}

#[test]
fn a_bucket_that_is_taken_whole_loses_a_fortieth_of_its_pace_at_most() {
    for every in [MS, 10 * MS, 100 * MS, SECOND, 10 * SECOND] {
        let mut bucket = Bucket::new(1, every, DISORDER).expect("a bucket");
        let (start, mut now) = (SECOND, SECOND);
        for _ in 0..100 {
            if let Err(at) = bucket.take(1, now) {
                now = at;
                assert_eq!(bucket.take(1, now), Ok(()));
            }
        }
        let ideal = 99 * every;
        assert!(now - start >= ideal);
        assert!(
            now - start <= ideal + ideal / 40,
            "{every}: {}",
            now - start
        );
    }
}

/// A rejection says that calls overtake each other by more.
#[test]
fn a_rejection_makes_a_small_bucket_slower() {
    let gap = |rejections| {
        let mut bucket = Bucket::new(1, 100 * MS, DISORDER).expect("a bucket");
        (0..rejections).for_each(|_| bucket.be_stricter());
        bucket.take(1, SECOND).expect("it is full");
        bucket.take(1, SECOND).expect_err("it is empty") - SECOND
    };
    let gaps = [0, 1, 2, 3, 4, 50].map(|n| gap(n) as f64 / MS as f64);
    assert_eq!(gaps, [102.5, 105.0, 110.0, 120.0, 120.0, 120.0]);
}

#[test]
fn more_than_all_of_it_is_taken_when_it_is_full_and_the_rest_is_owed() {
    let mut bucket = bucket(10, SECOND);
    bucket.take(25, SECOND).expect("it is full");
    assert_eq!(bucket.level(SECOND), -15.0);
    assert_eq!(bucket.take(1, SECOND), Err(17 * SECOND));
    // Nothing is taken by a call that takes nothing, and nothing holds it.
    assert_eq!(bucket.take(0, SECOND), Ok(()));
    assert_eq!(bucket.level(SECOND), -15.0);
    bucket.give(20, Time::MAX);
    assert_eq!(bucket.level(SECOND), 5.0);
    // More than was taken does not come back.
    bucket.give(1_000, Time::MAX);
    assert_eq!(bucket.level(SECOND), 10.0);
}

#[test]
fn owing_nothing_leaves_a_full_bucket_full() {
    let mut bucket = Bucket::new(1, SECOND, DISORDER).expect("a bucket");
    bucket.owe(0, SECOND);
    assert_eq!(bucket.resets(SECOND), None);
    assert_eq!(bucket.take(1, SECOND), Ok(()));
}

#[test]
fn a_level_can_be_set() {
    let mut bucket = bucket(10, SECOND);
    for (set, found) in [(3.5, 3.5), (-2.0, -2.0), (10.0, 10.0), (99.0, 10.0)] {
        bucket.set_level(set, SECOND);
        assert_eq!(bucket.level(SECOND), found);
        assert!(bucket.level(500 * SECOND) <= 10.0);
    }
}

#[test]
fn what_would_overflow_is_none() {
    assert!(Bucket::new(0, 1, 0).is_none());
    assert!(Bucket::new(1, 0, 0).is_none());
    assert!(Bucket::new(1 << 32, 1, 0).is_none());
    assert!(Bucket::new(u32::MAX.into(), END / 1_000, 0).is_none());
    let mut widest = Bucket::new(u32::MAX.into(), 1 << 30, 0).expect("it fits");
    widest.owe(u64::MAX, END);
    widest.owe(u64::MAX, END);
    assert!(widest.take(2, SECOND).is_err_and(|at| at <= END));
    assert!(widest.forecast(u64::MAX, 0) <= END);
    widest.fill_at(u64::MAX, 0);
    assert!(widest.full_at() <= 2 * END);
}
