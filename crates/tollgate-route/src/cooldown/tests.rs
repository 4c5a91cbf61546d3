//! The cache, step by step.

use super::*;

const KEYS: Keys = Keys {
    provider: 0,
    account: 0,
    site: 0,
};
const SAME_ACCOUNT: Keys = Keys {
    provider: 0,
    account: 0,
    site: 1,
};
const SAME_PROVIDER: Keys = Keys {
    provider: 0,
    account: 2,
    site: 2,
};
const STRANGER: Keys = Keys {
    provider: 3,
    account: 3,
    site: 3,
};

/// The provider said how long.
const fn stated(class: Class) -> Why {
    Why {
        class,
        stated: true,
    }
}

const fn guessed(class: Class) -> Why {
    Why {
        class,
        stated: false,
    }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A cache in which something of the first target has cooled since `now`, for ten seconds.
fn cooled(scope: Scope, limit: Option<LimitKind>, now: Instant) -> Cooldowns {
    let mut all = Cooldowns::default();
    assert!(all.cool(
        KEYS.hit(scope, limit),
        stated(Class::RateLimited),
        s(10),
        now
    ));
    all
}

#[test]
fn each_scope_reaches_as_far_as_it_says() {
    let now = Instant::now();
    let limit = Some(LimitKind::Tokens);
    for (scope, reached) in [
        (Scope::Provider, [true, true, true, false]),
        (Scope::Account, [true, true, false, false]),
        (Scope::Target, [true, false, false, false]),
        (Scope::Limit, [true, false, false, false]),
    ] {
        let all = cooled(scope, limit, now);
        let looks =
            [KEYS, SAME_ACCOUNT, SAME_PROVIDER, STRANGER].map(|keys| all.look(keys, None, now));
        let cooling = looks.map(|look| look == Look::Cooling(s(10), stated(Class::RateLimited)));
        assert_eq!(cooling, reached, "{scope}");
    }
}

#[test]
fn a_kind_of_limit_holds_back_only_who_needs_it() {
    let now = Instant::now();
    let all = cooled(Scope::Limit, Some(LimitKind::Images), now);
    let picture = Cost::default().with_images(1);
    assert_eq!(all.look(KEYS, None, now), Look::Free);
    assert_ne!(all.look(KEYS, Some(&picture), now), Look::Free);
    let all = cooled(Scope::Limit, Some(LimitKind::Tokens), now);
    assert_eq!(all.look(KEYS, Some(&picture), now), Look::Free);
    assert_ne!(all.look(KEYS, Some(&Cost::default()), now), Look::Free);
}

#[test]
fn the_later_end_counts() {
    let now = Instant::now();
    let mut all = cooled(Scope::Target, None, now);
    let key = KEYS.hit(Scope::Target, None);
    assert!(!all.cool(key, stated(Class::QuotaExhausted), s(5), now));
    assert_eq!(
        all.look(KEYS, None, now),
        Look::Cooling(s(10), stated(Class::RateLimited))
    );
    assert!(all.cool(key, stated(Class::QuotaExhausted), s(60), now));
    assert_eq!(
        all.look(KEYS, None, now),
        Look::Cooling(s(60), stated(Class::QuotaExhausted))
    );
    assert_eq!(all.len(), 1);
}

#[test]
fn one_request_tests_and_its_success_ends_it() {
    let now = Instant::now();
    let mut all = cooled(Scope::Target, None, now);
    let later = now + s(10);
    assert_eq!(all.look(KEYS, None, later), Look::Due);
    assert_eq!(all.claim(KEYS, None, false, later), Some(true));
    assert_eq!(
        all.look(KEYS, None, later),
        Look::Tested(stated(Class::RateLimited))
    );
    assert_eq!(all.claim(KEYS, None, false, later), None);
    assert!(all.answered(KEYS, None, later));
    assert_eq!(all.claim(KEYS, None, false, later), Some(false));
    assert!(!all.answered(KEYS, None, later), "there was nothing to end");
}

#[test]
fn a_test_that_was_dropped_or_lost_leaves_its_place_to_another() {
    let now = Instant::now();
    let mut all = cooled(Scope::Target, None, now);
    let later = now + s(10);
    assert_eq!(all.claim(KEYS, None, false, later), Some(true));
    all.untest(KEYS, later - s(1));
    assert_eq!(
        all.look(KEYS, None, later),
        Look::Tested(stated(Class::RateLimited)),
        "another's"
    );
    all.untest(KEYS, later);
    assert_eq!(all.look(KEYS, None, later), Look::Due);
    assert_eq!(all.claim(KEYS, None, false, later), Some(true));
    assert_eq!(all.look(KEYS, None, later + PROBE), Look::Due);
}

#[test]
fn a_test_that_fails_starts_anew() {
    let now = Instant::now();
    let mut all = cooled(Scope::Target, None, now);
    let later = now + s(10);
    assert_eq!(all.claim(KEYS, None, false, later), Some(true));
    let key = KEYS.hit(Scope::Target, None);
    assert!(all.cool(key, stated(Class::RateLimited), s(7), later));
    assert_eq!(
        all.look(KEYS, None, later),
        Look::Cooling(s(7), stated(Class::RateLimited))
    );
    assert_eq!(all.look(KEYS, None, later + s(7)), Look::Due);
}

#[test]
fn a_success_of_an_older_call_proves_nothing() {
    let now = Instant::now();
    let mut all = cooled(Scope::Target, None, now);
    assert!(!all.answered(KEYS, None, now - s(1)));
    assert_eq!(
        all.look(KEYS, None, now),
        Look::Cooling(s(10), stated(Class::RateLimited))
    );
}

#[test]
fn it_is_cleared_by_hand() {
    let now = Instant::now();
    let mut all = cooled(Scope::Provider, None, now);
    all.clear(SAME_PROVIDER);
    assert_eq!(all.len(), 0);
    all = cooled(Scope::Limit, Some(LimitKind::Images), now);
    all.clear(STRANGER);
    assert_eq!(all.len(), 1);
    all.clear_all();
    assert_eq!(all.len(), 0);
}

#[test]
fn who_left_is_forgotten_once_it_is_over() {
    let now = Instant::now();
    let key = Key::Site(KEYS.site);
    let mut all = Cooldowns::default();
    all.set_present([KEYS.site].into());
    assert!(all.cool(key, stated(Class::RateLimited), s(10), now));
    all.tidy(now + s(60));
    assert_eq!(all.len(), 1, "it waits for a test");
    all.set_present([STRANGER.site].into());
    all.tidy(now + s(9));
    assert_eq!(all.len(), 1);
    // A call that is late says something about it.
    assert!(all.cool(key, stated(Class::RateLimited), s(20), now));
    all.tidy(now + s(19));
    assert_eq!(all.len(), 1);
    all.tidy(now + s(20));
    assert_eq!(all.len(), 0);
}

#[test]
fn a_guess_holds_nobody_who_is_bold() {
    let now = Instant::now();
    let key = Key::Site(KEYS.site);
    let mut all = Cooldowns::default();
    all.cool(key, guessed(Class::QuotaExhausted), s(300), now);
    assert_eq!(all.claim(KEYS, None, false, now), None);
    assert_eq!(all.claim(KEYS, None, true, now), Some(true));
    // While one tests it, too.
    assert_eq!(all.claim(KEYS, None, true, now), Some(true));
    assert!(all.answered(KEYS, None, now));
    assert_eq!(all.look(KEYS, None, now), Look::Free);
    let mut all = cooled(Scope::Target, None, now);
    assert_eq!(
        all.claim(KEYS, None, true, now),
        None,
        "the provider said so"
    );
}

#[test]
fn of_a_guess_and_a_statement_the_statement_holds() {
    let now = Instant::now();
    let mut all = cooled(Scope::Target, None, now);
    let account = KEYS.hit(Scope::Account, None);
    all.cool(account, guessed(Class::Auth), s(300), now);
    let look = Look::Cooling(s(10), stated(Class::RateLimited));
    assert_eq!(all.look(KEYS, None, now), look);
}

/// Fault D5: a revoked key was asked first by each call, for ever.
#[test]
fn a_key_that_is_refused_again_is_left_alone_for_longer() {
    let mut now = Instant::now();
    let mut all = Cooldowns::default();
    let key = KEYS.hit(Scope::Account, None);
    for wait in [300, 600, 1_200, 2_400, 4_800, 4_800] {
        all.cool(key, guessed(Class::Auth), s(300), now);
        let look = Look::Cooling(s(wait), guessed(Class::Auth));
        assert_eq!(all.look(KEYS, None, now), look);
        now += s(wait);
        assert_eq!(all.claim(KEYS, None, false, now), Some(true));
    }
    assert!(all.answered(KEYS, None, now));
    all.cool(key, guessed(Class::Auth), s(300), now);
    let look = Look::Cooling(s(300), guessed(Class::Auth));
    assert_eq!(all.look(KEYS, None, now), look);
}

/// The refusals of a burst are one: each came before anybody could know of the first.
#[test]
fn refusals_within_a_cooldown_do_not_make_it_longer() {
    let start = Instant::now();
    let mut all = Cooldowns::default();
    let key = KEYS.hit(Scope::Account, None);
    for tenth in 0..20 {
        let now = start + Duration::from_millis(100 * tenth);
        all.cool(key, guessed(Class::Auth), s(300), now);
        let look = Look::Cooling(s(300), guessed(Class::Auth));
        assert_eq!(all.look(KEYS, None, now), look, "refusal {tenth}");
    }
    let now = start + s(400);
    all.cool(key, guessed(Class::Auth), s(300), now);
    let look = Look::Cooling(s(600), guessed(Class::Auth));
    assert_eq!(all.look(KEYS, None, now), look, "the next one is longer");
}
