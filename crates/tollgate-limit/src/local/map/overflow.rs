//! Keys for which there is no place.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tollgate_core::Target;

use crate::{
    Event, KeyRef,
    local::cell::Cell,
    local::sync::{Mutex, lock},
};

/// What stands for the names of all keys without a place.
const OTHERS: &str = "(all other keys)";

/// Counts calls of keys without a place together: those that the same limits hold for.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    inner: Mutex<Shared>,
    has_news: AtomicBool,
}

#[derive(Debug, Default)]
struct Shared {
    /// By the target whose limits hold, where they are not those of all.
    cells: Vec<(Option<Target>, Arc<Cell>)>,
    /// When the last event was made.
    reported: Option<Instant>,
    news: Option<Event>,
}

impl Overflow {
    /// The key to count a call of `key` by, for which the limits of `rule` hold. `keys` have a place. Makes
    /// another event after `idle`.
    pub(super) fn share(
        &self,
        key: KeyRef<'_>,
        rule: Option<Target>,
        (idle, keys): (Duration, usize),
        now: Instant,
        make: impl Fn(Target) -> Arc<Cell>,
    ) -> Arc<Cell> {
        let mut shared = lock(&self.inner);
        let is_due = |last| now.saturating_duration_since(last) >= idle;
        if shared.reported.is_none_or(is_due) {
            shared.reported = Some(now);
            shared.news = Some(Event::KeyUntracked {
                target: key.to_target(),
                keys,
            });
            self.has_news.store(true, Ordering::Release);
        }
        let same = |(of, _): &&(Option<Target>, _)| *of == rule;
        if let Some((_, cell)) = shared.cells.iter().find(same) {
            return cell.clone();
        }
        let cell = make(others(rule.as_ref()));
        cell.lock().share();
        shared.cells.push((rule, cell.clone()));
        cell
    }

    /// Forgets those that are not in use and may go.
    pub(super) fn forget(&self, may_go: impl Fn(&Cell) -> bool) {
        let mut shared = lock(&self.inner);
        // Whoever takes one does so under this lock.
        let stays = |cell: &Arc<Cell>| Arc::strong_count(cell) > 1 || !may_go(cell);
        shared.cells.retain(|(_, cell)| stays(cell));
    }

    pub(super) fn all(&self) -> Vec<Arc<Cell>> {
        let shared = lock(&self.inner);
        shared.cells.iter().map(|(_, cell)| cell.clone()).collect()
    }

    #[inline]
    pub(super) fn news(&self) -> Option<Event> {
        if !self.has_news.load(Ordering::Acquire) {
            return None;
        }
        self.has_news.store(false, Ordering::Release);
        lock(&self.inner).news.take()
    }
}

/// The name of those for which the limits of `rule` hold.
fn others(rule: Option<&Target>) -> Target {
    let Some(rule) = rule else {
        return Target::provider_only(OTHERS);
    };
    let target = Target::new(rule.provider(), OTHERS);
    match rule.account() {
        Some(account) => target.with_account(account),
        None => target,
    }
}
