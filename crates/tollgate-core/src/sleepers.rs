//! Calls that sleep: who they are, for people to see, and how their sleep is ended.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::Instant;

use crate::{Class, Reason, Rejected};

/// The calls of a layer that sleep, because of what came back or because no target may be asked.
///
/// Retry and the router enter each call here while it sleeps. Their builders take one, so that a stack
/// has one list of all its sleepers. Clones are the same list.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tokio::time::Instant;
/// use tollgate_core::{Class, Sleepers};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let sleepers = Sleepers::default();
/// let nap = sleepers.enter("groq".into(), Some(Class::RateLimited), Instant::now() + Duration::from_secs(7));
/// assert_eq!(&*sleepers.list()[0].who, "groq");
/// drop(nap);
/// assert!(sleepers.list().is_empty());
/// # });
/// ```
#[derive(Clone, Default)]
pub struct Sleepers(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    next: u64,
    naps: BTreeMap<u64, Entry>,
    closed: Option<Closed>,
}

#[derive(Debug, Clone, Copy)]
struct Closed {
    /// When to come back.
    back: Option<Instant>,
}

struct Entry {
    sleeping: Sleeping,
    waker: Option<Waker>,
}

/// A call that sleeps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sleeping {
    /// Before whom: the provider or host that retry asks again, or the route.
    pub who: Arc<str>,
    /// What came back; `None` where no target may be asked.
    pub class: Option<Class>,
    /// Until when.
    pub until: Instant,
}

impl Sleepers {
    /// A call sleeps from now on, until what is returned is dropped.
    #[must_use]
    pub fn enter(&self, who: Arc<str>, class: Option<Class>, until: Instant) -> Nap {
        let mut inner = self.lock();
        let id = inner.next;
        inner.next += 1;
        let sleeping = Sleeping { who, class, until };
        let waker = None;
        inner.naps.insert(id, Entry { sleeping, waker });
        Nap {
            sleepers: self.clone(),
            id,
        }
    }

    /// All that sleep, in the order in which they began.
    #[must_use]
    pub fn list(&self) -> Vec<Sleeping> {
        let inner = self.lock();
        inner.naps.values().map(|it| it.sleeping.clone()).collect()
    }

    /// Ends every sleep, and each that begins from now on. Who slept is to be rejected, with this time
    /// from now to come back.
    pub fn close(&self, retry_after: Option<Duration>) {
        let back = retry_after.and_then(|wait| Instant::now().checked_add(wait));
        let mut inner = self.lock();
        inner.closed = Some(Closed { back });
        let wakers = inner.naps.values_mut().filter_map(|it| it.waker.take());
        let wakers: Vec<_> = wakers.collect();
        drop(inner);
        // Not under the lock: a waker may run anything.
        wakers.into_iter().for_each(Waker::wake);
    }

    /// With what a call is to be rejected; `None` unless [closed](Self::close).
    #[must_use]
    pub fn closed(&self) -> Option<Rejected> {
        let Closed { back } = self.lock().closed?;
        let wait = back.map(|back| back.saturating_duration_since(Instant::now()));
        Some(Rejected::new(Reason::Closed).with_retry_after(wait))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No code of others runs under the lock, so nothing is left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sleepers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleepers")
            .field("asleep", &self.lock().naps.len())
            .finish_non_exhaustive()
    }
}

/// The sleep of one call. It ends when this is dropped.
#[derive(Debug)]
pub struct Nap {
    sleepers: Sleepers,
    id: u64,
}

impl Nap {
    /// Ready when the sleep is to end early, because the list was [closed](Sleepers::close).
    pub fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.sleepers.lock();
        if inner.closed.is_some() {
            return Poll::Ready(());
        }
        if let Some(entry) = inner.naps.get_mut(&self.id) {
            match &mut entry.waker {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
        }
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        let gone = self.sleepers.lock().naps.remove(&self.id);
        // Not under the lock: to drop a waker may run anything.
        drop(gone);
    }
}
