//! The counts against naive models, and the rules of taking them together.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::*;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn tokens(n: u64) -> Cost {
    Cost::default().with_input_tokens(n)
}

/// A model that remembers everything and computes from the start each time.
#[derive(Debug, Default)]
struct History(Vec<(u64, u64)>);

impl History {
    /// GCRA: the theoretical arrival time after all that was taken, in nanoseconds per token.
    fn bucket_fits(&self, cost: u64, now: u64, per_token: u64, burst: u64) -> bool {
        let mut arrival = 0;
        for &(at, cost) in &self.0 {
            arrival = arrival.max(at) + cost * per_token;
        }
        arrival.max(now) + cost * per_token <= now + burst * per_token
    }

    fn fixed_fits(&self, cost: u64, now: u64, window: u64, phase: u64, limit: u64) -> bool {
        let index = |at: u64| (at + phase) / window;
        let same = self.0.iter().filter(|(at, _)| index(*at) == index(now));
        same.map(|(_, cost)| cost).sum::<u64>() + cost <= limit
    }

    fn sliding_fits(&self, cost: u64, now: u64, window: u64, limit: u64) -> bool {
        let recent = self.0.iter().filter(|(at, _)| now - at < window);
        recent.map(|(_, cost)| cost).sum::<u64>() + cost <= limit
    }
}

