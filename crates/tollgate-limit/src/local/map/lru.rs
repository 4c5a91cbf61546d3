//! Keys by when they were last used, as far as one knows.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use tokio::time::Instant;

use crate::local::cell::Cell;

/// Where a key stands in the order.
type At = (Instant, u64);

/// The order in which keys are looked at.
///
/// Calls do not move their key: it stands where it was last looked at, and is moved to when it was
/// really used when its turn comes. So its turn never comes too late.
#[derive(Debug, Default)]
pub(super) struct Lru {
    order: BTreeMap<At, Place>,
    added: u64,
}

/// Where a key is in the map. It keeps it from nothing.
#[derive(Debug)]
pub(super) struct Place {
    hash: u64,
    cell: Weak<Cell>,
}

impl Place {
    pub(super) fn new(hash: u64, cell: &Arc<Cell>) -> Self {
        let cell = Arc::downgrade(cell);
        Self { hash, cell }
    }

    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn is_of(&self, cell: &Arc<Cell>) -> bool {
        std::ptr::eq(self.cell.as_ptr(), Arc::as_ptr(cell))
    }
}

impl Lru {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// A key that was used then.
    pub(super) fn add(&mut self, used: Instant, place: Place) -> At {
        self.added += 1;
        let at = (used, self.added);
        self.order.insert(at, place);
        at
    }

    pub(super) fn take(&mut self, at: At) -> Option<Place> {
        self.order.remove(&at)
    }

    pub(super) fn pop(&mut self) -> Option<(Instant, Place)> {
        let ((used, _), place) = self.order.pop_first()?;
        Some((used, place))
    }

    /// The first, if it was not used since.
    pub(super) fn pop_before(&mut self, time: Option<Instant>) -> Option<(Instant, Place)> {
        let first = self.order.first_entry()?;
        if Some(first.key().0) > time {
            return None;
        }
        let ((used, _), place) = first.remove_entry();
        Some((used, place))
    }

    /// The first of those that were not used since, at most so many.
    pub(super) fn pop_all_before(
        &mut self,
        time: Option<Instant>,
        most: usize,
    ) -> Vec<(Instant, Place)> {
        let next = || self.pop_before(time);
        std::iter::from_fn(next).take(most).collect()
    }
}
