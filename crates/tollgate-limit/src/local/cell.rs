//! One key: its state behind one lock, and the timer that looks after those who wait.

use std::{
    sync::{Arc, Weak},
    task::{Wake, Waker},
};

use tokio::time::Instant;
use tollgate_core::Target;

use super::{
    state::{Next, State},
    timer::{Set, Timer},
};
use crate::{
    KeyRef,
    local::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, lock},
};

/// A key and everything about it.
///
/// Three locks, none held while another task's waker is called, except that of the timer, which only
/// one thread at a time ever asks for: whoever finds the timer in others' hands leaves a note
/// (`asked`) and goes on.
#[derive(Debug)]
pub(crate) struct Cell {
    target: Target,
    state: Mutex<State>,
    /// How many asked that somebody looks after the timer. Who raises it from zero does.
    asked: AtomicUsize,
    timer: Mutex<Option<Timer>>,
    offered: Mutex<Option<Timer>>,
    alarm: Waker,
}

/// The wakers at so many places of a queue are taken under one lock.
const PLACES: usize = 1_024;

/// A waker of somebody's that panics must not leave the key without anyone to look after it.
struct Released<'a>(Option<&'a AtomicUsize>);

impl Drop for Released<'_> {
    fn drop(&mut self) {
        if let Some(asked) = self.0 {
            asked.store(0, Ordering::Release);
        }
    }
}

/// Wakes a key rather than a task: it serves its waiters even if none of them is polled.
struct Alarm(Weak<Cell>);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(cell) = self.0.upgrade() {
            cell.drive();
        }
    }
}

impl Cell {
    pub(crate) fn new(target: Target, state: State) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            target,
            state: Mutex::new(state),
            asked: AtomicUsize::new(0),
            timer: Mutex::new(None),
            offered: Mutex::new(None),
            alarm: Arc::new(Alarm(me.clone())).into(),
        })
    }

    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn key(&self) -> KeyRef<'_> {
        KeyRef::from(&self.target)
    }

    pub(super) const fn state(&self) -> &Mutex<State> {
        &self.state
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Does something to the state, and serves those who wait if there are any.
    #[inline]
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (result, quiet) = {
            let mut state = self.lock();
            let result = change(&mut state);
            (result, state.queue.is_quiet() && state.home.is_none())
        };
        if !quiet {
            self.drive();
        }
        result
    }

    /// A task that waits offers a timer of its own runtime.
    pub(crate) fn adopt(&self, adrift: bool) {
        if adrift {
            let timer = Timer::new(Instant::now());
            *lock(&self.offered) = Some(timer);
        }
        self.drive();
    }

    /// Serves those who wait, and sets the timer to when there is more to do. If another thread is
    /// just at it, that one does.
    pub(crate) fn drive(&self) {
        if self.asked.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        let mut on_panic = Released(Some(&self.asked));
        let mut seen = 1;
        while seen > 0 {
            self.turn();
            seen = self.asked.fetch_sub(seen, Ordering::AcqRel) - seen;
        }
        on_panic.0 = None;
    }

    /// The runtime of the timer is gone: whoever is polled next brings another timer.
    fn wake_all(&self) {
        let mut from = 0;
        loop {
            let (wakers, is_more) = {
                let mut state = self.lock();
                state.home = None;
                state.queue.wake_from(from, PLACES)
            };
            wakers.into_iter().for_each(Waker::wake);
            if !is_more {
                return;
            }
            from += PLACES;
        }
    }

    fn turn(&self) {
        let mut timer = lock(&self.timer);
        let offered = lock(&self.offered).take();
        if offered.is_some() {
            *timer = offered;
        }
        loop {
            let mut wakers = Vec::new();
            let next = {
                let mut state = self.lock();
                let next = state.pump(Instant::now(), &mut wakers);
                // Under the same lock: whoever comes next must see that no timer is there.
                let timer = timer.as_ref().filter(|_| next != Next::Nothing);
                state.home = timer.map(Timer::home);
                next
            };
            wakers.into_iter().for_each(Waker::wake);
            let at = match next {
                Next::More => continue,
                Next::At(at) => at,
                Next::Nothing => {
                    *timer = None;
                    break;
                }
            };
            match timer.as_mut().map(|timer| timer.set(at, &self.alarm)) {
                // Without one, whoever waits and is polled next brings one.
                Some(Set::Armed) | None => break,
                Some(Set::Elapsed) => {}
                Some(Set::Dead) => {
                    *timer = None;
                    self.wake_all();
                    break;
                }
            }
        }
    }
}
