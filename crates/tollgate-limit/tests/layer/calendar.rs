//! Limits that end at midnight, on machines that sleep and with clocks that are set.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tollgate_core::{BoxError, Cost, LimitKind, Outlook, WallClock};
use tollgate_limit::{Handle, Limit, LimitLayer};
use tollgate_test::ManualClock;
use tower::ServiceExt;

use crate::support::{Limited, Provider, limited, request, s, settle, target};

const HOUR: Duration = Duration::from_secs(3_600);

/// A time of day that goes on as the clock of timers does, and jumps on demand.
#[derive(Debug, Clone)]
struct Wall {
    since: Instant,
    zero: Arc<Mutex<SystemTime>>,
}

impl Wall {
    fn at(time: &str) -> Self {
        let zero = ManualClock::at(time).now();
        Self {
            since: Instant::now(),
            zero: Arc::new(Mutex::new(zero)),
        }
    }

    /// The machine slept for so long: the clock of timers stood still.
    fn ahead(&self, by: Duration) {
        *self.zero.lock().unwrap() += by;
    }

    fn back(&self, by: Duration) {
        *self.zero.lock().unwrap() -= by;
    }
}

impl WallClock for Wall {
    fn now(&self) -> SystemTime {
        *self.zero.lock().unwrap() + self.since.elapsed()
    }
}

/// Three calls a day in this zone.
struct World {
    wall: Wall,
    service: Limited,
    handle: Handle,
}

impl World {
    fn new(time: &str, zone: &str) -> Self {
        let wall = Wall::at(time);
        let limit = Limit::requests(3, 24 * HOUR).day_in(zone).unwrap();
        let builder = LimitLayer::builder()
            .configured_only()
            .limit(limit)
            .wall_clock(wall.clone());
        let (layer, handle) = builder.build_with_handle().unwrap();
        Self {
            wall,
            service: limited(&layer, &Provider::serving(s(0))),
            handle,
        }
    }

    async fn use_up(&self) {
        for _ in 0..3 {
            self.service.clone().oneshot(request()).await.unwrap();
        }
    }

    /// One that must wait; it says for how long it did.
    async fn wait(&self) -> JoinHandle<Result<Duration, BoxError>> {
        let (start, call) = (Instant::now(), self.service.clone().oneshot(request()));
        let waits = tokio::spawn(async move { call.await.map(|_| start.elapsed()) });
        settle().await;
        assert!(!waits.is_finished(), "nothing is left today");
        waits
    }

    /// How many calls go now, of five.
    async fn goes(&self) -> usize {
        let calls = [(); 5].map(|()| tokio::spawn(self.service.clone().oneshot(request())));
        settle().await;
        let gone = calls.iter().filter(|call| call.is_finished()).count();
        calls.iter().for_each(JoinHandle::abort);
        settle().await;
        gone
    }

    fn left(&self) -> (u64, Duration) {
        let state = self.handle.key(&target()).unwrap();
        let day = state.limits.iter().find(|limit| limit.configured).unwrap();
        assert_eq!(day.kind, LimitKind::Requests);
        let resets = day.resets_at.expect("at midnight");
        (day.remaining, resets - Instant::now())
    }
}

#[track_caller]
fn assert_about(took: Duration, expected: Duration, at_most_later: Duration) {
    let late = took.checked_sub(expected);
    let late = late.unwrap_or_else(|| panic!("too early: {took:?} of {expected:?}"));
    assert!(late <= at_most_later, "{late:?} after {expected:?}");
}

/// Closed at eight in the evening, opened at five in the morning.
#[tokio::test(start_paused = true)]
async fn a_machine_that_sleeps_over_midnight() {
    let world = World::new("2026-05-18T20:00:00Z", "UTC");
    world.use_up().await;
    let waits = world.wait().await;
    sleep(s(600)).await;
    assert!(!waits.is_finished());
    world.wall.ahead(9 * HOUR);
    // The timer of the queue knows nothing of that, and looks again within a minute.
    let woke = Instant::now();
    let waited = waits.await.unwrap().unwrap();
    assert_about(waited, s(600), s(60));
    assert!(woke.elapsed() <= s(60), "{:?}", woke.elapsed());
    assert_eq!(world.goes().await, 2, "of a new day's three");
    let waits = world.wait().await;
    let waited = waits.await.unwrap().unwrap();
    // At the next midnight, 19 hours from ten past five.
    assert_about(waited, 18 * HOUR + s(3_000 - 60), s(120));
}

