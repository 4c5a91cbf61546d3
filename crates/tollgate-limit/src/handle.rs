//! The runtime handle of a layer.

mod snapshot;
mod state;
mod words;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Cost, Evict, Outlook, Priority, Target, View};

use crate::{
    Builder, ConfigError, KeyRef, Limits, Local,
    layer::{Shared, config::By},
    local::{Cell, Inner, MaxWait, Plan, sync::PoisonError},
};

pub use snapshot::Snapshot;
pub use state::KeyState;

/// Shows the state of a layer, key by key, and changes its limits at runtime. Clones are handles of the
/// same layer.
///
/// [`key`](Self::key) answers "why does my call wait?": [`KeyState::held`] is the reason, and its
/// `Display` is one line for people. A target stands for the key that counts its calls: with
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

    /// The keys that the layer keeps, in no order.
    #[must_use]
    pub fn keys(&self) -> Vec<Target> {
        let cells = self.cells();
        cells.iter().map(|cell| cell.target().clone()).collect()
    }

    /// The state of a key; `None` if the layer does not keep it.
    #[must_use]
    pub fn key(&self, target: &Target) -> Option<KeyState> {
        let cell = self.inner.map.find(self.key_of(target))?;
        Some(KeyState::of(&cell, Instant::now()))
    }

    /// The states of all keys, in no order.
    #[must_use]
    pub fn states(&self) -> Vec<KeyState> {
        let now = Instant::now();
        let cells = self.cells();
        cells.iter().map(|cell| KeyState::of(cell, now)).collect()
    }

    /// Replaces the limits of all keys without limits of their own. What `limits` does not name is not
    /// limited any more. Calls in flight keep what they took, the limiter keeps what it learned, and
    /// waiting calls go at once where the new limits allow it. The builder's
    /// [`share`](crate::Builder::share) applies to these limits too.
    ///
    /// # Errors
    ///
    /// If a limit is wrong; nothing changes then.
    pub fn set_limits(&self, limits: Limits) -> Result<(), ConfigError> {
        self.set(None, limits)
    }

    /// [`set_limits`](Self::set_limits) for one target, or for a whole provider, as
    /// [`limits_for`](crate::Builder::limits_for).
    ///
    /// # Errors
    ///
    /// If a limit is wrong; nothing changes then.
    pub fn set_limits_for(&self, target: &Target, limits: Limits) -> Result<(), ConfigError> {
        self.set(Some(target), limits)
    }

    /// Applies all limits of a builder, those for single targets included, its share, longest wait, queue
    /// length and `shed`. What the builder does not limit is not limited any more, and a target that is
    /// not in it has no limits of its own any more. Otherwise as [`set_limits`](Self::set_limits). Waiting
    /// calls stay in the queue, with the deadline that they have.
    ///
    /// All other settings of the layer stay: the key, the number of keys and their lifetime,
    /// `configured_only`, the estimator, the clock, the randomness and the observer.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`]; nothing changes then.
    pub fn apply<O>(&self, builder: &Builder<O>) -> Result<(), ConfigError> {
        builder.check()?;
        self.change(|plan| {
            *plan = Plan {
                paused: plan.paused,
                configured_only: plan.configured_only,
                ..builder.plan()
            };
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
                let (rule, rules) = plan.rules(cell.target());
                state.rule = rule.cloned();
                state.reconfigure(rules, plan.waiting, now, wall)
            });
            done.map_err(|error| ConfigError::of_limit("limit", error))?;
        }
        Ok(())
    }

    /// Holds all calls of all keys until [`resume`](Self::resume). Calls wait until their deadlines.
    pub fn pause(&self) {
        self.pause_all(true);
    }

    /// Ends [`pause`](Self::pause).
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
        let cell = self.inner.place(self.key_of(target), Instant::now());
        cell.change(|state| state.paused = paused);
    }

    /// Forgets every key that was not used for [`idle`](crate::Builder::idle) and whose limits are full.
    /// The layer does this by itself when new keys come.
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

/// How long a call would wait, and what part of the scarcest limit is left. Where calls wait for others to
/// end, the time is a guess: 100 ms for each waiting call.
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
        state.look_at_clock(now);
        let left = state::left(&mut state, now);
        if state.paused || state.account.fits(cost).is_err() {
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

impl Handle {
    /// Rejects all calls that wait in queues, with [`Reason::CircuitOpen`](tollgate_core::Reason::CircuitOpen)
    /// and this time to come back: for the end of a program. Calls that come later wait as ever.
    pub fn reject_waiting(&self, retry_after: Option<Duration>) {
        let now = Instant::now();
        let until = retry_after.and_then(|wait| now.checked_add(wait));
        for cell in self.inner.map.all() {
            cell.change(|state| state.evict(until));
        }
    }
}

/// For the keys that the target covers. With [`per_host`](crate::Builder::per_host) calls of several
/// models wait together, so the circuit of one model ends none of them; that of a whole provider or host
/// does.
impl Evict for Handle {
    fn waiting(&self, target: &Target) -> usize {
        let all = self.inner.map.all();
        let covered = all.iter().filter(|cell| target.covers(cell.target()));
        covered.map(|cell| cell.lock().queue.places()).sum()
    }

    fn evict(&self, target: &Target, retry_after: Option<Duration>) {
        let now = Instant::now();
        let until = retry_after.and_then(|wait| now.checked_add(wait));
        for cell in self.inner.map.all() {
            if target.covers(cell.target()) {
                cell.change(|state| state.evict(until));
            }
        }
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}
