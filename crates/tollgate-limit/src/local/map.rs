//! All keys: found without an allocation, bounded in number.

mod lru;
mod overflow;

use std::{
    hash::BuildHasher,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use hashbrown::{DefaultHashBuilder, HashTable};
use tokio::time::Instant;
use tollgate_core::Target;

use super::cell::Cell;
use crate::{
    Event, KeyRef,
    local::sync::{AtomicUsize, Mutex, Ordering, lock, try_lock},
};
use lru::{Lru, Place};
use overflow::Overflow;

const SHARDS: usize = 16;

/// So many of the least recently used keys are looked at for one that may go, when all places are
/// taken: looking through all of them would be work that anyone can cause.
const LOOK: usize = 32;

/// So many keys that were not used for long are forgotten when a new one comes.
const SWEEP: usize = 2;

/// So many keys are taken out of the order under one lock.
const BATCH: usize = 256;

/// How many maps were made.
static MAPS: AtomicU64 = AtomicU64::new(0);

type Entries = HashTable<Arc<Cell>>;

/// A bounded map of keys.
///
/// A key may be forgotten if nobody holds it, nothing of it is taken and its gate is open: when it was
/// not used for a while, or when all places are taken and it is the least recently used one. A key that
/// limits of its own name always has a place. While none may go, calls of further keys share one.
///
/// Locks are taken in this order: the order of use, a shard, a key.
#[derive(Debug)]
pub(crate) struct Map {
    /// No other map of this process has it.
    id: u64,
    hasher: DefaultHashBuilder,
    shards: [Mutex<Entries>; SHARDS],
    count: AtomicUsize,
    most: usize,
    idle: Duration,
    lru: Mutex<Lru>,
    overflow: Overflow,
}

/// What became of a key that was looked at.
enum Look {
    /// It was forgotten, now or before.
    Gone,
    /// Somebody holds it, or something of it is taken.
    Busy,
    /// It may go, and was last used then.
    Idle(Instant),
}

impl Map {
    pub(crate) fn new(most: usize, idle: Duration) -> Self {
        Self {
            id: MAPS.fetch_add(1, Ordering::Relaxed),
            hasher: DefaultHashBuilder::default(),
            shards: std::array::from_fn(|_| Mutex::default()),
            count: AtomicUsize::new(0),
            most,
            idle,
            lru: Mutex::default(),
            overflow: Overflow::default(),
        }
    }

    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// The key, if it is known.
    pub(crate) fn find(&self, key: KeyRef<'_>) -> Option<Arc<Cell>> {
        self.find_at(key, self.hasher.hash_one(key))
    }

    #[inline]
    fn find_at(&self, key: KeyRef<'_>, hash: u64) -> Option<Arc<Cell>> {
        let shard = lock(self.shard(hash));
        shard.find(hash, |cell| cell.key() == key).cloned()
    }

    /// The key, made by `make` if it is new. Where there is no place for it, the one that keys without
    /// a place share.
    #[inline]
    pub(crate) fn get(
        &self,
        key: KeyRef<'_>,
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        self.find_or_add(key, false, now, make)
    }

    /// The key, made by `make` if it is new, at a place of its own in any case.
    pub(crate) fn place(
        &self,
        key: KeyRef<'_>,
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        self.find_or_add(key, true, now, make)
    }

    #[inline]
    fn find_or_add(
        &self,
        key: KeyRef<'_>,
        is_sure: bool,
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        let hash = self.hasher.hash_one(key);
        let found = self.find_at(key, hash);
        found.unwrap_or_else(|| self.add(key, hash, is_sure, now, make))
    }

    #[cold]
    fn add(
        &self,
        key: KeyRef<'_>,
        hash: u64,
        is_sure: bool,
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        self.sweep(now);
        let is_free = self.count.fetch_add(1, Ordering::Relaxed) < self.most;
        let is_free = is_free || self.evict(now);
        let mut shard = lock(self.shard(hash));
        // Another thread may have been quicker.
        if let Some(found) = shard.find(hash, |cell| cell.key() == key).cloned() {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return found;
        }
        // Under the lock of its shard, so that whoever changes limits finds it.
        let cell = make(key.to_target());
        if !is_free && !is_sure {
            let rule = cell.lock().rule.clone();
            if rule.as_ref() != Some(cell.target()) {
                drop(shard);
                self.count.fetch_sub(1, Ordering::Relaxed);
                let again = (self.idle, self.most);
                return self.overflow.share(key, rule, again, now, make);
            }
        }
        shard.insert_unique(hash, cell.clone(), |cell| self.hasher.hash_one(cell.key()));
        drop(shard);
        lock(&self.lru).add(now, Place::new(hash, &cell));
        cell
    }

    /// Forgets a few of those that were not used for long.
    fn sweep(&self, now: Instant) {
        let mut lru = lock(&self.lru);
        for _ in 0..SWEEP {
            let Some((_, place)) = lru.pop_before(now.checked_sub(self.idle)) else {
                return;
            };
            match self.look(&place, now, |used| self.is_old(used, now)) {
                Look::Gone => {}
                Look::Busy => drop(lru.add(now, place)),
                Look::Idle(used) => drop(lru.add(used, place)),
            }
        }
    }

    /// Makes room for one key. `false` if none of those that were not used for longest may go.
    fn evict(&self, now: Instant) -> bool {
        let mut lru = lock(&self.lru);
        let mut best = None;
        for _ in 0..lru.len().min(LOOK) {
            let Some((since, place)) = lru.pop() else {
                break;
            };
            match self.look(&place, now, |used| used <= since) {
                Look::Gone => return true,
                Look::Busy => drop(lru.add(now, place)),
                Look::Idle(used) => {
                    let at = lru.add(used, place);
                    best = best.into_iter().chain([at]).min();
                }
            }
        }
        // All were used since one last looked: the first of them goes.
        let Some(place) = best.and_then(|at| lru.take(at)) else {
            return false;
        };
        match self.look(&place, now, |_| true) {
            Look::Gone => true,
            Look::Busy | Look::Idle(_) => {
                lru.add(now, place);
                false
            }
        }
    }

    /// Forgets all that were not used for long and may go.
    pub(crate) fn forget_idle(&self, now: Instant) {
        let mut kept = Vec::new();
        loop {
            let batch = lock(&self.lru).pop_all_before(now.checked_sub(self.idle), BATCH);
            if batch.is_empty() {
                break;
            }
            for (since, place) in batch {
                match self.look(&place, now, |used| self.is_old(used, now)) {
                    Look::Gone => {}
                    Look::Busy => kept.push((since, place)),
                    Look::Idle(used) => kept.push((used, place)),
                }
            }
        }
        let mut kept = kept.into_iter().peekable();
        while kept.peek().is_some() {
            let mut lru = lock(&self.lru);
            for (since, place) in kept.by_ref().take(BATCH) {
                lru.add(since, place);
            }
        }
        self.overflow.forget(|cell| {
            let mut state = cell.lock();
            self.is_old(state.used, now) && !state.paused && state.is_idle(now)
        });
    }

    fn is_old(&self, used: Instant, now: Instant) -> bool {
        now.saturating_duration_since(used) >= self.idle
    }

    /// Forgets a key that may go, if `may` says so of the time at which it was last used.
    fn look(&self, place: &Place, now: Instant, may: impl Fn(Instant) -> bool) -> Look {
        let mut shard = lock(self.shard(place.hash()));
        let Ok(found) = shard.find_entry(place.hash(), |cell| place.is_of(cell)) else {
            return Look::Gone;
        };
        // Nobody else holds it: whoever takes a key out of the map does so under this lock.
        let cell = found.get();
        if Arc::strong_count(cell) > 1 {
            return Look::Busy;
        }
        let Some(mut state) = try_lock(cell.state()) else {
            return Look::Busy;
        };
        let used = state.used;
        let is_old = self.is_old(used, now);
        // Limits of its own keep it until it was not used for long.
        let is_named = state.rule.as_ref() == Some(cell.target());
        if state.paused || is_named && !is_old || !state.is_idle(now) {
            return Look::Busy;
        }
        if !may(used) {
            return Look::Idle(used);
        }
        state.gone = true;
        drop(state);
        let (cell, _) = found.remove();
        drop(shard);
        self.count.fetch_sub(1, Ordering::Relaxed);
        drop(cell);
        Look::Gone
    }

    /// All keys, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Cell>> {
        let mut all = self.overflow.all();
        for shard in &self.shards {
            all.extend(lock(shard).iter().cloned());
        }
        all
    }

    /// What is worth telling, once.
    #[inline]
    pub(crate) fn news(&self) -> Option<Event> {
        self.overflow.news()
    }

    fn shard(&self, hash: u64) -> &Mutex<Entries> {
        // The table itself uses the highest seven bits and the lowest ones.
        &self.shards[(hash >> 48) as usize % SHARDS]
    }
}