/// Nobody waited, so nobody looked.
#[tokio::test(start_paused = true)]
async fn the_first_to_come_after_the_sleep_finds_a_new_day() {
    let world = World::new("2026-05-18T20:00:00Z", "UTC");
    world.use_up().await;
    let cost = Cost::default();
    assert_eq!(world.left(), (0, 4 * HOUR));
    let wait = world.handle.view(&target(), &cost).wait;
    assert_eq!(wait, Some(4 * HOUR));
    world.wall.ahead(9 * HOUR);
    assert_eq!(world.left(), (3, 19 * HOUR));
    let wait = world.handle.view(&target(), &cost).wait;
    assert_eq!(wait, Some(Duration::ZERO));
    assert_eq!(world.goes().await, 3);
    // And what is written down is of today.
    let snapshot = world.handle.snapshot();
    let other = World::new("2026-05-19T05:00:00Z", "UTC");
    other.handle.restore(&snapshot);
    assert_eq!(other.left().0, 0);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_makes_the_day_longer() {
    let world = World::new("2026-05-18T20:00:00Z", "UTC");
    world.use_up().await;
    let waits = world.wait().await;
    sleep(s(600)).await;
    world.wall.back(HOUR);
    let waited = waits.await.unwrap().unwrap();
    assert_about(waited, 5 * HOUR, s(60));
}

/// Today is yesterday again: what was taken of both counts.
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_over_midnight_gives_nothing_back() {
    let world = World::new("2026-05-18T23:50:00Z", "UTC");
    world.use_up().await;
    sleep(s(660)).await;
    assert_eq!(world.left(), (3, 24 * HOUR - s(60)));
    world.service.clone().oneshot(request()).await.unwrap();
    world.wall.back(s(300));
    assert_eq!(world.left(), (0, s(240)));
    let waits = world.wait().await;
    let waited = waits.await.unwrap().unwrap();
    assert_about(waited, s(240), s(60));
    // As does a clock that was wrong for a while.
    let world = World::new("2026-05-18T12:00:00Z", "UTC");
    world.use_up().await;
    world.wall.ahead(400 * 24 * HOUR);
    world.service.clone().oneshot(request()).await.unwrap();
    world.wall.back(400 * 24 * HOUR);
    assert_eq!(world.goes().await, 0);
    assert_eq!(world.left(), (0, 12 * HOUR));
}

/// Days of 23 and of 25 hours.
#[tokio::test(start_paused = true)]
async fn days_on_which_clocks_change() {
    for (time, until) in [
        // Half past midnight in New York.
        ("2026-03-08T05:30:00Z", 22 * HOUR + s(1_800)),
        ("2026-11-01T04:30:00Z", 24 * HOUR + s(1_800)),
        ("2026-05-18T04:30:00Z", 23 * HOUR + s(1_800)),
    ] {
        let world = World::new(time, "America/New_York");
        world.use_up().await;
        assert_eq!(world.left(), (0, until), "{time}");
        let waits = world.wait().await;
        assert_about(waits.await.unwrap().unwrap(), until, s(1));
        // The machine sleeps through the hour that is left out, or comes twice.
        let world = World::new(time, "America/New_York");
        world.use_up().await;
        world.wall.ahead(until - s(10));
        assert_eq!(world.goes().await, 0, "{time}");
        world.wall.ahead(s(10));
        assert_eq!(world.goes().await, 3, "{time}");
    }
}

/// The clocks drift apart a little; nobody is let go before midnight by the time of day.
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_slower_decides() {
    let world = World::new("2026-05-18T20:00:00Z", "UTC");
    world.use_up().await;
    let start = Instant::now();
    let waits = world.wait().await;
    for _ in 0..240 {
        sleep(s(60)).await;
        world.wall.back(Duration::from_millis(250));
    }
    assert!(!waits.is_finished(), "one minute is left");
    waits.await.unwrap().unwrap();
    assert_about(start.elapsed(), 4 * HOUR + s(60), s(1));
}
