//! All keys, and how many of them are kept.

use std::{hash::BuildHasher, sync::PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::{
    cell::Cell,
    key::Key,
    rules::Rules,
    sync::{Arc, Mutex, MutexGuard},
    time::{Nanos, SECOND},
};

/// How often keys that may be forgotten are looked for, where there is no room.
const SWEEP: Nanos = SECOND;

/// A table of cells.
#[derive(Debug)]
pub(crate) struct Cells {
    most: usize,
    // Fast, and seeded anew in each process: hosts may be somebody else's choice.
    hasher: DefaultHashBuilder,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    cells: HashTable<Arc<Cell>>,
    swept: Option<Nanos>,
}

impl Cells {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            hasher: DefaultHashBuilder::default(),
            table: Mutex::new(Table::default()),
        }
    }

    /// The cell of a key that is known.
    #[inline]
    pub(crate) fn find(&self, key: &Key<'_>) -> Option<Arc<Cell>> {
        let hash = self.hasher.hash_one(key);
        let table = self.lock();
        let found = table.cells.find(hash, |cell| key.is(cell.target()));
        found.cloned()
    }

    /// The cell of a key, made where there is none. `None` if there is no room for another.
    pub(crate) fn find_or_add(
        &self,
        key: &Key<'_>,
        rules: &Rules,
        now: Nanos,
    ) -> Option<Arc<Cell>> {
        let mut table = self.lock();
        if table.cells.len() >= self.most {
            table.sweep(rules, now);
        }
        let hash = self.hasher.hash_one(key);
        // Another thread may have made it meanwhile.
        let known = table.cells.find(hash, |cell| key.is(cell.target()));
        match known {
            None if table.cells.len() >= self.most => None,
            _ => Some(self.add(&mut table, key, rules, now)),
        }
    }

    /// The cell of a key, made where there is none, whether there is room or not: for what people
    /// ask for by hand.
    pub(crate) fn make(&self, key: &Key<'_>, rules: &Rules, now: Nanos) -> Arc<Cell> {
        self.add(&mut self.lock(), key, rules, now)
    }

    /// All cells, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Cell>> {
        self.lock().cells.iter().cloned().collect()
    }

    fn add(&self, table: &mut Table, key: &Key<'_>, rules: &Rules, now: Nanos) -> Arc<Cell> {
        let entry = table.cells.entry(
            self.hasher.hash_one(key),
            |cell| key.is(cell.target()),
            |cell| self.hasher.hash_one(Key::from(cell.target())),
        );
        let made = || Arc::new(Cell::new(key.to_target(), rules, now));
        entry.or_insert_with(made).get().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No code of others runs under the lock, so nothing is left half-done.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets what may be forgotten: first what holds nothing but successes, then what is old.
    /// What is in use stays, and what is open; not at every chance, because it looks at all.
    fn sweep(&mut self, rules: &Rules, now: Nanos) {
        let most = self.cells.len();
        if self.swept.is_some_and(|at| now < at.saturating_add(SWEEP)) {
            return;
        }
        self.swept = Some(now);
        // New users come through the table, which is locked: what nobody uses now, nobody will.
        let used = |cell: &Arc<Cell>| Arc::strong_count(cell) > 1 || cell.is_watched();
        self.cells
            .retain(|cell| used(cell) || !cell.lock().is_blank(now));
        if self.cells.len() == most {
            self.cells
                .retain(|cell| used(cell) || !cell.lock().is_old(rules, now));
        }
    }
}

#[cfg(test)]
mod tests;
