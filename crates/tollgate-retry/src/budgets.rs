//! The buckets of all hosts.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::budget::{Bucket, Budget};

/// How often buckets that time has filled are looked for.
const SWEEP: Duration = Duration::from_secs(10);

/// One bucket per host that has been retried lately. A host without an entry has a full bucket.
#[derive(Debug)]
pub(crate) struct Budgets {
    rules: Budget,
    // Says without the lock that there is nothing to do, as in most processes at most times.
    entries: AtomicUsize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    hosts: HashMap<Arc<str>, Bucket>,
    // For all hosts for which there is no room. A depleted bucket is never thrown out to make some:
    // that host would come back with a full one.
    rest: Option<Bucket>,
    swept: Option<Instant>,
}

impl Budgets {
    pub(crate) fn new(rules: Budget) -> Self {
        Self {
            rules,
            entries: AtomicUsize::new(0),
            table: Mutex::default(),
        }
    }

    pub(crate) const fn rules(&self) -> &Budget {
        &self.rules
    }

    /// Every bucket is full, so a success need not be reported. May lag behind other threads.
    pub(crate) fn all_full(&self) -> bool {
        self.entries.load(Ordering::Relaxed) == 0
    }

    /// A call to this host succeeded.
    pub(crate) fn deposit(&self, host: &str, now: Instant) {
        let mut table = self.lock();
        let Some(bucket) = table.hosts.get_mut(host) else {
            return;
        };
        bucket.deposit(&self.rules, now);
        if bucket.is_full(now) {
            table.hosts.remove(host);
            self.entries.store(table.hosts.len(), Ordering::Relaxed);
        }
    }

    /// Pays for a retry against this host; `false` if its bucket cannot.
    pub(crate) fn withdraw(&self, host: &Arc<str>, tokens: f64, now: Instant) -> bool {
        if tokens <= 0.0 {
            return true;
        }
        let mut table = self.lock();
        if let Some(bucket) = table.hosts.get_mut(host) {
            return bucket.withdraw(&self.rules, tokens, now);
        }
        table.sweep(now);
        if table.hosts.len() >= self.rules.hosts {
            let rest = table.rest.get_or_insert(Bucket::full(now));
            return rest.withdraw(&self.rules, tokens, now);
        }
        let mut bucket = Bucket::full(now);
        let paid = bucket.withdraw(&self.rules, tokens, now);
        table.hosts.insert(host.clone(), bucket);
        self.entries.store(table.hosts.len(), Ordering::Relaxed);
        paid
    }

    /// The tokens left for a host.
    pub(crate) fn left(&self, host: &str, now: Instant) -> f64 {
        let table = self.lock();
        let bucket = match table.hosts.get(host) {
            Some(bucket) => *bucket,
            None if table.hosts.len() < self.rules.hosts => Bucket::full(now),
            None => table.rest.unwrap_or(Bucket::full(now)),
        };
        bucket.left(&self.rules, now)
    }

    /// The hosts whose buckets are not full, with the tokens left.
    pub(crate) fn snapshot(&self, now: Instant) -> Vec<(Arc<str>, f64)> {
        let table = self.lock();
        let lacking = table
            .hosts
            .iter()
            .filter(|(_, bucket)| !bucket.is_full(now));
        lacking
            .map(|(host, bucket)| (host.clone(), bucket.left(&self.rules, now)))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Each entry is one instant, so a panic elsewhere leaves nothing half-written.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets full buckets; not at every chance, because it looks at all of them.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_none_or(|at| now >= at + SWEEP) {
            self.hosts.retain(|_, bucket| !bucket.is_full(now));
            self.swept = Some(now);
        }
    }
}

#[cfg(test)]
mod tests;
