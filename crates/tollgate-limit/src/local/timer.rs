//! The one timer of a key.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use tokio::{
    runtime::{Handle, Id},
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// A timer that belongs to the runtime it was made in.
///
/// A layer may live longer than a runtime, and a runtime may stand still while others run. So the
/// timer of a key goes from hand to hand: whoever is first in its queue makes sure that the timer is
/// of a runtime that runs, its own.
#[derive(Debug)]
pub(crate) struct Timer {
    sleep: Pin<Box<Sleep>>,
    home: Id,
}

/// What became of a timer that was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// It will wake.
    Armed,
    /// Its time is there.
    Elapsed,
    /// Its runtime is gone.
    Dead,
}

/// Where a task runs.
pub(crate) type Home = Id;

impl Timer {
    /// The runtime of the task that asks.
    pub(crate) fn here() -> Option<Home> {
        Handle::try_current().ok().map(|handle| handle.id())
    }

    /// A timer of the current runtime.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub(crate) fn new(at: Instant) -> Self {
        Self {
            home: Handle::current().id(),
            sleep: Box::pin(sleep_until(at)),
        }
    }

    pub(crate) const fn home(&self) -> Home {
        self.home
    }

    /// Wakes `waker` at `at`. May wake it at once, from within.
    pub(crate) fn set(&mut self, at: Instant, waker: &Waker) -> Set {
        self.sleep.as_mut().reset(at);
        // A timer of a runtime that is gone fires at once, and would panic if it were polled.
        if self.sleep.is_elapsed() {
            return match Instant::now() < at {
                true => Set::Dead,
                false => Set::Elapsed,
            };
        }
        // The budget is that of whatever task happens to be here, and has nothing to do with this.
        let mut sleep = unconstrained(self.sleep.as_mut());
        let poll = Pin::new(&mut sleep).poll(&mut Context::from_waker(waker));
        match poll {
            Poll::Pending => Set::Armed,
            Poll::Ready(()) => Set::Elapsed,
        }
    }
}
