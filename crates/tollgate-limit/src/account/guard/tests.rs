//! What refills a guard, and what does not.

use std::time::Duration;

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const NOW: Time = 1_000 * SECOND;

fn guard(limit: &Limit) -> Guard {
    limit.check().expect("a limit that can be kept");
    Guard::new(limit, NOW, SystemTime::UNIX_EPOCH)
}

fn plain() -> Limit {
    Limit::requests(60, MINUTE)
}

/// Those that the provider's word does not refill.
fn strict() -> [Limit; 4] {
    [
        plain().bucket(60),
        plain().sliding(),
        Limit::requests(60, DAY).day_in("UTC").expect("a zone"),
        plain().share(0.5),
    ]
}

/// As many as go at once.
fn go(guard: &mut Guard, now: Time) -> u64 {
    (0..1_000)
        .take_while(|_| guard.take(1, now).is_ok())
        .count() as u64
}

#[test]
fn a_plain_limit_is_a_bucket_of_all_of_it() {
    let mut guard = guard(&plain());
    assert!(!guard.is_exact() && guard.is_refilled());
    assert_eq!(go(&mut guard, NOW), 60);
    assert_eq!(guard.take(1, NOW), Err(NOW + SECOND));
    assert_eq!(guard.counts(), Counts::Bucket);
    assert_eq!(guard.per_minute(), 60.0);
}

#[test]
fn the_providers_word_refills_a_plain_guard_and_a_window() {
    for limit in [plain(), plain().fixed()] {
        let mut guard = guard(&limit);
        go(&mut guard, NOW);
        guard.state(20.0, Some(guard.amount() as f64), NOW);
        assert_eq!(go(&mut guard, NOW), 20);
        // It never lowers it, and never to more than the whole.
        guard.state(-5.0, Some(guard.amount() as f64), NOW);
        guard.state(0.0, Some(guard.amount() as f64), NOW);
        assert_eq!(go(&mut guard, NOW), 0);
        guard.state(1e9, Some(guard.amount() as f64), NOW);
        assert_eq!(go(&mut guard, NOW), 60);
        // A window ended: what was sent while the statement was rounded is taken of the new one.
        guard.renew(7.0, NOW);
        assert_eq!(go(&mut guard, NOW), 53);
        // Another statement of the same window is none of another.
        guard.renew(0.0, NOW + SECOND);
        assert!(go(&mut guard, NOW + SECOND) <= 1);
        guard.renew(0.0, NOW + 60 * SECOND);
        assert_eq!(go(&mut guard, NOW + 60 * SECOND), 60);
    }
}

#[test]
fn the_end_of_a_stated_wait_is_a_new_window_or_the_next_call() {
    for (wait, calls) in [(1, 1), (2, 1), (3, 1), (4, 60), (37, 60)] {
        let mut guard = guard(&plain());
        go(&mut guard, NOW);
        // A unit takes a second, so that a wait of three may be that of one call.
        guard.wait_is_over(wait * SECOND, 1, 0.0, NOW);
        assert_eq!(go(&mut guard, NOW), calls, "{wait} s");
    }
    // As much as the rejected call takes.
    let mut guard = guard(&plain());
    go(&mut guard, NOW);
    guard.wait_is_over(SECOND, 5, 0.0, NOW);
    assert_eq!(guard.level(NOW), 5.0);
}

#[test]
fn no_word_refills_an_exact_guard() {
    for limit in strict() {
        let mut guard = guard(&limit);
        let all = go(&mut guard, NOW);
        assert!(all >= 29, "{limit:?}");
        // One more goes at once where calls overtaking each other are waited for.
        let level = guard.level(NOW);
        guard.state(1e9, Some(guard.amount() as f64), NOW);
        guard.renew(0.0, NOW);
        guard.wait_is_over(40 * SECOND, 30, 0.0, NOW);
        assert_eq!(guard.level(NOW), level, "{limit:?}");
    }
}

