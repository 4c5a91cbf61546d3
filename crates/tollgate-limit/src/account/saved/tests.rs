//! A second account takes over from a first.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Window};

use super::{Saved, SavedGate, SavedLimit, Stamp, Taken};
use crate::{Account, Admission, Held, Limit};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * DAY + 12 * HOUR
}

/// An account that learns.
fn account(limits: &[Limit], now: Instant, wall: SystemTime) -> Account {
    Account::new(limits, Random::seeded(1), now, wall).expect("limits")
}

/// An account that only keeps to its limits, so that no ramp spreads a burst.
fn strict(limits: &[Limit], now: Instant, wall: SystemTime) -> Account {
    account(limits, now, wall).configured_only()
}

/// How many calls go at once.
fn go(account: &mut Account, now: Instant) -> u64 {
    let mut calls = 0;
    while let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, now) {
        account.finish(ticket);
        calls += 1;
    }
    calls
}

/// How many calls go in a second process, `later` than the first one sent all it could.
fn second(limit: &Limit, later: Duration) -> u64 {
    let (now, limits) = (Instant::now(), std::slice::from_ref(limit));
    let mut first = strict(limits, now, noon());
    assert!(go(&mut first, now) > 0);
    let saved = first.save(now, noon());
    let mut second = strict(limits, now, noon() + later);
    second.restore(&saved, now, noon() + later);
    go(&mut second, now)
}

fn reject(account: &mut Account, wait: Option<Duration>, now: Instant) {
    let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, now) else {
        panic!("the first");
    };
    let seen = Classification::new(Class::RateLimited).with_wait(wait);
    account.reject(ticket, &seen, &Quota::new(), now);
}

#[test]
fn what_was_taken_is_taken_in_the_next_process() {
    let requests = Limit::requests(60, MINUTE);
    let bucket = requests.clone().bucket(10);
    assert_eq!(second(&bucket, Duration::ZERO), 0);
    assert_eq!(second(&bucket, Duration::from_secs(5)), 5);
    // The tenth of a burst goes 60 ms later: calls overtake each other.
    assert_eq!(second(&bucket, MINUTE), 9);
    let log = requests.clone().sliding();
    assert_eq!(second(&log, Duration::from_secs(59)), 0);
    assert_eq!(second(&log, Duration::from_secs(61)), 60);
    let day = Limit::requests(500, DAY).day_in("UTC").expect("a zone");
    assert_eq!(second(&day, 11 * HOUR), 0);
    assert_eq!(second(&day, 13 * HOUR), 500);
    // A plain limit is a bucket that holds all of it.
    assert_eq!(second(&requests, Duration::ZERO), 0);
    assert_eq!(second(&requests, Duration::from_secs(20)), 20);
    assert_eq!(second(&requests, MINUTE), 60);
}

#[test]
fn a_log_of_a_day_comes_back_when_it_would_have() {
    let log = Limit::requests(100, DAY).sliding();
    assert_eq!(second(&log, 23 * HOUR), 0);
    assert_eq!(second(&log, 25 * HOUR), 100);
}

#[test]
fn of_each_limit_the_larger_use_counts() {
    let (now, limit) = (Instant::now(), Limit::requests(60, MINUTE).sliding());
    let limits = std::slice::from_ref(&limit);
    let mut first = strict(limits, now, noon());
    let take = |account: &mut Account, n: u64| {
        let cost = Cost::default().with_requests(n);
        let Admission::Admitted(ticket) = account.admit(&cost, 0, now) else {
            panic!("there is room");
        };
        account.finish(ticket);
    };
    take(&mut first, 20);
    let saved = first.save(now, noon());
    let mut second = strict(limits, now, noon());
    take(&mut second, 30);
    // Taken over twice is taken once, and less than what one took oneself changes nothing.
    second.restore(&saved, now, noon());
    second.restore(&saved, now, noon());
    assert_eq!(go(&mut second, now), 30);
}

#[test]
fn a_closed_gate_stays_closed() {
    let now = Instant::now();
    let mut first = account(&[], now, noon());
    reject(&mut first, Some(Duration::from_secs(50)), now);
    let saved = first.save(now, noon());
    let wall = noon() + Duration::from_secs(20);
    let mut second = account(&[], now, wall);
    second.restore(&saved, now, wall);
    let Admission::NotBefore(at, Held::Stated) = second.admit(&Cost::default(), 0, now) else {
        panic!("it is closed");
    };
    let left = (at - now).as_secs_f64();
    // At most 0.1 s of jitter.
    assert!((30.0..=30.1).contains(&left), "{left}");
    // An hour later it is over.
    let mut third = account(&[], now, noon() + HOUR);
    third.restore(&saved, now, noon() + HOUR);
    assert!(matches!(
        third.admit(&Cost::default(), 0, now),
        Admission::Admitted(_)
    ));
}

/// A pause of one's own is a guess, and lasts for seconds.
#[test]
fn only_a_stated_wait_is_written_down() {
    let now = Instant::now();
    let mut first = account(&[], now, noon());
    reject(&mut first, None, now);
    assert_eq!(first.closed(now).count(), 1);
    let saved = first.save(now, noon());
    assert_eq!(saved.closed, None);
    let mut second = account(&[], now, noon());
    second.restore(&saved, now, noon());
    assert!(matches!(
        second.admit(&Cost::default(), 0, now),
        Admission::Admitted(_)
    ));
}

