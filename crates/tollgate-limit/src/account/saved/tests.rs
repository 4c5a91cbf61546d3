//! A second account takes over from a first.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Window};

use super::{Saved, SavedLimit, SavedMeter, Stamp};
use crate::{Account, Admission, Limit};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * 24 * HOUR + 12 * HOUR
}

fn account(limits: &[Limit], now: Instant, wall: SystemTime) -> Account {
    Account::new(limits, Random::seeded(1), now, wall).expect("limits")
}

/// How many calls go at once.
fn go(account: &mut Account, now: Instant) -> u64 {
    let mut calls = 0;
    while let Admission::Admitted(ticket) = account.admit(&Cost::default(), now) {
        account.finish(ticket, now);
        calls += 1;
    }
    calls
}

/// How many calls go in a second process, `later` than the first one sent all it could.
fn second(limit: &Limit, later: Duration) -> u64 {
    let (now, limits) = (Instant::now(), std::slice::from_ref(limit));
    let mut first = account(limits, now, noon());
    assert!(go(&mut first, now) > 0);
    let saved = first.save(now, noon());
    let mut second = account(limits, now, noon() + later);
    second.restore(&saved, now, noon() + later);
    go(&mut second, now)
}

#[test]
fn what_was_taken_is_taken_in_the_next_process() {
    let requests = Limit::requests(60, MINUTE);
    let bucket = requests.clone().bucket(10);
    assert_eq!(second(&bucket, Duration::ZERO), 0);
    assert_eq!(second(&bucket, Duration::from_secs(5)), 5);
    let all = go(
        &mut account(std::slice::from_ref(&bucket), Instant::now(), noon()),
        Instant::now(),
    );
    assert_eq!(second(&bucket, MINUTE), all);
    let log = requests.sliding();
    assert_eq!(second(&log, Duration::from_secs(59)), 0);
    assert_eq!(second(&log, Duration::from_secs(61)), 60);
    let day = Limit::requests(500, 24 * HOUR)
        .day_in("UTC")
        .expect("a zone");
    assert_eq!(second(&day, 11 * HOUR), 0);
    assert_eq!(second(&day, 13 * HOUR), 500);
}

#[test]
fn a_log_of_a_day_comes_back_when_it_would_have() {
    let log = Limit::requests(100, 24 * HOUR).sliding();
    assert_eq!(second(&log, 23 * HOUR), 0);
    assert_eq!(second(&log, 25 * HOUR), 100);
}

#[test]
fn a_closed_gate_stays_closed() {
    let now = Instant::now();
    let mut first = account(&[], now, noon());
    let Admission::Admitted(ticket) = first.admit(&Cost::default(), now) else {
        panic!("the first");
    };
    let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(50));
    first.reject(ticket, &seen, &Quota::new(), now);
    let saved = first.save(now, noon());
    let wall = noon() + Duration::from_secs(20);
    let mut second = account(&[], now, wall);
    second.restore(&saved, now, wall);
    let Admission::NotBefore(at) = second.admit(&Cost::default(), now) else {
        panic!("it is closed");
    };
    let left = at - now;
    assert!(
        left >= Duration::from_secs(30) && left < Duration::from_secs(31),
        "{left:?}"
    );
}

#[test]
fn a_learned_count_is_taken_over() {
    let now = Instant::now();
    let mut first = account(&[], now, noon());
    let Admission::Admitted(mut ticket) = first.admit(&Cost::default(), now) else {
        panic!("the first");
    };
    let mut quota = Quota::new();
    let day = quota
        .entry(LimitKind::Requests, Some(Window::Day))
        .expect("room");
    (day.limit, day.remaining, day.reset) = (Some(100), Some(0), Some(HOUR));
    first.answer(&mut ticket, &quota, now);
    first.finish(ticket, now);
    assert_eq!(go(&mut first, now), 0);
    let saved = first.save(now, noon());
    let mut second = account(&[], now, noon());
    second.restore(&saved, now, noon());
    assert_eq!(go(&mut second, now), 0);
}

proptest! {
    #[test]
    fn any_figures_are_harmless(
        figures in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>(), 0_usize..3), 0..30),
        sent in 0_u64..20,
    ) {
        let kinds = [LimitKind::Requests, LimitKind::Tokens, LimitKind::Images];
        let limit = |(a, b, c, kind): (u64, u64, u64, usize)| {
            let meter = match a % 3 {
                0 => SavedMeter::Bucket { burst: b, every_ns: c, full_at: Stamp(a) },
                1 => SavedMeter::Fixed { limit: a, used: b, period_ns: c, ends_at: Stamp(b ^ c) },
                _ => SavedMeter::Log { limit: a, period_ns: b, back: vec![(Stamp(b), c), (Stamp(c), a)] },
            };
            SavedLimit { kind: kinds[kind], window: None, own: Some(meter.clone()), provider: Some(meter) }
        };
        let saved = Saved { limits: figures.into_iter().map(limit).collect(), closed: Vec::new() };
        let now = Instant::now();
        let mut account = account(&[Limit::requests(10, MINUTE)], now, noon());
        account.restore(&saved, now, noon());
        for _ in 0..sent {
            if let Admission::Admitted(ticket) = account.admit(&Cost::default(), now) {
                account.finish(ticket, now);
            }
        }
        account.save(now + HOUR, noon() + HOUR);
    }
}

#[test]
fn a_limit_that_nobody_can_have_kept_is_not_taken_over() {
    const LONG: u64 = (1 << 62) - 1;
    let (limit, used, never) = (5, 5, Stamp(u64::MAX));
    let fixed = |limit, period_ns| SavedMeter::Fixed {
        limit,
        used,
        period_ns,
        ends_at: never,
    };
    let log = |limit, period_ns| SavedMeter::Log {
        limit,
        period_ns,
        back: vec![(never, used)],
    };
    let bucket = |burst, every_ns| SavedMeter::Bucket {
        burst,
        every_ns,
        full_at: never,
    };
    for meter in [
        fixed(0, 60_000_000_000),
        fixed(limit, LONG),
        log(0, 60_000_000_000),
        log(limit, LONG),
        bucket(0, 1),
        bucket(1, LONG),
        bucket(u32::MAX.into(), LONG >> 32),
    ] {
        let limit = SavedLimit {
            kind: LimitKind::Requests,
            window: None,
            own: None,
            provider: Some(meter.clone()),
        };
        let saved = Saved {
            limits: vec![limit],
            closed: Vec::new(),
        };
        let now = Instant::now();
        let mut account = account(&[], now, noon());
        account.restore(&saved, now, noon());
        let first = account.admit(&Cost::default(), now);
        assert!(matches!(first, Admission::Admitted(_)), "{meter:?}");
    }
}

#[test]
fn it_is_written_as_text() {
    let now = Instant::now();
    let mut first = account(&[Limit::requests(60, MINUTE).bucket(10)], now, noon());
    go(&mut first, now);
    let saved = first.save(now, noon());
    let text = serde_json::to_string(&saved).expect("text");
    assert_eq!(
        serde_json::from_str::<Saved>(&text).expect("the same"),
        saved
    );
}
