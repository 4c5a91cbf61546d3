//! How calls wait.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::time::span;

/// How calls wait, whatever their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The most that may wait for one key.
    pub(crate) most: usize,
    /// Refuse instead.
    pub(crate) shed: bool,
}

/// The longest time a call may wait; it may change while calls go through.
// Not of the module that loom replaces: nothing else hangs on it.
#[derive(Debug)]
pub(crate) struct MaxWait(AtomicU64);

impl MaxWait {
    pub(crate) fn new(wait: Duration) -> Self {
        Self(AtomicU64::new(span(wait)))
    }

    #[inline]
    pub(crate) fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn set(&self, wait: Duration) {
        self.0.store(span(wait), Ordering::Relaxed);
    }
}