/// What headers said may have changed meanwhile: the first answer says it again.
#[test]
fn a_learned_count_is_not_taken_over() {
    let now = Instant::now();
    let mut first = account(&[], now, noon());
    let Admission::Admitted(mut ticket) = first.admit(&Cost::default(), 0, now) else {
        panic!("the first");
    };
    let mut quota = Quota::new();
    let day = quota
        .entry(LimitKind::Requests, Some(Window::Day))
        .expect("room");
    (day.limit, day.remaining, day.reset) = (Some(100), Some(0), Some(HOUR));
    first.answer(&mut ticket, &quota, now);
    first.finish(ticket);
    let saved = first.save(now, noon());
    let mut second = account(&[], now, noon());
    second.restore(&saved, now, noon());
    assert_eq!(second.view(now).count(), 0);
    assert_eq!(go(&mut second, now), 6, "as a new key");
}

fn kinds_of_limits() -> [Limit; 4] {
    [
        Limit::requests(10, MINUTE),
        Limit::tokens(1_000, MINUTE).bucket(50),
        Limit::new(LimitKind::Images, 10, MINUTE).sliding(),
        Limit::requests(100, DAY).day_in("UTC").expect("a zone"),
    ]
}

fn stamp() -> impl Strategy<Value = Stamp> {
    let noon = noon().duration_since(SystemTime::UNIX_EPOCH);
    let noon = noon.expect("after 1970").as_nanos() as u64;
    let near = 2 * DAY.as_nanos() as u64;
    prop_oneof![any::<u64>(), noon - near..noon + near].prop_map(Stamp)
}

fn taken() -> impl Strategy<Value = Taken> {
    let amount = || prop_oneof![any::<u64>(), 0_u64..200];
    prop_oneof![
        stamp().prop_map(Taken::FullAt),
        prop::collection::vec((stamp(), amount()), 0..5).prop_map(Taken::Log),
        (amount(), stamp()).prop_map(|(used, end)| Taken::Day(used, end)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A file may say anything: nothing panics, and after two days all limits are whole again.
    #[test]
    fn any_figures_are_harmless(
        figures in prop::collection::vec((0_usize..4, taken()), 0..12),
        gate in prop::option::of(stamp()),
        sent in 0_u64..20,
    ) {
        let limits = kinds_of_limits();
        let saved = Saved {
            limits: figures.into_iter().map(|(nth, taken)| SavedLimit {
                kind: limits[nth].kind(),
                period_ns: limits[nth].period().as_nanos() as u64,
                taken,
            }).collect(),
            closed: gate.map(|until| SavedGate { kind: None, until }),
        };
        let now = Instant::now();
        let mut account = account(&limits, now, noon());
        account.restore(&saved, now, noon());
        prop_assert!(account.closed(now).all(|gate| gate.until <= now + DAY));
        prop_assert!(account.view(now).all(|it| it.remaining <= it.limit));
        for _ in 0..sent {
            if let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, now) {
                account.finish(ticket);
            }
        }
        account.save(now + HOUR, noon() + HOUR);
        let later = now + 2 * DAY;
        prop_assert!(account.is_idle(later));
        let first = account.admit(&Cost::default(), 0, later);
        prop_assert!(matches!(first, Admission::Admitted(_)));
    }
}

#[test]
fn what_nobody_can_have_written_is_not_taken_over() {
    let (now, never) = (Instant::now(), Stamp(u64::MAX));
    let saved = |limit: &Limit, taken| Saved {
        limits: vec![SavedLimit {
            kind: limit.kind(),
            period_ns: limit.period().as_nanos() as u64,
            taken,
        }],
        closed: Some(SavedGate {
            kind: None,
            until: never,
        }),
    };
    let log = Limit::requests(10, MINUTE).sliding();
    let day = Limit::requests(10, DAY).day_in("UTC").expect("a zone");
    let bucket = Limit::requests(10, MINUTE).bucket(10);
    for (limit, taken) in [
        // The shape was another, so its figures mean something else.
        (&log, Taken::FullAt(never)),
        (&log, Taken::Day(10, never)),
        (&day, Taken::FullAt(never)),
        (&bucket, Taken::Day(10, never)),
        // Another period.
        (&day.clone().sliding(), Taken::Day(10, never)),
    ] {
        let mut account = account(std::slice::from_ref(limit), now, noon());
        account.restore(&saved(limit, taken.clone()), now, noon());
        let first = account.admit(&Cost::default(), 0, now);
        assert!(matches!(first, Admission::Admitted(_)), "{taken:?}");
    }
    // Full in 500 years is full after the time that it takes to fill twice.
    let mut account = strict(std::slice::from_ref(&bucket), now, noon());
    account.restore(&saved(&bucket, Taken::FullAt(never)), now, noon());
    assert_eq!(go(&mut account, now), 0);
    assert_eq!(go(&mut account, now + 2 * MINUTE), 9);
}

#[test]
fn it_is_written_as_text() {
    let now = Instant::now();
    let mut first = account(&kinds_of_limits(), now, noon());
    reject(&mut first, Some(Duration::from_secs(50)), now);
    let saved = first.save(now, noon());
    assert!(saved.closed.is_some() && saved.limits.len() == 4);
    let text = serde_json::to_string(&saved).expect("text");
    assert_eq!(
        serde_json::from_str::<Saved>(&text).expect("the same"),
        saved
    );
    // Of a program that kept no gate.
    let old = serde_json::from_str::<Saved>(r#"{"limits":[]}"#).expect("no gate");
    assert_eq!(old, Saved::default());
}
