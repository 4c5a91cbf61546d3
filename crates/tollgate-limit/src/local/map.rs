//! All keys: found without an allocation, bounded in number.

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
    KeyRef,
    sync::{AtomicUsize, Mutex, Ordering, lock},
};

const SHARDS: usize = 16;

/// A key that was made less than this ago is not looked at again when all places are taken: looking
/// through all of them for every new key would be work that anyone can cause.
const LOOK: Duration = Duration::from_secs(1);

/// How many maps were made.
static MAPS: AtomicU64 = AtomicU64::new(0);

type Entries = HashTable<Arc<Cell>>;

/// A bounded map of keys.
///
/// A key may be forgotten if nobody holds it, nothing of it is taken, and it was not used for a
/// while. While none may, calls of further keys share one key.
#[derive(Debug)]
pub(crate) struct Map {
    /// No other map of this process has it.
    id: u64,
    hasher: DefaultHashBuilder,
    shards: [Mutex<Entries>; SHARDS],
    count: AtomicUsize,
    most: usize,
    idle: Duration,
    looked: Mutex<Option<Instant>>,
    rest: Mutex<Option<Arc<Cell>>>,
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
            looked: Mutex::new(None),
            rest: Mutex::new(None),
        }
    }

    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// The key, if it is known.
    pub(crate) fn find(&self, key: KeyRef<'_>) -> Option<Arc<Cell>> {
        let hash = self.hasher.hash_one(key);
        let shard = lock(self.shard(hash));
        shard.find(hash, |cell| cell.key() == key).cloned()
    }

    /// The key, made by `make` if it is new and there is a place for it.
    #[inline]
    pub(crate) fn get(
        &self,
        key: KeyRef<'_>,
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        let hash = self.hasher.hash_one(key);
        let found = {
            let shard = lock(self.shard(hash));
            shard.find(hash, |cell| cell.key() == key).cloned()
        };
        found.unwrap_or_else(|| self.add(key, hash, now, make))
    }

    #[cold]
    fn add(
        &self,
        key: KeyRef<'_>,
        hash: u64,
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        self.look_for_idle(now);
        if self.count.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.count.fetch_sub(1, Ordering::Relaxed);
            let mut rest = lock(&self.rest);
            let made = || make(Target::provider_only("(all other keys)"));
            return rest.get_or_insert_with(made).clone();
        }
        let mut shard = lock(self.shard(hash));
        // Another thread may have been quicker.
        if let Some(found) = shard.find(hash, |cell| cell.key() == key).cloned() {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return found;
        }
        let cell = make(key.to_target());
        shard.insert_unique(hash, cell.clone(), |cell| self.hasher.hash_one(cell.key()));
        cell
    }

    /// Forgets what may be forgotten; when there are places left only now and then, so that what is
    /// not used vanishes.
    fn look_for_idle(&self, now: Instant) {
        let full = self.count.load(Ordering::Relaxed) >= self.most;
        let often = if full { LOOK.min(self.idle) } else { self.idle };
        let mut looked = lock(&self.looked);
        if looked.is_none_or(|last| now.saturating_duration_since(last) >= often) {
            *looked = Some(now);
            drop(looked);
            self.forget_idle(now);
        }
    }

    /// Forgets all that may be forgotten.
    pub(crate) fn forget_idle(&self, now: Instant) {
        for shard in &self.shards {
            let mut gone = Vec::new();
            let mut shard = lock(shard);
            let idle = shard.extract_if(|cell| self.may_go(cell, now));
            gone.extend(idle);
            drop(shard);
            self.count.fetch_sub(gone.len(), Ordering::Relaxed);
        }
    }

    /// Nobody else holds it: whoever takes a key out of the map does so under the lock of its shard.
    fn may_go(&self, cell: &Arc<Cell>, now: Instant) -> bool {
        if Arc::strong_count(cell) > 1 {
            return false;
        }
        let mut state = cell.lock();
        let unused = now.saturating_duration_since(state.used);
        state.gone = unused >= self.idle && !state.paused && state.is_idle(now);
        state.gone
    }

    /// All keys, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Cell>> {
        let mut all: Vec<_> = lock(&self.rest).iter().cloned().collect();
        for shard in &self.shards {
            all.extend(lock(shard).iter().cloned());
        }
        all
    }

    fn shard(&self, hash: u64) -> &Mutex<Entries> {
        // The table itself uses the highest seven bits and the lowest ones.
        &self.shards[(hash >> 48) as usize % SHARDS]
    }
}
