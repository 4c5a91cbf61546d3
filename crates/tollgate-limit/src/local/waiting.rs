//! How calls wait.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::account::time::span;

/// How calls wait, whatever their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The most that may wait for one key.
    pub(crate) most: usize,
    /// Refuse instead.
    pub(crate) shed: bool,
}

/// The longest time a call may wait, if that is set; it may change while calls go through.
// Not of the module that loom replaces: nothing else hangs on it.
#[derive(Debug)]
pub(crate) struct MaxWait(AtomicU64);

/// No longest time is set. Those that can be set are at most a day.
const NONE: u64 = u64::MAX;

impl MaxWait {
    pub(crate) fn new(wait: Option<Duration>) -> Self {
        Self(AtomicU64::new(wait.map_or(NONE, span)))
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<Duration> {
        let nanos = self.0.load(Ordering::Relaxed);
        (nanos != NONE).then_some(Duration::from_nanos(nanos))
    }

    pub(crate) fn set(&self, wait: Option<Duration>) {
        self.0.store(wait.map_or(NONE, span), Ordering::Relaxed);
    }
}
