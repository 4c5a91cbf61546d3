//! Keeps the events of a layer.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;
use tollgate_core::Observe;

/// An observer that keeps what it hears, with the time.
///
/// # Sharing
///
/// Clones share one record: give one to the layer, and keep one.
///
/// # Examples
///
/// ```
/// use tollgate_core::Observe;
/// use tollgate_test::Recorder;
///
/// let recorder = Recorder::new();
/// recorder.clone().observe(&"retried");
/// assert_eq!(recorder.events(), ["retried"]);
/// ```
pub struct Recorder<E>(Arc<Mutex<Vec<(Instant, E)>>>);

impl<E> Recorder<E> {
    /// Nothing recorded yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// How many events it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Takes all events out, in their order.
    #[must_use]
    pub fn take(&self) -> Vec<E> {
        let events = mem::take(&mut *self.lock());
        events.into_iter().map(|(_, event)| event).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, E)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Clone> Recorder<E> {
    /// All events, in their order.
    #[must_use]
    pub fn events(&self) -> Vec<E> {
        self.lock().iter().map(|(_, event)| event.clone()).collect()
    }

    /// All events with the time at which each was heard.
    #[must_use]
    pub fn timed(&self) -> Vec<(Instant, E)> {
        self.lock().clone()
    }
}

impl<E: Clone> Observe<E> for Recorder<E> {
    fn observe(&self, event: &E) {
        self.lock().push((Instant::now(), event.clone()));
    }
}

impl<E> Default for Recorder<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Clone for Recorder<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: fmt::Debug> fmt::Debug for Recorder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn events_keep_their_order_and_time() {
        let recorder = Recorder::new();
        let start = Instant::now();
        recorder.observe(&1);
        tokio::time::advance(Duration::from_secs(3)).await;
        recorder.clone().observe(&2);
        assert_eq!(
            recorder.timed(),
            [(start, 1), (start + Duration::from_secs(3), 2)]
        );
        assert_eq!(recorder.take(), [1, 2]);
        assert_eq!(recorder.count(), 0);
    }
}
