//! What holds whatever happens: limits are kept, nothing is lost or made, nothing panics.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Usage, Window};
use tollgate_limit::{Account, Admission, Held, Limit, Ticket};

#[path = "../goodput/provider.rs"]
#[expect(dead_code, reason = "the simulation uses all of it")]
mod provider;
use provider::{Counter, Kind};

const MINUTE: Duration = Duration::from_secs(60);

fn account(limits: &[Limit], now: Instant) -> Account {
    Account::new(limits, Random::seeded(1), now, SystemTime::UNIX_EPOCH).expect("limits to keep")
}

fn tokens(n: u64) -> Cost {
    Cost::default().with_input_tokens(n)
}

/// An account that keeps to its limits and to nothing else: no ramp spreads its bursts.
fn strict(limits: &[Limit], now: Instant) -> Account {
    account(limits, now).configured_only()
}

/// A limit with a shape, and the provider that counts it so.
fn exact() -> impl Strategy<Value = (Limit, Kind)> {
    let (limit, period) = (60, 60);
    let base = Limit::tokens(limit, MINUTE);
    let bucket = base.clone();
    let fixed = base.clone();
    let shared = Limit::tokens(240, MINUTE).share(0.25);
    prop_oneof![
        // Smaller ones that a call takes whole are asked less than 60 ms early: see `Limit::bucket`.
        (3_u64..90).prop_map(move |burst| {
            let cap = burst as f64;
            (
                bucket.clone().bucket(burst),
                Kind::Bucket { rate: 1.0, cap },
            )
        }),
        Just((base.sliding(), Kind::Sliding { limit, period })),
        // Without a phase a window is kept by not taking more in any minute.
        (0_u64..60).prop_map(move |into| {
            let kind = Kind::Fixed {
                limit,
                period,
                into,
            };
            (fixed.clone().fixed(), kind)
        }),
        // A part of a limit whose shape nobody told keeps to all of them.
        (0_u64..60, 0..3).prop_map(move |(into, kind)| {
            let kind = match kind {
                0 => Kind::Sliding { limit, period },
                1 => Kind::Bucket {
                    rate: 1.0,
                    cap: 60.0,
                },
                _ => Kind::Fixed {
                    limit,
                    period,
                    into,
                },
            };
            (shared.clone(), kind)
        }),
    ]
}

