//! A look at the limits from outside, and a hand on them.

mod snapshot;
mod state;
mod words;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Cost, Outlook, Priority, Target, View};

use crate::{
    Builder, ConfigError, KeyRef, Limits, Local,
    config::By,
    layer::Shared,
    local::{Cell, Inner, MaxWait, Plan},
    sync::PoisonError,
};

pub use snapshot::Snapshot;
pub use state::KeyState;

/// Shows the limits of a layer, key by key, and changes them while calls go through. Clones are
/// handles of the same layer.
///
/// A target stands for the key that counts its calls: with
/// [`per_host`](crate::Builder::per_host) that of its provider and account.
///
/// # Examples
///
/// ```
/// use tollgate_core::{Cost, Outlook, Target, View};
/// use tollgate_limit::{LimitLayer, Limits};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let (layer, handle) = LimitLayer::builder().requests_per_minute(60).build_with_handle()?;
/// let target = Target::new("api.groq.com", "llama-3.1-8b-instant");
/// assert_eq!(handle.view(&target, &Cost::default()), View::OPEN);
///
/// handle.set_limits_for(&target, Limits::new().requests_per_minute(600))?;
/// handle.pause_key(&target);
/// assert!(handle.key(&target).is_some_and(|key| key.paused));
/// # let _ = layer;
/// # Ok::<_, tollgate_limit::ConfigError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Handle {
    inner: Arc<Inner>,
    max_wait: Arc<MaxWait>,
    by_host: bool,
}

/// How long each of those may take who wait for one that is on its way: nobody knows, so as if ten went
/// in a second, as an account of 600 a minute allows. With more, a target about which nothing is known
/// yet would stay idle beside a known one with a long queue.
const SOME_TIME: Duration = Duration::from_millis(100);

impl Handle {
    pub(crate) fn new<O>(shared: &Shared<O, Local>) -> Self {
        Self {
            inner: shared.limiter.inner().clone(),
            max_wait: shared.max_wait.clone(),
            by_host: matches!(shared.by, By::Host),
        }
    }

    /// The keys in use, in no order.
    #[must_use]
    pub fn keys(&self) -> Vec<Target> {
        let cells = self.cells();
        cells.iter().map(|cell| cell.target().clone()).collect()
    }

    /// How a key stands; `None` if it is not in use.
    #[must_use]
    pub fn key(&self, target: &Target) -> Option<KeyState> {
        let cell = self.inner.map.find(self.key_of(target))?;
        Some(KeyState::of(&cell, Instant::now()))
    }

    /// How all keys stand, in no order.
    #[must_use]
    pub fn states(&self) -> Vec<KeyState> {
        let now = Instant::now();
        let cells = self.cells();
        cells.iter().map(|cell| KeyState::of(cell, now)).collect()
    }

    /// Other limits from now on, for all keys without limits of their own: all of them anew, what is
    /// not stated is not limited. What is taken stays taken, what was learned stays known, and those
    /// who wait are served at once where they may be now. The builder's
    /// [`share`](crate::Builder::share) holds for these limits too.
    ///
    /// # Errors
    ///
    /// When the limits make no sense; nothing has changed then.
    pub fn set_limits(&self, limits: Limits) -> Result<(), ConfigError> {
        self.set(None, limits)
    }

    /// [`set_limits`](Self::set_limits) for one target, or for a whole provider, as
    /// [`limits_for`](crate::Builder::limits_for).
    ///
    /// # Errors
    ///
    /// When the limits make no sense; nothing has changed then.
    pub fn set_limits_for(&self, target: &Target, limits: Limits) -> Result<(), ConfigError> {
        self.set(Some(target), limits)
    }

    /// Takes over all limits, those for some targets included, the share, the longest wait, the length
    /// of the queue and whether calls are shed. What a builder does not limit is not limited any more,
    /// whoever did, and a target that is not in it has no limits of its own any more. Otherwise as
    /// [`set_limits`](Self::set_limits); those who wait stay, with the time they were given.
    ///
    /// All other settings stay those of the layer: what calls are counted by, how many keys are kept
    /// and for how long, the estimator, the clock, the source of chance and the observer.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`]; nothing has changed then.
    pub fn apply<O>(&self, builder: &Builder<O>) -> Result<(), ConfigError> {
        builder.check()?;
        self.change(|plan| {
            let paused = plan.paused;
            *plan = builder.plan();
            plan.paused = paused;
            Ok(())
        })?;
        self.max_wait.set(builder.max_wait);
        Ok(())
    }

