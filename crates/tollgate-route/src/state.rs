//! What all calls share.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tollgate_core::{Class, Cost, Outlook, Random, Sleepers};

use crate::{
    cooldown::{Cooldowns, Key, Keys, Look, Why},
    known::Known,
    outcomes::Outcomes,
    rewrite::Keep,
    table::Table,
};

/// What is not about a target.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) max_wait: Option<Duration>,
    pub(crate) attempts: usize,
    pub(crate) keep: Keep,
    pub(crate) listens: bool,
    pub(crate) tells: bool,
    /// A refused key is handed up at once.
    pub(crate) delivers_auth: bool,
}

/// What a call goes by from its start to its end. A change of the routes makes a new one for the calls
/// that come after it.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) table: Table,
    pub(crate) settings: Settings,
    /// What else is hit by a failure of each target, by its place in the table.
    pub(crate) keys: Vec<Keys>,
    pub(crate) outcomes: Outcomes,
}

/// Everything but the observer.
pub(crate) struct State {
    setup: RwLock<Arc<Setup>>,
    known: Mutex<Known>,
    pub(crate) outlooks: Vec<Arc<dyn Outlook>>,
    pub(crate) random: Random,
    pub(crate) sleepers: Sleepers,
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
    /// It is left alone for this long by a guess.
    Doubted(Duration, Class),
}

/// How soon to look again at a target that another call tests.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl State {
    pub(crate) fn new(
        table: Table,
        settings: Settings,
        outlooks: Vec<Arc<dyn Outlook>>,
        random: Random,
        sleepers: Sleepers,
    ) -> Self {
        let mut known = Known::default();
        let setup = Setup::new(table, settings, &mut known);
        let mut cooldowns = Cooldowns::default();
        cooldowns.set_present(known.present());
        Self {
            setup: RwLock::new(Arc::new(setup)),
            known: Mutex::new(known),
            outlooks,
            random,
            sleepers,
            cooldowns: Mutex::new(cooldowns),
            cooling: AtomicUsize::new(0),
        }
    }

    /// What a call that begins now goes by.
    pub(crate) fn setup(&self) -> Arc<Setup> {
        let setup = self.setup.read();
        setup.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Other routes, and perhaps other settings, for the calls that come from now on.
    pub(crate) fn change(&self, table: Table, settings: Option<Settings>) {
        // Held throughout: of two who change the routes, one comes after the other.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = settings.unwrap_or_else(|| self.setup().settings.clone());
        let setup = Arc::new(Setup::new(table, settings, &mut known));
        self.cooldowns(|all| all.set_present(known.present()));
        let mut place = self.setup.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, setup);
        drop(place);
        // Not under the lock: the last one to hold it frees all of it.
        drop(before);
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
    pub(crate) fn health(
        &self,
        setup: &Setup,
        site: usize,
        cost: Option<&Cost>,
        now: Instant,
    ) -> Health {
        let mut doubted = None;
        if !self.all_warm() {
            let look = self.cooldowns(|all| {
                all.tidy(now);
                all.look(setup.keys[site], cost, now)
            });
            match look {
                Look::Free | Look::Due => {}
                Look::Cooling(left, why) if why.stated => {
                    return Health::Shut(Some(left), Some(why.class));
                }
                // When the one that tests it is back, nobody knows.
                Look::Tested(why) if why.stated => return Health::Shut(Some(LOOK_AGAIN), None),
                Look::Cooling(left, why) => doubted = Some((left, why.class)),
                Look::Tested(why) => doubted = Some((LOOK_AGAIN, why.class)),
            }
        }
        let unknown = Cost::default();
        let target = &setup.table.sites[site].target;
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
        match (health, doubted) {
            (Health::Good { .. } | Health::Busy(_), Some((left, class))) => {
                Health::Doubted(left, class)
            }
            (health, _) => health,
        }
    }

    /// A target is left alone. Says whether that is news.
    pub(crate) fn cool(&self, key: Key, why: Why, wait: Duration, now: Instant) -> bool {
        self.cooldowns(|all| all.cool(key, why, wait, now))
    }
}

impl Setup {
    fn new(table: Table, settings: Settings, known: &mut Known) -> Self {
        let (keys, outcomes) = known.enter(&table);
        Self {
            table,
            settings,
            keys,
            outcomes,
        }
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
            (doubted @ Self::Doubted(..), _) | (_, doubted @ Self::Doubted(..)) => doubted,
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
            .field("setup", &self.setup())
            .finish_non_exhaustive()
    }
}