/// Asks again when told to, until the call goes. How often it was told.
fn admit(account: &mut Account, cost: &Cost, now: &mut Instant) -> (Ticket, u32) {
    for told in 0..50 {
        match account.admit(cost, 0, *now) {
            Admission::Admitted(ticket) => return (ticket, told),
            Admission::NotBefore(at, _) => {
                assert!(at > *now);
                *now = at;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("told again and again");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A provider that counts what was told never has to reject a call, although calls overtake each
    /// other by up to 60 ms on the way. Those that must wait go as soon as they may. What answers teach
    /// changes nothing of this.
    #[test]
    fn an_exact_limit_is_never_exceeded(
        (limit, kind) in exact(),
        learns in any::<bool>(),
        calls in prop::collection::vec((0_u64..20_000, 0_u64..30, 0_u64..3, any::<bool>()), 1..150),
    ) {
        let start = Instant::now();
        let mut account = if learns { account(&[limit], start) } else { strict(&[limit], start) };
        let (mut now, mut sent) = (start, Vec::new());
        for (gap, cost, fate, late) in calls {
            // Half of the calls come right after another.
            now += Duration::from_millis(gap.saturating_sub(10_000));
            if account.fits(&tokens(cost)).is_err() {
                continue;
            }
            let (mut ticket, told) = admit(&mut account, &tokens(cost), &mut now);
            prop_assert!(learns || told <= 1, "told {} times", told);
            if fate == 0 {
                account.refund(ticket, now);
                continue;
            }
            let way = if late { 60 } else { 0 };
            sent.push((now + Duration::from_millis(way) - start, cost));
            account.answer(&mut ticket, &Quota::new(), now);
            match fate {
                1 => account.finish(ticket),
                _ => account.settle(ticket, &Usage::new(cost, 0), now),
            }
        }
        sent.sort_unstable();
        let mut provider = Counter::new(kind);
        for (at, cost) in sent {
            provider.advance(at.as_nanos() as u64);
            prop_assert!(provider.has(cost), "{cost} at {at:?}");
            provider.charge(cost);
        }
    }

    /// A plain limit sends no more than governor would with a burst of all of it, as long as the
    /// provider says nothing, and no later either.
    #[test]
    fn a_plain_limit_is_a_bucket(
        gaps in prop::collection::vec((0_u64..4_000, 1_u64..90), 1..150),
    ) {
        let start = Instant::now();
        let mut account = strict(&[Limit::tokens(60, MINUTE)], start);
        let mut provider = Counter::new(Kind::Bucket { rate: 1.0, cap: 60.0 });
        let mut now = start;
        for (gap, cost) in gaps {
            now += Duration::from_millis(gap.saturating_sub(2_000));
            let came = now;
            let (ticket, told) = admit(&mut account, &tokens(cost), &mut now);
            account.finish(ticket);
            // More than all of it is no reason to refuse a call: it goes when the bucket is full.
            let n = cost.min(60);
            if told > 0 {
                let before = now - Duration::from_millis(1) - start;
                provider.advance(before.as_nanos() as u64);
                prop_assert!(!provider.has(n), "{cost} of {came:?} could have gone before");
            }
            provider.advance((now - start).as_nanos() as u64);
            prop_assert!(provider.has(n), "{cost} at {:?}", now - start);
            provider.charge(cost);
        }
    }

    /// A call that is told when to come back is admitted then, if nothing else happens. While nobody
    /// rejects a call, what is learned delays it by some hundred milliseconds at most.
    #[test]
    fn the_time_told_is_the_time((limit, _) in exact(), costs in prop::collection::vec(1_u64..60, 1..40)) {
        let start = Instant::now();
        let limits = [limit, Limit::requests(1_000, MINUTE).bucket(1_000)];
        let mut strict = strict(&limits, start);
        let mut learns = account(&limits, start);
        let (mut now, mut later) = (start, start);
        for cost in costs {
            if strict.fits(&tokens(cost)).is_err() {
                continue;
            }
            let (ticket, told) = admit(&mut strict, &tokens(cost), &mut now);
            strict.finish(ticket);
            prop_assert!(told <= 1, "told {told} times");
            let (ticket, _) = admit(&mut learns, &tokens(cost), &mut later);
            learns.finish(ticket);
            prop_assert!(later <= now + Duration::from_millis(400), "{:?} later", later - now);
        }
    }

    /// Whatever the order of answers, rejections, refunds and settles, nothing stays reserved, and
    /// what was settled is what was taken.
    #[test]
    fn nothing_is_lost_or_made(
        calls in prop::collection::vec((1_u64..50, 0_u64..60, 0_u32..5, any::<bool>()), 1..60),
        order in any::<u64>(),
    ) {
        let now = Instant::now();
        let whole = 1_000_000;
        let mut account = strict(&[Limit::tokens(whole, MINUTE).sliding()], now);
        let mut open: Vec<(Ticket, (u64, u32, bool))> = Vec::new();
        for (cost, used, fate, answered) in calls {
            let asked = account.admit(&Cost::default().with_input_tokens(cost).with_output_tokens(40), 0, now);
            let Admission::Admitted(ticket) = asked else { continue };
            open.push((ticket, (used, fate, answered)));
        }
        let random = Random::seeded(order);
        let mut taken = 0;
        while !open.is_empty() {
            let next = (random.unit() * open.len() as f64) as usize;
            let (mut ticket, (used, fate, answered)) = open.swap_remove(next);
            if answered {
                account.answer(&mut ticket, &Quota::new(), now);
            }
            let cost = ticket.cost().tokens();
            match fate {
                0 => account.refund(ticket, now),
                1 => account.finish(ticket),
                _ => account.settle(ticket, &Usage::new(used, used), now),
            }
            taken += match fate { 0 => 0, 1 => cost, _ => 2 * used };
        }
        prop_assert_eq!(account.reserved(), &Cost::default().with_requests(0));
        let later = now + Duration::from_millis(1);
        let more = tokens(whole - taken + 1);
        match taken {
            0 => prop_assert!(account.fits(&more).is_err()),
            _ => prop_assert!(!matches!(account.admit(&more, 0, later), Admission::Admitted(_))),
        }
        let rest = account.admit(&tokens(whole - taken), 0, later);
        prop_assert!(matches!(rest, Admission::Admitted(_)));
    }

    /// Nothing an answer can say makes it panic, or wait for longer than a day and a bit.
    #[test]
    fn anything_is_survived(
        steps in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), 0_u32..8), 1..80),
        limited in 0_u32..4,
    ) {
        let mut now = Instant::now();
        let limits = match limited {
            0 => vec![],
            1 => vec![Limit::requests(600, MINUTE)],
            2 => vec![Limit::requests(600, MINUTE).fixed(), Limit::tokens(1_000, MINUTE).share(0.5)],
            _ => vec![Limit::requests(600, MINUTE).bucket(10), Limit::tokens(2, MINUTE).share(0.001)],
        };
        let mut account = account(&limits, now);
        let mut open: Vec<Ticket> = Vec::new();
        for (a, b, c, d, what) in steps {
            let mut quota = Quota::new();
            for (kind, window) in [(LimitKind::Requests, None), (LimitKind::Tokens, Some(Window::Minute))] {
                let said = quota.entry(kind, window).expect("room");
                said.limit = (a % 3 > 0).then_some(if a % 5 == 0 { a } else { a % 1_000 });
                said.remaining = (b % 3 > 0).then_some(if b % 5 == 0 { b } else { b % 1_000 });
                let reset = if c % 5 == 0 { c } else { c % 90_000 };
                said.reset = (c % 3 > 0).then_some(Duration::from_millis(reset));
            }
            let wait = Duration::from_millis(if d % 7 == 0 { d } else { d % 100_000 });
            let seen = Classification::new(Class::RateLimited).with_wait((d % 3 > 0).then_some(wait));
            match (what, open.pop()) {
                (0, Some(ticket)) => account.refund(ticket, now),
                (1, Some(ticket)) => account.settle(ticket, &Usage::new(a, b), now),
                (2, Some(mut ticket)) => {
                    account.answer(&mut ticket, &quota, now);
                    open.push(ticket);
                }
                (3, Some(ticket)) => account.reject(ticket, &seen, &quota, now),
                (4, Some(mut ticket)) => {
                    account.answer(&mut ticket, &quota, now);
                    account.finish(ticket);
                }
                (5, left) => {
                    open.extend(left);
                    account.reconfigure(&limits[..limits.len().min(1)], now, SystemTime::UNIX_EPOCH).expect("kept");
                }
                (_, left) => {
                    open.extend(left);
                    let cost = Cost::default()
                        .with_input_tokens(if c % 11 == 0 { c } else { c % 100 })
                        .with_output_tokens(d % 100);
                    match account.admit(&cost, 0, now) {
                        Admission::Admitted(ticket) => open.push(ticket),
                        Admission::NotBefore(at, held) => {
                            prop_assert!(at > now);
                            let longest = Duration::from_secs(86_401);
                            let configured = matches!(held, Held::Configured(_));
                            prop_assert!(configured || at - now <= longest, "{held}: {:?}", at - now);
                            let guess = Duration::from_secs(1);
                            prop_assert!(!held.is_guess() || at - now <= guess, "{:?}", at - now);
                        }
                        _ => {}
                    }
                }
            }
            prop_assert!(account.view(now).all(|it| it.remaining <= it.limit));
            prop_assert!(account.closed(now).all(|it| it.until > now));
            prop_assert!(account.changes().count() < 32);
            // Now and then the clock jumps: a machine was asleep.
            now += Duration::from_millis(if d % 13 == 0 { d % 100_000_000 } else { d % 500 });
        }
    }
}

