//! The end of a stack: who waits is rejected, who is answered may read to the end.
#![cfg_attr(
    not(feature = "stack"),
    allow(dead_code, reason = "a deadline alone counts no calls")
)]

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use tollgate_core::Sleepers;

/// What all calls of a stack, and its handles, share about its end.
#[derive(Clone, Default)]
pub(crate) struct Closing(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sleepers: Sleepers,
    closed: AtomicBool,
    // Calls that are not over, their bodies included.
    open: AtomicUsize,
    // Who waits until there are none.
    wakers: Mutex<Vec<Waker>>,
}

impl Closing {
    pub(crate) fn sleepers(&self) -> &Sleepers {
        &self.0.sleepers
    }

    /// Without a lock, because every attempt asks.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }

    pub(crate) fn close(&self, retry_after: Option<Duration>) {
        self.0.sleepers.close(retry_after);
        self.0.closed.store(true, Ordering::Release);
    }

    /// A call begins.
    pub(crate) fn open(&self) -> Open {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    fn wakers(&self) -> MutexGuard<'_, Vec<Waker>> {
        // A list of wakers is never half done.
        self.0.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing")
            .field("open", &self.count())
            .finish_non_exhaustive()
    }
}

/// A call that is not over.
#[derive(Debug)]
pub(crate) struct Open(Closing);

impl Drop for Open {
    fn drop(&mut self) {
        // Only the last one has somebody to wake, and only at the end of a program.
        if self.0.0.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            let all = std::mem::take(&mut *self.0.wakers());
            all.into_iter().for_each(Waker::wake);
        }
    }
}

/// Ready when no call of a stack is open any more, bodies included; made by
/// [`Handle::close`](crate::stack::Handle::close).
///
/// # Cancel safety
///
/// Dropping it changes nothing: the stack stays closed.
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited; the stack is closed all the same"]
pub struct Closed(pub(crate) Closing);

impl Future for Closed {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut wakers = self.0.wakers();
        // Under the lock, so that the last call that ends finds the waker.
        if self.0.count() == 0 {
            return Poll::Ready(());
        }
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
