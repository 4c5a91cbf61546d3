//! The three kinds against naive models, and the bucket against governor itself.

use governor::{Quota, RateLimiter, clock::FakeRelativeClock};
use proptest::prelude::*;
use std::{num::NonZeroU32, time::Duration};

use super::{fixed::Length, *};
use crate::time::{MS, SECOND};

proptest! {
    #[test]
    fn a_bucket_is_governors(
        burst in 1_u32..50,
        every in 1_u64..200,
        calls in prop::collection::vec((0_u64..300, 1_u32..60), 1..100),
    ) {
        let clock = FakeRelativeClock::default();
        let quota = Quota::with_period(Duration::from_millis(every)).expect("above zero");
        let burst = NonZeroU32::new(burst).expect("above zero");
        let theirs = RateLimiter::direct_with_clock(quota.allow_burst(burst), clock.clone());
        let mut ours = Bucket::new(burst.get().into(), every * MS, 0).expect("fits");
        let mut now = 0;
        for (gap, n) in calls {
            now += gap * MS;
            clock.advance(Duration::from_millis(gap));
            let theirs = theirs.check_n(NonZeroU32::new(n).expect("above zero"));
            let room = ours.room(n.into(), now);
            let short = ours.clone().take_if_held(n.into(), now);
            prop_assert_eq!(short, room == Room::Now);
            match theirs {
                Ok(Ok(())) => {
                    prop_assert_eq!(room, Room::Now);
                    ours.take(n.into(), now);
                }
                Ok(Err(until)) => {
                    use governor::clock::Clock;
                    let wait = until.wait_time_from(clock.now());
                    prop_assert_eq!(room, Room::At(now + wait.as_nanos() as u64));
                }
                Err(most) => prop_assert_eq!(room, Room::Never(most.0.into())),
            }
        }
    }

    #[test]
    fn a_log_counts_the_last_period(
        calls in prop::collection::vec((0_u64..30_000, 1_u64..40), 1..200),
    ) {
        let (limit, period) = (100, 60 * SECOND);
        let mut log = Log::new(limit, period, 0);
        let mut all: Vec<(Time, u64)> = Vec::new();
        let mut now = SECOND;
        // What shares a step comes back with its last part.
        let step = period / 1_024 + 1;
        for (gap, n) in calls {
            now += gap * MS;
            log.advance(now);
            let since = |from: Time| all.iter().filter(|e| e.0 > from).map(|e| e.1).sum::<u64>();
            let used = since(now - now.min(period));
            match log.room(n, now) {
                Room::Now => {
                    prop_assert!(used + n <= limit);
                    log.take(n, now);
                    all.push((now, n));
                }
                Room::At(at) => {
                    prop_assert!(at > now);
                    let longer = since(now.saturating_sub(period + step));
                    prop_assert!(longer + n > limit);
                }
                Room::Never(_) => prop_assert!(n > limit),
            }
        }
    }

    #[test]
    fn a_window_starts_afresh(
        first in 1_u64..60,
        calls in prop::collection::vec((0_u64..30_000, 1_u64..40), 1..100),
    ) {
        let (limit, period) = (100, 60 * SECOND);
        let mut fixed = Fixed::new(limit, Length::Every(period), first * SECOND, 0);
        let window = |now: Time| (now + period - first * SECOND) / period;
        let (mut now, mut used, mut current) = (0, 0, 0);
        for (gap, n) in calls {
            now += gap * MS;
            fixed.advance(now);
            if window(now) != current {
                (current, used) = (window(now), 0);
            }
            match fixed.room(n, now) {
                Room::Now => {
                    used += n;
                    prop_assert!(used <= limit);
                    fixed.take(n, now);
                }
                Room::At(at) => {
                    prop_assert!(used + n > limit);
                    prop_assert_eq!(at, (current + 1) * period + first * SECOND - period);
                }
                Room::Never(_) => prop_assert!(n > limit),
            }
        }
    }

    /// A level that was set is the level, to a unit.
    #[test]
    fn levels_are_what_they_were_set_to(level in -200.0_f64..100.0, now in SECOND..1_000 * SECOND) {
        let meters = [
            Meter::Bucket(Bucket::new(100, 7 * MS, 0).expect("fits")),
            Meter::Fixed(Fixed::new(100, Length::Every(60 * SECOND), 1_000 * SECOND, 0)),
            Meter::Log(Log::new(100, 60 * SECOND, 0)),
        ];
        for mut meter in meters {
            meter.take(30, now);
            meter.set_level(level, now);
            prop_assert!((meter.level(now) - level).abs() <= 1.0, "{meter:?}");
        }
    }
}

#[test]
fn nothing_taken_changes_nothing() {
    let mut bucket = Meter::Bucket(Bucket::new(1, SECOND, 60 * MS).expect("fits"));
    bucket.take(0, SECOND);
    assert_eq!(bucket.room(1, SECOND), Room::Now);
}

#[test]
fn a_log_is_bounded() {
    let mut log = Log::new(u64::MAX, 60 * SECOND, 0);
    for i in 0..200_000 {
        let now = i * MS;
        log.advance(now);
        log.take(1, now);
        log.set_level(5.0, now);
    }
    assert!(log.len() <= 3 * 1_024, "{}", log.len());
}