    fn set(&self, target: Option<&Target>, limits: Limits) -> Result<(), ConfigError> {
        self.change(|plan| plan.set(target, limits))
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Plan) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        // Not locked while keys are looked through: whoever makes one locks its shard first.
        let plan = self.inner.plan.write();
        change(&mut plan.unwrap_or_else(PoisonError::into_inner))?;
        for cell in self.inner.map.all() {
            let (now, wall) = (Instant::now(), self.inner.wall.now());
            let done = cell.change(|state| {
                // Read anew: of two who set limits, the later one's stay.
                let plan = self.inner.plan.read();
                let plan = plan.unwrap_or_else(PoisonError::into_inner);
                state.reconfigure(plan.rules(cell.target()), plan.waiting, now, wall)
            });
            done.map_err(|error| ConfigError::of_limit("limit", error))?;
        }
        Ok(())
    }

    /// Lets no call of any key go until [`resume`](Self::resume); calls wait, or are refused when
    /// their time is over.
    pub fn pause(&self) {
        self.pause_all(true);
    }

    /// Lets calls of all keys go again.
    pub fn resume(&self) {
        self.pause_all(false);
    }

    fn pause_all(&self, paused: bool) {
        let plan = self.inner.plan.write();
        plan.unwrap_or_else(PoisonError::into_inner).paused = paused;
        for cell in self.inner.map.all() {
            cell.change(|state| state.paused = paused);
        }
    }

    /// [`pause`](Self::pause) for one key.
    pub fn pause_key(&self, target: &Target) {
        self.pause_one(target, true);
    }

    /// [`resume`](Self::resume) for one key.
    pub fn resume_key(&self, target: &Target) {
        self.pause_one(target, false);
    }

    fn pause_one(&self, target: &Target, paused: bool) {
        let cell = self.inner.cell(self.key_of(target), Instant::now());
        cell.change(|state| state.paused = paused);
    }

    /// Forgets every key that was not used for a while and of which nothing is taken. Happens by
    /// itself as well, when new keys come.
    pub fn forget_idle(&self) {
        self.inner.map.forget_idle(Instant::now());
    }

    fn cells(&self) -> Vec<Arc<Cell>> {
        self.forget_idle();
        self.inner.map.all()
    }

    fn key_of<'a>(&self, target: &'a Target) -> KeyRef<'a> {
        let key = KeyRef::from(target);
        match self.by_host {
            true => KeyRef::new(key.provider(), None, key.account()),
            false => key,
        }
    }
}

/// How long a call would wait, and what is left of the scarcest limit. Where calls wait for others to
/// end, or for the first answers of a provider, the time is a guess: a second for each that waits.
impl Outlook for Handle {
    fn view(&self, target: &Target, cost: &Cost) -> View {
        let now = Instant::now();
        let Some(cell) = self.inner.map.find(self.key_of(target)) else {
            let plan = self.inner.plan.read();
            let paused = plan.unwrap_or_else(PoisonError::into_inner).paused;
            return if paused {
                View::new(None, None)
            } else {
                View::OPEN
            };
        };
        let mut state = cell.lock();
        let left = state::left(&mut state, now);
        if state.paused || state.account.fits(cost, now).is_err() {
            return View::new(None, left);
        }
        let arrival = state.dial.time(now);
        let before = state.queue.before(Priority::Normal, arrival);
        let Some(at) = state.outlook(&before, cost, now) else {
            // The longer the queue, the longer it takes: else all of a crowd would join the same one.
            let queued = u32::try_from(state.queue.len()).unwrap_or(u32::MAX);
            let wait = SOME_TIME.saturating_mul(queued.saturating_add(1));
            return View::new(Some(wait), left.or(Some(0.0)));
        };
        View::new(Some(at.saturating_duration_since(now)), left)
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}