/// A debt is paid: what the provider did not have is not there (fault L8).
#[test]
fn a_rejection_lowers_a_guard_to_the_rejected_call() {
    // A log owes the rejected call: what it lowers comes back only after a whole period.
    for limit in [plain().fixed(), plain().sliding()] {
        let mut guard = guard(&limit);
        guard.reject(3, None, NOW);
        assert_eq!(guard.level(NOW), 57.0, "{limit:?}");
    }
    // A rejection is about something shorter than a day.
    let mut day = guard(&Limit::requests(60, 1_440 * MINUTE));
    day.reject(1, None, NOW);
    assert_eq!(day.level(NOW), 60.0);
    for limit in [plain(), plain().bucket(60)] {
        let mut guard = guard(&limit);
        guard.take(3, NOW).expect("there is room");
        guard.give(3, NOW);
        guard.reject(3, None, NOW);
        assert_eq!(guard.level(NOW), 3.0, "{limit:?}");
        // It raises nothing.
        guard.owe(10, NOW);
        guard.reject(3, None, NOW);
        assert_eq!(guard.level(NOW), -7.0, "{limit:?}");
    }
    // A day's figure is nobody's guess, and a rejection is about something shorter.
    let mut day = guard(&strict()[2]);
    day.reject(1, None, NOW);
    assert_eq!(day.level(NOW), 60.0);
}

/// A part of less than one unit is one unit in a longer time.
#[test]
fn a_share_below_one_unit() {
    for (limit, every) in [
        (Limit::requests(6, MINUTE).share(0.1), 100),
        (Limit::requests(10, MINUTE).share(0.01), 600),
        (Limit::requests(1, MINUTE).share(0.5).sliding(), 120),
    ] {
        let mut guard = guard(&limit);
        assert!(guard.is_exact());
        assert_eq!((guard.amount(), go(&mut guard, NOW)), (1, 1), "{limit:?}");
        let next = guard.take(1, NOW).expect_err("it is used up");
        let told = NOW + every * SECOND + DISORDER;
        assert!(next.abs_diff(told) <= 1, "{limit:?}: {next} and not {told}");
        assert_eq!(go(&mut guard, next), 1);
        let per_minute = 60.0 / every as f64;
        assert!((guard.per_minute() - per_minute).abs() < 1e-9, "{limit:?}");
    }
}

#[test]
fn what_was_counted_is_taken_over_by_another_limit() {
    for limit in [plain(), plain().sliding(), plain().bucket(30)] {
        let mut old = guard(&limit);
        old.take(20, NOW).expect("there is room");
        let mut more = guard(&Limit::requests(90, MINUTE).sliding());
        more.take_over(&old, NOW);
        assert_eq!(more.level(NOW), 70.0, "{limit:?}");
        let mut less = guard(&Limit::requests(10, MINUTE));
        less.take_over(&old, NOW);
        assert_eq!(less.level(NOW), -10.0, "{limit:?}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Word {
    Stated(u64),
    Renewed,
    Waited(u64, u64),
    Rejected(u64),
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        (0_u64..200).prop_map(Word::Stated),
        Just(Word::Renewed),
        (0_u64..100, 1_u64..9).prop_map(|(wait, n)| Word::Waited(wait, n)),
        (1_u64..9).prop_map(Word::Rejected),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Whatever the provider says, an exact guard never lets more go than one that hears nothing, and a
    /// plain one is never above the whole.
    #[test]
    fn words_never_open_an_exact_guard(
        nth in 0_usize..4,
        steps in prop::collection::vec((0_u64..20_000, 1_u64..9, word()), 1..60),
    ) {
        let mut hears = guard(&strict()[nth]);
        let mut deaf = hears.clone();
        let mut open = guard(&plain());
        let mut now = NOW;
        for (gap, n, word) in steps {
            now += gap * SECOND / 1_000;
            for guard in [&mut hears, &mut open] {
                guard.advance(now);
                match word {
                    Word::Stated(left) => guard.state(left as f64, Some(guard.amount() as f64), now),
                    Word::Renewed => guard.renew(0.0, now),
                    Word::Waited(wait, n) => guard.wait_is_over(wait * SECOND, n, 0.0, now),
                    Word::Rejected(n) => guard.reject(n, None, now),
                }
            }
            if hears.take(n, now).is_ok() {
                prop_assert!(deaf.take(n, now).is_ok(), "{word:?} opened it");
            }
            deaf.advance(now);
            prop_assert!(hears.level(now) <= deaf.level(now) + 1e-6);
            let _ = open.take(n, now);
            prop_assert!(open.level(now) <= 60.0);
        }
    }
}
