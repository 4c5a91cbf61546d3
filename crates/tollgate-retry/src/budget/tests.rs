//! The bucket against a naive model that counts tokens.

use proptest::prelude::*;

use super::*;

#[test]
fn a_full_bucket_pays_for_a_hundred_faults() {
    let (rules, now) = (Budget::new(), Instant::now());
    let mut bucket = Bucket::full(now);
    let paid = (0..200).filter(|_| bucket.withdraw(&rules, rules.transient, now));
    assert_eq!(paid.count(), 100);
    assert!(bucket.withdraw(&rules, rules.hinted, now), "costs nothing");
    assert!(bucket.left(&rules, now).abs() < 1e-9);
}

#[test]
fn ten_successes_or_ten_seconds_pay_for_one_fault() {
    let (rules, start) = (Budget::new(), Instant::now());
    let mut bucket = Bucket::full(start);
    assert!(bucket.withdraw(&rules, rules.size, start));
    for _ in 0..10 {
        assert!(!bucket.withdraw(&rules, 1.0, start));
        bucket.deposit(&rules, start);
    }
    assert!(bucket.withdraw(&rules, 1.0, start));
    let almost = start + Duration::from_millis(9_999);
    assert!(!bucket.withdraw(&rules, 1.0, almost));
    assert!(bucket.withdraw(&rules, 1.0, start + Duration::from_secs(10)));
}

/// What tower's budget got wrong: a deposit of less than one must not pay for one.
#[test]
fn ten_deposits_of_a_tenth_do_not_pay_for_ten() {
    let (rules, now) = (Budget::new(), Instant::now());
    let mut bucket = Bucket::full(now);
    assert!(bucket.withdraw(&rules, rules.size, now));
    (0..10).for_each(|_| bucket.deposit(&rules, now));
    let paid = (0..10).filter(|_| bucket.withdraw(&rules, 1.0, now));
    assert_eq!(paid.count(), 1);
}

#[derive(Debug, Clone)]
enum Step {
    Take(u8),
    Success,
    Later(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3_u8).prop_map(Step::Take),
        2 => Just(Step::Success),
        1 => (0..60_000_u32).prop_map(Step::Later),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn agrees_with_counting(steps in steps(), size in 1..6_u32, deposit in 0..4_u32) {
        // In tenths of a token, each of which takes 1 s to come back.
        let mut tokens = f64::from(size * 10);
        let rules = Budget::new()
            .with_size(f64::from(size))
            .with_deposit(f64::from(deposit) / 10.0);
        let mut now = Instant::now();
        let mut bucket = Bucket::full(now);
        for step in steps {
            match step {
                Step::Take(kind) => {
                    let cost = [0.0, 0.3, 1.0][usize::from(kind)];
                    let enough = tokens >= cost * 10.0 - 1e-6;
                    prop_assert_eq!(bucket.withdraw(&rules, cost, now), enough);
                    if enough {
                        tokens -= cost * 10.0;
                    }
                }
                Step::Success => {
                    tokens += f64::from(deposit);
                    bucket.deposit(&rules, now);
                }
                Step::Later(ms) => {
                    now += Duration::from_millis(ms.into());
                    tokens += f64::from(ms) / 1000.0;
                }
            }
            tokens = tokens.min(f64::from(size * 10));
            let left = bucket.left(&rules, now);
            prop_assert!((left * 10.0 - tokens).abs() < 1e-6, "{left} is not {tokens} tenths");
            prop_assert!((0.0..=rules.size).contains(&left));
            prop_assert_eq!(bucket.is_full(now), left >= rules.size - 1e-9);
        }
    }

    #[test]
    fn no_rules_overflow(size in 0.1..1e6_f64, cost in 0.0..1.0_f64, secs in 1..86_400_u64) {
        let rules = Budget::new().with_size(size).with_trickle(Duration::from_secs(secs));
        let now = Instant::now();
        let mut bucket = Bucket::full(now);
        prop_assert!(bucket.withdraw(&rules, size * cost, now));
        bucket.deposit(&rules, now);
        prop_assert!((0.0..=size).contains(&bucket.left(&rules, now)));
    }
}
