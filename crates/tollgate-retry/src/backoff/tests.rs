//! The wait is never shorter than told, never longer than its bound, and nothing overflows.

use proptest::prelude::*;

use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn span(n: u32, hint: Option<Duration>) -> (Duration, Duration) {
    let span = Backoff::THROTTLE.span(&HintJitter::DEFAULT, n, hint, false);
    (span.floor, span.spread)
}

fn span_in_vain(n: u32, hint: Duration) -> (Duration, Duration) {
    let span = Backoff::THROTTLE.span(&HintJitter::DEFAULT, n, Some(hint), true);
    (span.floor, span.spread)
}

#[test]
fn without_a_hint_the_bound_doubles_up_to_the_cap() {
    let bounds: Vec<_> = (0..8).map(|n| span(n, None).1).collect();
    assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60].map(s));
    assert_eq!(Backoff::TRANSIENT.longest(2), s(1));
}

#[test]
fn a_hint_is_a_floor_with_a_tenth_on_top() {
    assert_eq!(span(0, Some(s(1))), (s(1), ms(250)));
    assert_eq!(
        span(5, Some(s(2))),
        (s(2), ms(250)),
        "no told wait was in vain"
    );
    assert_eq!(span(0, Some(s(20))), (s(20), s(2)));
    assert_eq!(span(0, Some(s(100))), (s(100), s(5)));
}

#[test]
fn after_a_hint_in_vain_the_jitter_grows_like_a_backoff() {
    assert_eq!(span_in_vain(1, s(1)), (s(1), s(2)));
    assert_eq!(span_in_vain(5, s(2)), (s(2), s(32)));
    assert_eq!(span_in_vain(9, s(100)), (s(100), s(60)));
    assert_eq!(
        span_in_vain(1, s(100)),
        (s(100), s(5)),
        "never less than the first time"
    );
}

#[test]
fn a_hint_shorter_than_the_base_grows_like_a_backoff() {
    assert_eq!(span(0, Some(s(0))), (s(0), s(1)), "zero is as no hint");
    assert_eq!(span(4, Some(s(0))), (s(0), s(16)));
    assert_eq!(span(3, Some(ms(500))), (ms(500), s(4)));
    assert_eq!(span(0, Some(ms(900))), (ms(900), ms(250)));
}

#[test]
fn a_small_base_still_reaches_its_cap() {
    let backoff = Backoff::new(Duration::from_nanos(1), s(60), 99);
    assert_eq!(backoff.longest(35), Duration::from_nanos(1 << 35));
    assert_eq!(backoff.longest(36), s(60));
}

prop_compose! {
    fn any_wait()(secs in prop_oneof![0..200_u64, any::<u64>()], nanos in 0..1_000_000_000_u32)
        -> Duration { Duration::new(secs, nanos) }
}

proptest! {
    #[test]
    fn a_wait_keeps_its_bounds(
        seed: u64, n: u32, in_vain: bool, hint in prop::option::of(any_wait()),
        base in any_wait(), cap in any_wait(),
        fraction in 0.0..10.0_f64, min in any_wait(), max in any_wait(),
    ) {
        let backoff = Backoff::new(base.min(cap), cap, 1);
        let jitter = HintJitter { fraction, min: min.min(max), max };
        let wait = backoff.span(&jitter, n, hint, in_vain).draw(&Random::seeded(seed));
        let floor = hint.unwrap_or_default();
        prop_assert!(wait >= floor, "earlier than told");
        let most = if hint.is_some() { cap.max(max) } else { cap };
        prop_assert!(wait <= floor.saturating_add(most));
    }

    #[test]
    fn the_bound_never_falls(base in any_wait(), cap in any_wait(), n in 0..300_u32) {
        let backoff = Backoff::new(base.min(cap), cap, 1);
        prop_assert!(backoff.longest(n) <= backoff.longest(n + 1));
        prop_assert!(backoff.longest(n) <= cap);
        prop_assert!(backoff.longest(n) >= backoff.base.min(cap) || backoff.base == Duration::ZERO);
    }
}
