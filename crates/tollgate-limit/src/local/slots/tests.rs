//! Places, and what rejections teach about them.

use super::*;

fn taken(n: u32) -> Slots {
    let mut slots = Slots::default();
    (0..n).for_each(|_| slots.take(Instant::now()));
    slots
}

#[test]
fn a_rejection_for_concurrency_lowers_the_ceiling_to_what_was_accepted() {
    let now = Instant::now();
    let mut slots = taken(10);
    assert!(slots.has_room(), "nothing is known");
    // Five of ten were accepted, and the others are told so one after the other.
    (0..5).for_each(|_| slots.reject(true, now));
    assert_eq!(slots.most(), Some(5));
    (0..5).for_each(|_| slots.give(true));
    assert!(!slots.has_room());
    slots.give(false);
    assert!(slots.has_room());
}

#[test]
fn other_rejections_say_nothing_of_it_and_one_call_may_always_go() {
    let now = Instant::now();
    let mut slots = taken(1);
    slots.reject(false, now);
    assert_eq!(slots.most(), None);
    slots.give(true);
    slots.take(Instant::now());
    slots.reject(true, now);
    assert_eq!(slots.most(), Some(1));
}

#[test]
fn the_ceiling_rises_by_one_for_as_many_successes_after_a_quiet_time() {
    let now = Instant::now();
    let mut slots = taken(4);
    slots.reject(true, now);
    assert_eq!(slots.most(), Some(3));
    (0..9).for_each(|_| slots.serve(now + Duration::from_secs(9)));
    assert_eq!(slots.most(), Some(3), "too early");
    (0..3).for_each(|_| slots.serve(now + QUIET));
    assert_eq!(slots.most(), Some(4));
    slots.configure(Some(2));
    assert_eq!(slots.most(), Some(2), "never more than was configured");
}

#[test]
fn starts_are_apart() {
    let now = Instant::now();
    let mut spacing = Spacing::default();
    spacing.take(now);
    assert_eq!(spacing.opens(now), None);
    let every = Duration::from_millis(100);
    spacing.configure(every);
    spacing.take(now);
    assert_eq!(spacing.opens(now), Some(now + every));
    assert_eq!(spacing.opens(now + every), None);
    assert_eq!(spacing.after(2, now), now + 3 * every);
}
