//! What all calls share.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tollgate_core::{Class, Cost, Outlook, Random};

use crate::{
    cooldown::{Cooldowns, Key, Look},
    outcomes::Outcomes,
    rewrite::Keep,
    table::Table,
};

/// The settings that do not change.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) max_wait: Duration,
    pub(crate) attempts: usize,
    pub(crate) keep: Keep,
    pub(crate) listens: bool,
    pub(crate) tells: bool,
}

/// Everything but the observer.
pub(crate) struct State {
    pub(crate) table: Table,
    pub(crate) settings: Settings,
    pub(crate) outcomes: Outcomes,
    pub(crate) outlooks: Vec<Arc<dyn Outlook>>,
    pub(crate) random: Random,
    cooldowns: Mutex<Cooldowns>,
    // Says without the lock that nothing cools, as in most processes at most times.
    cooling: AtomicUsize,
}

/// What services share.
pub(crate) struct Shared<O> {
    pub(crate) state: Arc<State>,
    pub(crate) observer: O,
}

/// How a target is, before it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Health {
    /// It may be asked.
    Good {
        /// The part that is left, as a layer below says.
        left: Option<f64>,
    },
    /// A layer below would queue the call for this long.
    Busy(Duration),
    /// Not before this time, if ever, and because of this.
    Shut(Option<Duration>, Option<Class>),
}

/// How soon to look again at a target that another call tests.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl State {
    pub(crate) fn new(
        table: Table,
        settings: Settings,
        outlooks: Vec<Arc<dyn Outlook>>,
        random: Random,
    ) -> Self {
        Self {
            outcomes: Outcomes::new(table.sites.len()),
            table,
            settings,
            outlooks,
            random,
            cooldowns: Mutex::default(),
            cooling: AtomicUsize::new(0),
        }
    }

    /// Does something with the cooldowns.
    pub(crate) fn cooldowns<T>(&self, act: impl FnOnce(&mut Cooldowns) -> T) -> T {
        let mut cooldowns = self.lock();
        let done = act(&mut cooldowns);
        self.cooling.store(cooldowns.len(), Ordering::Relaxed);
        done
    }

    fn lock(&self) -> MutexGuard<'_, Cooldowns> {
        // Each entry is written at once, so a panic elsewhere leaves nothing half done.
        self.cooldowns
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing cools. May lag behind other threads.
    pub(crate) fn all_warm(&self) -> bool {
        self.cooling.load(Ordering::Relaxed) == 0
    }

    /// Whether a target may be asked now.
    pub(crate) fn health(&self, site: usize, cost: Option<&Cost>, now: Instant) -> Health {
        if !self.all_warm() {
            match self.lock().look(self.table.keys[site], cost, now) {
                Look::Free | Look::Due => {}
                Look::Cooling(left, class) => return Health::Shut(Some(left), Some(class)),
                Look::Tested(class) => return Health::Shut(Some(LOOK_AGAIN), Some(class)),
            }
        }
        let unknown = Cost::default();
        let target = &self.table.sites[site].target;
        let mut health = Health::Good { left: None };
        for outlook in &self.outlooks {
            let view = outlook.view(target, cost.unwrap_or(&unknown));
            health = health.and(match (view.wait, view.left) {
                (Some(Duration::ZERO), left) => Health::Good { left },
                // Who counts what is left also queues what does not fit; who does not, refuses.
                (Some(wait), Some(_)) => Health::Busy(wait),
                (wait, _) => Health::Shut(wait, None),
            });
        }
        health
    }

    /// A target is left alone. Says whether that is news.
    pub(crate) fn cool(&self, key: Key, class: Class, wait: Duration, now: Instant) -> bool {
        let Some(until) = now.checked_add(wait) else {
            return false;
        };
        self.cooldowns(|all| all.cool(key, class, until, now))
    }
}

impl Health {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Shut(None, class), _) | (_, Self::Shut(None, class)) => Self::Shut(None, class),
            (Self::Shut(Some(a), class), Self::Shut(Some(b), _)) => {
                Self::Shut(Some(a.max(b)), class)
            }
            (shut @ Self::Shut(..), _) | (_, shut @ Self::Shut(..)) => shut,
            (Self::Busy(a), Self::Busy(b)) => Self::Busy(a.max(b)),
            (busy @ Self::Busy(_), _) | (_, busy @ Self::Busy(_)) => busy,
            (Self::Good { left: Some(a) }, Self::Good { left: Some(b) }) => Self::Good {
                left: Some(a.min(b)),
            },
            (Self::Good { left: a }, Self::Good { left: b }) => Self::Good { left: a.or(b) },
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("table", &self.table)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