#[test]
fn limits_that_cannot_be_kept_are_refused() {
    let now = Instant::now();
    let refused = |limit: Limit| {
        Account::new(&[limit], Random::seeded(1), now, SystemTime::UNIX_EPOCH)
            .expect_err("cannot be kept")
            .to_string()
    };
    let limit = Limit::requests(60, MINUTE);
    for part in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY] {
        assert!(
            refused(limit.clone().share(part)).contains("share"),
            "{part}"
        );
    }
    assert!(refused(Limit::requests(60, Duration::ZERO)).contains("period"));
    assert!(refused(Limit::requests(60, Duration::MAX)).contains("period"));
    assert!(refused(limit.clone().bucket(1 << 32)).contains("bucket"));
    // One a day, and four billion at once: 11 million years to fill.
    let slow = Limit::requests(1, Duration::from_secs(86_400)).bucket(u32::MAX.into());
    assert!(refused(slow).contains("bucket"));
    assert!(limit.day_in("Mars/Olympus_Mons").is_err());
}

#[test]
fn a_day_ends_at_midnight_where_it_was_said() {
    // Half past midnight on 2026-11-01 in California: clocks go back on that day, which has 25 hours.
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_518_200);
    let limit = Limit::requests(1, Duration::from_secs(86_400))
        .day_in("America/Los_Angeles")
        .expect("a zone");
    let now = Instant::now();
    let mut account = Account::new(&[limit], Random::seeded(1), now, wall).expect("kept");
    let cost = Cost::default();
    let Admission::Admitted(ticket) = account.admit(&cost, 0, now) else {
        panic!("the first of the day");
    };
    account.finish(ticket);
    let Admission::NotBefore(at, _) = account.admit(&cost, 0, now) else {
        panic!("the second of the day");
    };
    let wait = (at - now).as_secs_f64();
    assert!((88_200.0..88_201.0).contains(&wait), "{wait}");
    assert!(matches!(
        account.admit(&cost, 0, at),
        Admission::Admitted(_)
    ));
}

#[test]
fn a_changed_limit_keeps_what_was_taken() {
    let now = Instant::now();
    let mut account = strict(&[Limit::requests(10, MINUTE).sliding()], now);
    let mut tickets = Vec::new();
    while let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, now) {
        tickets.push(ticket);
    }
    assert_eq!(tickets.len(), 10);
    let more = [Limit::requests(12, MINUTE).sliding()];
    account
        .reconfigure(&more, now, SystemTime::UNIX_EPOCH)
        .expect("kept");
    while let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, now) {
        tickets.push(ticket);
    }
    assert_eq!(tickets.len(), 12);
    account
        .reconfigure(&[], now, SystemTime::UNIX_EPOCH)
        .expect("kept");
}