/// Runs calls of (gap in ns, tokens) against a quota of tokens and a model of it.
fn agree(
    quota: Quota,
    calls: &[(u64, u64)],
    fits: impl Fn(&History, u64, u64) -> bool,
) -> Result<(), TestCaseError> {
    let limit = quota.limit;
    let start = Instant::now();
    let mut meters = Meters::new([quota], start);
    let mut history = History::default();
    let mut now = 0;
    for &(gap, cost) in calls {
        now += gap;
        let at = start + Duration::from_nanos(now);
        let expected = cost <= limit && fits(&history, cost, now);
        match meters.admit("m", &tokens(cost), at) {
            Admission::Admitted(_) => {
                prop_assert!(expected, "{cost} at {now} should not fit");
                history.0.push((now, cost));
            }
            Admission::Refused(refusal) => {
                prop_assert!(!expected, "{cost} at {now} should fit");
                match refusal.wait {
                    Wait::Never => prop_assert!(cost > limit),
                    Wait::For(wait) => {
                        let then = now + u64::try_from(wait.as_nanos()).expect("short");
                        prop_assert!(fits(&history, cost, then), "too early: {wait:?}");
                        prop_assert!(!fits(&history, cost, then - 1), "too late: {wait:?}");
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }
    }
    Ok(())
}

fn calls() -> impl Strategy<Value = Vec<(u64, u64)>> {
    // Times that meet the ends of windows and slots exactly, and times that do not.
    let gap = prop_oneof![
        Just(0),
        Just(100_000_000),
        Just(1_000_000_000),
        0..5_000_000_u64,
        0..2_000_000_000_u64,
    ];
    prop::collection::vec((gap, 0..14_u64), 0..120)
}

proptest! {
    #[test]
    fn a_bucket_is_a_generic_cell_rate(calls in calls(), rate in 1..9_u64, burst in 1..13_u64) {
        // A rate that divides the second, so that the model has a whole number of nanoseconds.
        let rate = [1, 2, 4, 5, 8, 10, 100, 1_000][usize::try_from(rate - 1).expect("small")];
        let per_token = 1_000_000_000 / rate;
        let quota = Quota::bucket(LimitKind::Tokens, rate, SECOND, burst);
        agree(quota, &calls, |history, cost, now| {
            history.bucket_fits(cost, now, per_token, burst)
        })?;
    }

    #[test]
    fn a_fixed_window_forgets_at_its_end(calls in calls(), limit in 1..13_u64, phase in 0..1_000_u64) {
        let window = 1_000_000_000;
        let quota = Quota::fixed(LimitKind::Tokens, limit, SECOND).met_at(MS * phase as u32);
        agree(quota, &calls, |history, cost, now| {
            history.fixed_fits(cost, now, window, phase * 1_000_000, limit)
        })?;
    }

    #[test]
    fn a_log_forgets_each_use_by_itself(calls in calls(), limit in 1..13_u64) {
        let quota = Quota::sliding(LimitKind::Tokens, limit, SECOND);
        agree(quota, &calls, |history, cost, now| {
            history.sliding_fits(cost, now, 1_000_000_000, limit)
        })?;
    }

    /// What is reserved and given back leaves the same count as what was really used.
    #[test]
    fn settling_leaves_what_was_used(uses in prop::collection::vec((0..10_u64, 0..10_u64), 1..30)) {
        for shape in [
            Quota::fixed(LimitKind::Tokens, 1_000, SECOND),
            Quota::sliding(LimitKind::Tokens, 1_000, SECOND),
            Quota::bucket(LimitKind::Tokens, 1, Duration::from_secs(3_600), 1_000),
        ] {
            let now = Instant::now();
            let mut meters = Meters::new([shape], now);
            for &(reserved, used) in &uses {
                let mut ticket = admitted(&mut meters, &tokens(reserved), now);
                meters.settle(&mut ticket, &tokens(used), now);
                meters.release(ticket);
            }
            let used: u64 = uses.iter().map(|(_, used)| used).sum();
            prop_assert_eq!(meters.levels("m", now)[0].used, used);
        }
    }
}

fn admitted(meters: &mut Meters, cost: &Cost, now: Instant) -> Ticket {
    match meters.admit("m", cost, now) {
        Admission::Admitted(ticket) => ticket,
        Admission::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

fn refused(meters: &mut Meters, cost: &Cost, now: Instant) -> Refusal {
    match meters.admit("m", cost, now) {
        Admission::Admitted(_) => panic!("admitted"),
        Admission::Refused(refusal) => refusal,
    }
}

#[test]
fn all_limits_count_or_none() {
    let now = Instant::now();
    let quotas = [
        Quota::fixed(LimitKind::Requests, 10, SECOND),
        Quota::bucket(LimitKind::Tokens, 100, SECOND, 100),
        Quota::concurrency(2),
    ];
    let mut meters = Meters::new(quotas, now);
    let first = admitted(&mut meters, &tokens(60), now);
    let before = meters.levels("m", now);
    let refusal = refused(&mut meters, &tokens(60), now);
    assert_eq!(refusal.level.kind, LimitKind::Tokens);
    assert_eq!((refusal.level.used, refusal.requested), (60, 60));
    assert_eq!(refusal.wait, Wait::For(MS * 200));
    assert_eq!(meters.levels("m", now), before);

    let second = admitted(&mut meters, &tokens(1), now);
    assert_eq!(refused(&mut meters, &tokens(1), now).wait, Wait::Unknown);
    meters.release(first);
    let _ = admitted(&mut meters, &tokens(1), now);
    meters.release(second);
    assert_eq!(refused(&mut meters, &tokens(101), now).wait, Wait::Never);
}

#[test]
fn the_longest_wait_is_the_one_that_is_named() {
    let now = Instant::now();
    let quotas = [
        Quota::fixed(LimitKind::Requests, 1, SECOND),
        Quota::fixed(LimitKind::Requests, 1, SECOND * 60),
    ];
    let mut meters = Meters::new(quotas, now);
    let _ = admitted(&mut meters, &tokens(0), now);
    let refusal = refused(&mut meters, &tokens(0), now);
    assert_eq!(refusal.level.window, Some(Window::Minute));
    assert_eq!(refusal.wait, Wait::For(SECOND * 60));
}

#[test]
fn each_shape_has_its_own_reset() {
    let start = Instant::now();
    let quotas = [
        Quota::bucket(LimitKind::Requests, 10, SECOND, 5),
        Quota::fixed(LimitKind::Requests, 5, SECOND * 60).met_at(SECOND * 37),
        Quota::sliding(LimitKind::Requests, 5, SECOND * 60),
    ];
    let mut meters = Meters::new(quotas, start);
    let levels = |meters: &mut Meters, now| -> Vec<(u64, Duration)> {
        let levels = meters.levels("m", now);
        levels.iter().map(|it| (it.remaining, it.reset)).collect()
    };
    assert_eq!(
        levels(&mut meters, start),
        [(5, Duration::ZERO), (5, SECOND * 23), (5, Duration::ZERO)]
    );
    let _ = admitted(&mut meters, &tokens(0), start);
    let _ = admitted(&mut meters, &tokens(0), start + MS * 50);
    // A bucket that is half a slot short has a slot less to give.
    assert_eq!(
        levels(&mut meters, start + MS * 50),
        [(3, MS * 150), (3, MS * 22_950), (3, MS * 59_950)]
    );
}

#[test]
fn a_debt_must_be_paid_first() {
    let now = Instant::now();
    let mut meters = Meters::new([Quota::bucket(LimitKind::Tokens, 10, SECOND, 10)], now);
    let mut ticket = admitted(&mut meters, &tokens(10), now);
    meters.settle(&mut ticket, &tokens(30), now);
    let refusal = refused(&mut meters, &tokens(1), now);
    assert_eq!((refusal.level.used, refusal.level.remaining), (30, 0));
    assert_eq!(refusal.wait, Wait::For(MS * 2_100));
}

#[test]
fn a_window_that_is_over_gives_nothing_back() {
    let now = Instant::now();
    let mut meters = Meters::new([Quota::fixed(LimitKind::Tokens, 10, SECOND)], now);
    let mut old = admitted(&mut meters, &tokens(9), now);
    let _ = admitted(&mut meters, &tokens(4), now + SECOND);
    meters.settle(&mut old, &tokens(1), now + SECOND);
    assert_eq!(meters.levels("m", now + SECOND)[0].used, 4);
}

#[test]
fn models_are_counted_apart_where_a_quota_says_so() {
    let now = Instant::now();
    let quotas = [
        Quota::fixed(LimitKind::Requests, 1, SECOND).only("m"),
        Quota::fixed(LimitKind::Requests, 9, SECOND).hidden(),
    ];
    let mut meters = Meters::new(quotas, now);
    let _ = admitted(&mut meters, &tokens(0), now);
    refused(&mut meters, &tokens(0), now);
    assert!(matches!(
        meters.admit("other", &tokens(0), now),
        Admission::Admitted(_)
    ));
    assert!(meters.levels("other", now).is_empty());
    assert_eq!(meters.levels("m", now).len(), 1);
}

#[test]
fn a_claim_is_a_lie_about_the_rest() {
    let now = Instant::now();
    let quota = Quota::bucket(LimitKind::Requests, 600, SECOND * 60, 10).claiming(600);
    let mut meters = Meters::new([quota], now);
    for _ in 0..10 {
        let _ = admitted(&mut meters, &tokens(0), now);
    }
    let level = refused(&mut meters, &tokens(0), now).level;
    assert_eq!((level.limit, level.remaining), (600, 590));
}

#[test]
fn what_was_used_before_counts_from_the_first_call() {
    let start = Instant::now();
    let minute = SECOND * 60;
    let remaining = |quota: Quota, age: Duration| {
        let mut meters = Meters::new([quota], start);
        meters.levels("m", start + age)[0].remaining
    };
    let bucket = Quota::bucket(LimitKind::Requests, 60, minute, 60).used(30);
    assert_eq!(remaining(bucket.clone(), Duration::ZERO), 30);
    assert_eq!(remaining(bucket, SECOND * 10), 40);
    let fixed = Quota::fixed(LimitKind::Requests, 60, minute).met_at(SECOND * 37);
    assert_eq!(remaining(fixed.clone().used(60), SECOND * 22), 0);
    assert_eq!(remaining(fixed.used(60), SECOND * 23), 60);
    let sliding = Quota::sliding(LimitKind::Requests, 600, minute).used(600);
    assert_eq!(remaining(sliding.clone(), Duration::ZERO), 10);
    assert_eq!(remaining(sliding.clone(), SECOND * 30), 310);
    assert_eq!(remaining(sliding, SECOND * 59), 600);
}

#[test]
fn an_overstated_limit_stands_beside_what_is_left() {
    let now = Instant::now();
    let quota = Quota::fixed(LimitKind::Requests, 100, SECOND * 60).overstating(6_000);
    let mut meters = Meters::new([quota], now);
    let _ = admitted(&mut meters, &tokens(0), now);
    let level = meters.levels("m", now)[0];
    assert_eq!((level.limit, level.remaining), (6_000, 99));
}
