//! Threads that meet at one key, in every order that shuttle finds.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use shuttle::{
    future::block_on,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
};
use tokio::runtime::Builder;

use super::*;
use crate::{Expected, Limit, Limits, Outcome, Permit, local::queue::Queue};
use tollgate_core::Cost;

const TRIES: usize = 1_000;

/// Runs it in many orders, on a clock that stands still: nothing is saved by a timer.
fn check(story: impl Fn() + Send + Sync + 'static) {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without I/O");
    let _inside = runtime.enter();
    let story = Arc::new(story);
    let again = story.clone();
    shuttle::check_random(move || again(), TRIES);
    shuttle::check_pct(move || story(), TRIES, 3);
}

/// A key that lets `most` calls go at the same time.
fn cell(most: u32) -> Arc<Cell> {
    let limit = Limit::requests(1_000_000, Duration::from_secs(1)).bucket(1_000_000);
    let limits = Limits::new().limit(limit).concurrency(most);
    let waiting = Waiting {
        most: 100,
        shed: false,
    };
    let random = Random::seeded(7);
    let state = State::new(
        &limits,
        waiting,
        random,
        Instant::now(),
        SystemTime::UNIX_EPOCH,
    );
    let state = state.expect("good limits");
    // The clock stands still, and a ramp grows with time.
    let account = state.account.configured_only();
    Cell::new(Target::new("p", "m"), State { account, ..state })
}

fn ask(cell: &Arc<Cell>) -> Result<LocalPermit, Place> {
    ask_until(cell, None)
}

fn ask_until(cell: &Arc<Cell>, latest: Option<Instant>) -> Result<LocalPermit, Place> {
    let ask = Ask::new(Expected::set(Cost::default()), Instant::now());
    let ask = ask.until(latest, tollgate_core::Reason::WaitTooLong);
    let entry = cell.lock().enter(&ask);
    match entry {
        Entry::Go(granted) => {
            let held = Duration::ZERO;
            Ok(LocalPermit::new(cell.clone(), granted, None, held))
        }
        Entry::Wait(at) => Err(Place::new(cell.clone(), at, &ask)),
        Entry::Refused(reason, _) => panic!("refused: {reason}"),
    }
}

fn acquire(cell: &Arc<Cell>) -> LocalPermit {
    ask(cell).unwrap_or_else(|place| block_on(place).expect("served"))
}

/// Nothing is left of all that was.
fn assert_quiet(cell: &Cell) {
    let state = cell.lock();
    assert_eq!((state.slots.taken(), state.queue.places()), (0, 0));
    assert!(Queue::is_quiet(&state.queue));
    assert_eq!(*state.account.reserved(), Cost::default().with_requests(0));
}

fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("no panic"));
}

#[test]
fn never_more_than_allowed_and_everybody_gets_through() {
    check(|| {
        let (cell, inside) = (cell(2), Arc::new(AtomicUsize::new(0)));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (cell, inside) = (cell.clone(), inside.clone());
                thread::spawn(move || {
                    for _ in 0..2 {
                        let permit = acquire(&cell);
                        assert!(inside.fetch_add(1, SeqCst) < 2);
                        inside.fetch_sub(1, SeqCst);
                        permit.settle(Outcome::Unknown);
                    }
                })
            })
            .collect();
        join(threads);
        assert_quiet(&cell);
    });
}

/// A waiter leaves in the moment in which it is served.
#[test]
fn who_leaves_takes_nothing_along() {
    check(|| {
        let cell = cell(1);
        let first = acquire(&cell);
        let leaves = cell.clone();
        let leaves = thread::spawn(move || {
            if let Err(mut place) = ask(&leaves) {
                let mut cx = Context::from_waker(Waker::noop());
                thread::yield_now();
                match Pin::new(&mut place).poll(&mut cx) {
                    Poll::Ready(permit) => permit.expect("served").settle(Outcome::NotSent),
                    Poll::Pending => thread::yield_now(),
                }
            }
        });
        let stays = cell.clone();
        let stays = thread::spawn(move || acquire(&stays).settle(Outcome::Unknown));
        let ends = thread::spawn(move || drop(first));
        join([leaves, stays, ends]);
        assert_quiet(&cell);
    });
}

