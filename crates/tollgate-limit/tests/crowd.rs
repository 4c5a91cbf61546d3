//! 100,000 calls that wait for one key: in order, with few polls and little memory.

#![expect(
    clippy::await_holding_lock,
    reason = "each test has a runtime of its own"
)]

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::{sync::Notify, time::Instant};
use tollgate_core::Cost;
use tollgate_limit::{
    Admit, Ask, Expected, KeyRef, Limit, LimitLayer, Limiter, Local, Outcome, Permit, Place,
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const CROWD: usize = 100_000;

/// So many go at once, at most.
const BURST: u64 = 100;

/// What is allocated is counted for the whole process, so one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Those whose waker was called, and who looks after them.
#[derive(Default)]
struct Woken {
    list: Mutex<Vec<usize>>,
    any: Notify,
}

struct Task {
    nth: usize,
    polls: AtomicU32,
    woken: Arc<Woken>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.woken.list.lock().expect("no panic").push(self.nth);
        self.woken.any.notify_one();
    }
}

fn limiter() -> Local {
    let limit = Limit::requests(1_000, Duration::from_secs(1)).bucket(BURST);
    let builder = LimitLayer::builder().limit(limit).queue(CROWD);
    builder.build_local().expect("good")
}

fn ask(limiter: &Local, now: Instant) -> Admit<<Local as Limiter>::Permit, Place> {
    let latest = now + Duration::from_secs(1_000);
    let ask = Ask::new(Expected::set(Cost::default()), now)
        .until(Some(latest), tollgate_core::Reason::WaitTooLong);
    limiter.acquire(KeyRef::new("groq", Some("m"), None), ask)
}

/// Calls until one would have to wait.
fn take_burst(limiter: &Local, now: Instant) {
    while let Admit::Now(permit) = ask(limiter, now) {
        permit.settle(Outcome::Unknown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_served_in_order_with_few_polls_and_little_memory() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let limiter = limiter();
    let start = Instant::now();
    take_burst(&limiter, start);

    let woken = Arc::new(Woken::default());
    let task = |nth| Task {
        nth,
        polls: AtomicU32::new(0),
        woken: woken.clone(),
    };
    let tasks: Vec<_> = (0..CROWD).map(|nth| Arc::new(task(nth))).collect();
    let wakers: Vec<Waker> = tasks.iter().cloned().map(Waker::from).collect();
    let mut places: Vec<Option<Place>> = (0..CROWD).map(|_| None).collect();

    let region = Region::new(ALLOCATOR);
    for (nth, place) in places.iter_mut().enumerate() {
        let Admit::Later(mut waits) = ask(&limiter, start) else {
            panic!("{nth} may not go yet")
        };
        let mut cx = Context::from_waker(&wakers[nth]);
        assert!(Pin::new(&mut waits).poll(&mut cx).is_pending());
        tasks[nth].polls.fetch_add(1, Relaxed);
        *place = Some(waits);
    }
    let kept = region.change();
    let kept = kept.bytes_allocated - kept.bytes_deallocated;
    let each = kept as f64 / CROWD as f64;
    println!("{each:.0} bytes a waiter");
    assert!(each <= 200.0, "{each} bytes a waiter");

    // No timer of the test's own: only that of the key moves the clock.
    let mut order = Vec::with_capacity(CROWD);
    while order.len() < CROWD {
        woken.any.notified().await;
        let list = std::mem::take(&mut *woken.list.lock().expect("no panic"));
        for nth in list {
            let Some(place) = &mut places[nth] else {
                continue;
            };
            tasks[nth].polls.fetch_add(1, Relaxed);
            let mut cx = Context::from_waker(&wakers[nth]);
            if let Poll::Ready(permit) = Pin::new(place).poll(&mut cx) {
                permit.expect("served").settle(Outcome::Unknown);
                places[nth] = None;
                order.push(nth);
            }
        }
    }
    assert!(order.is_sorted(), "out of order");
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(100), "{took:?}");
    assert!(took <= Duration::from_millis(100_200), "{took:?}");
    let polls = tasks.iter().map(|task| task.polls.load(Relaxed));
    assert!(polls.clone().max() <= Some(4), "{:?}", polls.max());
    let mean = f64::from(polls.sum::<u32>()) / CROWD as f64;
    println!("{mean:.2} polls a waiter");
    assert!(mean <= 3.1, "{mean}");
}

/// Whoever gives up is found at once, wherever it stands.
#[tokio::test(start_paused = true)]
async fn a_crowd_that_gives_up_leaves_nothing() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let limiter = limiter();
    let start = Instant::now();
    take_burst(&limiter, start);
    let region = Region::new(ALLOCATOR);
    let mut places: Vec<_> = (0..CROWD)
        .map(|_| match ask(&limiter, start) {
            Admit::Later(place) => Some(place),
            _ => panic!("it must wait"),
        })
        .collect();
    // Every third, then every other, then all that are left.
    for step in [3, 2, 1] {
        places
            .iter_mut()
            .step_by(step)
            .for_each(|place| *place = None);
    }
    drop(places);
    let left = region.change();
    let left = left.bytes_allocated.saturating_sub(left.bytes_deallocated);
    // A crowd takes 16 MB. The runtime of the other test may be made meanwhile.
    assert!(left <= 100_000, "{left} bytes");
    tokio::time::advance(Duration::from_millis(70)).await;
    assert!(matches!(ask(&limiter, Instant::now()), Admit::Now(_)));
}
