//! Midnight by the time of day, whatever the clock of timers says.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;

const HOUR: u64 = 3_600;
const START: Time = 1_000 * SECOND;

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a zone")
}

fn wall(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A day of ten units in UTC that is met at this hour of day 100.
fn at_hour(hour: u64) -> (Day, u64) {
    let seconds = 100 * 24 * HOUR + hour * HOUR;
    (Day::new(10, zone("UTC"), wall(seconds), START), seconds)
}

fn in_hours(hours: u64) -> Time {
    START + hours * HOUR * SECOND
}

#[test]
fn all_comes_back_at_midnight() {
    let (mut day, _) = at_hour(20);
    assert_eq!(day.take(10, START), Ok(()));
    assert_eq!(day.take(1, START), Err(in_hours(4)));
    assert_eq!(day.take(1, in_hours(4) - 1), Err(in_hours(4)));
    assert_eq!(day.take(10, in_hours(4)), Ok(()));
    assert_eq!(day.end(), in_hours(28));
}

#[test]
fn days_of_a_zone_have_23_to_25_hours() {
    // Clocks go forward on 2026-03-08 and back on 2026-11-01 in California.
    for (midnight, hours) in [
        (1_772_956_800, 23),
        (1_793_516_400, 25),
        (1_790_924_400, 24),
    ] {
        let day = Day::new(1, zone("America/Los_Angeles"), wall(midnight), START);
        assert_eq!(day.end(), in_hours(hours), "{midnight}");
    }
}

/// Fault L11: the clock of timers stands still while a machine sleeps.
#[test]
fn a_night_that_was_slept_is_over() {
    let (mut day, seconds) = at_hour(20);
    day.owe(10);
    // A minute later by one clock, ten hours by the other.
    let now = START + 60 * SECOND;
    day.set(wall(seconds + 10 * HOUR), now);
    assert_eq!((day.used(), day.end()), (0, now + 18 * HOUR * SECOND));
    assert_eq!(day.take(10, now), Ok(()));
    // A week is no more than a night.
    day.set(wall(seconds + 7 * 24 * HOUR), now);
    assert_eq!(day.take(10, now), Ok(()));
}

#[test]
fn a_sleep_before_midnight_brings_it_closer() {
    let (mut day, seconds) = at_hour(8);
    day.owe(10);
    day.set(wall(seconds + 10 * HOUR), START);
    assert_eq!(day.take(1, START), Err(in_hours(6)));
}

#[test]
fn a_clock_that_is_set_back_within_the_day_keeps_what_was_taken() {
    let (mut day, seconds) = at_hour(8);
    day.owe(10);
    day.set(wall(seconds - 3 * HOUR), START);
    assert_eq!(day.take(1, START), Err(in_hours(19)));
}

#[test]
fn a_clock_that_is_set_back_over_midnight_finds_what_was_taken_yesterday() {
    let (mut day, seconds) = at_hour(23);
    day.owe(7);
    assert_eq!(day.take(2, in_hours(2)), Ok(()));
    // It is 23 o'clock again: of that day seven were taken, and the two as well.
    day.set(wall(seconds), in_hours(2));
    assert_eq!((day.used(), day.end()), (9, in_hours(3)));
    assert_eq!(day.take(10, in_hours(3)), Ok(()));
}

/// Two clocks are never read at the same moment.
#[test]
fn a_jitter_of_milliseconds_is_no_step() {
    let (mut day, seconds) = at_hour(23);
    day.owe(10);
    let end = day.end();
    for ms in [0, 9, 3, 7] {
        let later = wall(seconds) + Duration::from_millis(ms);
        day.set(later, START);
        assert_eq!((day.used(), day.end()), (10, end));
    }
}

#[test]
fn what_was_taken_yesterday_does_not_come_back_today() {
    let (mut day, _) = at_hour(23);
    day.owe(5);
    assert_eq!(day.take(4, in_hours(2)), Ok(()));
    day.give(5, START);
    assert_eq!(day.used(), 4);
    day.give(3, in_hours(2));
    assert_eq!(day.used(), 1);
}

#[test]
fn a_forecast_counts_days() {
    let (mut day, _) = at_hour(20);
    day.owe(4);
    assert_eq!(day.forecast(6, START), START);
    assert_eq!(day.forecast(7, START), in_hours(4));
    assert_eq!(day.forecast(16, START), in_hours(4));
    assert_eq!(day.forecast(17, START), in_hours(28));
}

#[test]
fn before_1970_and_after_all_days_nothing_panics() {
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1_000);
    let mut day = Day::new(10, zone("UTC"), early, START);
    day.set(wall(1 << 40), END - 1);
    assert!(day.take(10, END - 1).is_ok());
    assert!(day.end() >= END - 1);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Of no day by the time of day more is taken than its limit, whatever the machine sleeps. A clock that is
    /// set back once was wrong before: what was taken of a day that has not begun was taken of the one before.
    #[test]
    fn no_day_is_exceeded(
        hour in 0_u64..24,
        steps in prop::collection::vec((0_u64..400, 0_u64..2_000, 1_u64..4), 1..80),
        (back, hours) in (0_usize..80, 1_u64..20),
    ) {
        let (mut day, mut seconds) = at_hour(hour);
        let (mut now, mut taken) = (START, BTreeMap::new());
        let mut most = BTreeMap::new();
        for (nth, (awake, asleep, n)) in steps.into_iter().enumerate() {
            now += awake * 60 * SECOND;
            // Every fourth pause is slept through.
            seconds += (awake + if asleep < 500 { asleep } else { 0 }) * 60;
            if nth == back {
                let wrong = seconds / (24 * HOUR);
                seconds -= hours * HOUR;
                let today = seconds / (24 * HOUR);
                if today < wrong {
                    let moved = taken.remove(&wrong).unwrap_or(0);
                    let sum = taken.entry(today).or_insert(0);
                    *sum += moved;
                    most.insert(today, *sum);
                }
            }
            day.set(wall(seconds), now);
            if day.take(n, now).is_ok() {
                *taken.entry(seconds / (24 * HOUR)).or_insert(0) += n;
            }
            let midnight = (seconds / (24 * HOUR) + 1) * 24 * HOUR;
            prop_assert_eq!(day.end(), now + (midnight - seconds) * SECOND);
        }
        let is_kept = |(day, n): (&u64, &u64)| *n <= 10.max(most.get(day).copied().unwrap_or(0));
        prop_assert!(taken.iter().all(is_kept), "{taken:?}");
    }
}