/// A key is paused, changed and resumed while others come and go.
#[test]
fn who_waits_hears_of_changes_from_outside() {
    check(|| {
        let cell = cell(1);
        let first = acquire(&cell);
        let waits = (0..2).map(|_| {
            let cell = cell.clone();
            thread::spawn(move || acquire(&cell).settle(Outcome::Unknown))
        });
        let waits: Vec<_> = waits.collect();
        let changes = cell.clone();
        let changes = thread::spawn(move || {
            changes.change(|state| state.paused = true);
            changes.change(|state| state.slots.configure(Some(2)));
            changes.change(|state| state.paused = false);
        });
        let ends = thread::spawn(move || first.settle(Outcome::Unknown));
        join(waits.into_iter().chain([changes, ends]));
        assert_quiet(&cell);
    });
}

/// The timer is put away when nobody needs it, in the moment in which somebody comes who does.
#[test]
fn who_comes_as_the_timer_goes_is_not_without_one() {
    check(|| {
        let cell = cell(1);
        let first = acquire(&cell);
        let waits = |cell: &Arc<Cell>| {
            let latest = Instant::now() + Duration::from_secs(1);
            let mut place = ask_until(cell, Some(latest)).expect_err("the place is taken");
            let mut cx = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut place).poll(&mut cx).is_pending());
            place
        };
        let leaves = cell.clone();
        let leaves = thread::spawn(move || drop(waits(&leaves)));
        let stays = cell.clone();
        let stays = thread::spawn(move || waits(&stays));
        join([leaves]);
        let place = stays.join().expect("no panic");
        assert!(cell.lock().home.is_some(), "nothing will wake it in time");
        drop((place, first));
        assert_quiet(&cell);
    });
}

/// Somebody has looked a key up and not yet asked it: it must not be forgotten meanwhile, or the call
/// would be counted where nobody looks.
#[test]
fn a_key_in_somebodys_hands_is_not_forgotten() {
    shuttle::check_random(
        || {
            let map = Map::new(2, Duration::from_secs(1));
            let key = KeyRef::new("p", Some("m"), None);
            let now = Instant::now();
            let make = |_| cell(1);
            let held = map.get(key, now, make);
            let later = now + Duration::from_secs(60);
            map.forget_idle(later);
            assert!(Arc::ptr_eq(&held, &map.get(key, later, make)));
            drop(held);
            map.forget_idle(later);
            assert!(map.all().is_empty());
        },
        1,
    );
}

/// A thread that used a key last finds it without the map, while the map forgets it.
#[test]
fn a_call_is_counted_where_the_map_looks() {
    check(|| {
        let limit = Limit::requests(1_000_000, Duration::from_secs(1)).bucket(1_000_000);
        let plan = Plan {
            rules: Limits::new().limit(limit).concurrency(2),
            special: Vec::new(),
            share: None,
            configured_only: false,
            waiting: Waiting {
                most: 100,
                shed: false,
            },
            paused: false,
        };
        let map = Map::new(2, Duration::from_secs(1));
        let wall = Arc::new(tollgate_core::SystemClock::default());
        let local = Local::new(plan, map, Random::seeded(7), wall);
        let key = KeyRef::new("p", Some("m"), None);
        let go = |now| match local.acquire(key, Ask::new(Expected::set(Cost::default()), now)) {
            Admit::Now(permit) => permit,
            _ => panic!("nothing holds it back"),
        };
        let now = Instant::now();
        go(now).settle(Outcome::Unknown);
        let later = now + Duration::from_secs(60);
        let forgets = local.clone();
        let forgets = thread::spawn(move || forgets.inner.map.forget_idle(later));
        // The map looks through its shards meanwhile.
        (0..10).for_each(|_| thread::yield_now());
        let permit = go(later);
        join([forgets]);
        let cell = local.inner.map.find(key).expect("somebody uses it");
        assert_eq!(cell.lock().slots.taken(), 1);
        permit.settle(Outcome::Unknown);
    });
}
