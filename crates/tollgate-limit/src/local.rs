//! Decides within this process.

mod cell;
mod dial;
mod map;
mod permit;
mod place;
mod plan;
pub(crate) mod queue;
mod recent;
mod setup;
pub(crate) mod slots;
mod state;
pub(crate) mod sync;
mod timer;
mod waiting;

use std::{
    fmt,
    sync::{Arc, RwLock},
};

use tokio::time::Instant;
use tollgate_core::{Random, Rejected, Target, WallClock};

use crate::{Admit, Ask, Event, KeyRef, Learned, Limiter, local::sync::PoisonError};
pub(crate) use cell::Cell;
pub(crate) use map::Map;
pub(crate) use plan::Plan;
use state::Entry;
pub(crate) use state::State;
pub(crate) use waiting::{MaxWait, Waiting};

pub use permit::LocalPermit;
pub use place::Place;

/// The limiter within this process: an [`Account`](crate::Account) and a queue for each key.
///
/// Clones share everything.
#[derive(Clone)]
pub struct Local {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) map: Map,
    pub(crate) plan: RwLock<Plan>,
    pub(crate) random: Random,
    pub(crate) wall: Arc<dyn WallClock>,
}

impl Local {
    pub(crate) fn new(plan: Plan, map: Map, random: Random, wall: Arc<dyn WallClock>) -> Self {
        let inner = Inner {
            map,
            plan: RwLock::new(plan),
            random,
            wall,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

impl Inner {
    pub(crate) fn cell(&self, key: KeyRef<'_>, now: Instant) -> Arc<Cell> {
        self.map.get(key, now, |target| self.make(target, now))
    }

    /// The key, at a place of its own in any case.
    pub(crate) fn place(&self, key: KeyRef<'_>, now: Instant) -> Arc<Cell> {
        self.map.place(key, now, |target| self.make(target, now))
    }

    /// A call comes to a key that this thread did not use last.
    #[inline(never)]
    fn look_up(&self, key: KeyRef<'_>, ask: &Ask) -> Admit<LocalPermit, Place> {
        let cell = self.cell(key, ask.now);
        recent::keep(self.map.id(), key, &cell);
        let entry = cell.lock().enter(ask);
        admit(cell, key, entry, ask)
    }

    fn make(&self, target: Target, now: Instant) -> Arc<Cell> {
        let plan = self.plan.read().unwrap_or_else(PoisonError::into_inner);
        let (rule, rules) = plan.rules(&target);
        let random = self.random.fork();
        let state = State::new(rules, plan.waiting, random, now, self.wall.now());
        let mut state = state.expect("limits are checked when they are set");
        state.paused = plan.paused;
        state.rule = rule.cloned();
        state.wall = Some(self.wall.clone());
        if plan.configured_only {
            state.account = state.account.configured_only();
        }
        Cell::new(target, state)
    }
}

impl Limiter for Local {
    type Permit = LocalPermit;
    type Acquire = Place;

    #[inline]
    fn acquire(&self, key: KeyRef<'_>, ask: Ask) -> Admit<LocalPermit, Place> {
        let Some(cell) = recent::find(self.inner.map.id(), key) else {
            return self.inner.look_up(key, &ask);
        };
        let mut state = cell.lock();
        if state.gone {
            drop(state);
            return self.inner.look_up(key, &ask);
        }
        let entry = state.enter(&ask);
        drop(state);
        if let Entry::Go(granted) = entry {
            return Admit::Now(LocalPermit::at_once(cell, granted, &ask));
        }
        admit(cell, key, entry, &ask)
    }

    #[inline]
    fn news(&self) -> Option<Event> {
        self.inner.map.news()
    }

    fn learned(&self, key: KeyRef<'_>) -> Learned {
        let cell = self.inner.map.find(key);
        cell.map_or_else(Learned::new, |cell| {
            let state = cell.lock();
            state.learned.within(state.account.most_tokens())
        })
    }
}

/// What a key says to a call.
#[inline(never)]
fn admit(cell: Arc<Cell>, key: KeyRef<'_>, entry: Entry, ask: &Ask) -> Admit<LocalPermit, Place> {
    match entry {
        Entry::Go(granted) => Admit::Now(LocalPermit::at_once(cell, granted, ask)),
        Entry::Wait(at) => Admit::Later(Place::new(cell, at, ask)),
        Entry::Refused(reason, at) => {
            let wait = at.map(|at| at.saturating_duration_since(ask.now));
            let rejected = Rejected::new(reason).with_target(key.to_target());
            Admit::Refused(rejected.with_retry_after(wait))
        }
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
