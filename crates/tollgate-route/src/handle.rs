//! A look at cooldowns and outcomes from outside, and a hand on them.

mod routes;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tollgate_core::{Class, LimitKind, Scope, Target, WallClock};

use crate::{
    Outcome,
    cooldown::{Key, LONGEST},
    state::State,
};

pub use routes::RouteView;

/// Shows the cooldowns and outcomes of a router, and changes the former. Clones show the same.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::Target;
/// use tollgate_route::{Route, RouteLayer, provider::preset};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let groq = preset::groq().key("gsk_not_a_real_key");
/// let route = Route::new("chat").ordered([groq.model("llama-3.1-8b-instant")]);
/// let (layer, handle) = RouteLayer::builder(route).build_with_handle()?;
///
/// let target = Target::new("groq", "llama-3.1-8b-instant");
/// assert!(handle.cool(&target, Duration::from_secs(60)));
/// assert_eq!(handle.cooldowns()[0].target, target);
/// handle.clear(&target);
/// assert!(handle.cooldowns().is_empty());
/// # let _ = layer;
/// # Ok::<_, tollgate_route::ConfigError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Handle {
    state: Arc<State>,
}

/// Something that is left alone for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cooldown {
    /// Which target. For a scope that is wider: one of it.
    pub target: Target,
    /// What of it: the target, or everything of its account or of its provider.
    pub scope: Scope,
    /// The kind of limit, where only calls that need it are held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitKind>,
    /// Because of which answer.
    pub class: Class,
    /// For how long still, in milliseconds; zero where it waits for a request to test it.
    pub left_ms: u64,
}

/// The cooldowns of a router at a time of day, for a program that will start again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken, in milliseconds since 1970.
    pub taken_at_ms: u64,
    /// What was left alone then.
    pub cooldowns: Vec<Cooldown>,
}

impl Handle {
    pub(crate) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// What is left alone now, the first to return first.
    #[must_use]
    pub fn cooldowns(&self) -> Vec<Cooldown> {
        let now = Instant::now();
        let mut all: Vec<_> = self.state.cooldowns(|cooldowns| {
            let one = |(key, entry): (Key, &crate::cooldown::Entry)| {
                let left = entry.until.saturating_duration_since(now);
                self.cooldown(key, entry.class, left)
            };
            cooldowns.iter().map(one).collect()
        });
        all.sort_by(|a, b| (a.left_ms, &a.target).cmp(&(b.left_ms, &b.target)));
        all
    }

    fn cooldown(&self, key: Key, class: Class, left: Duration) -> Cooldown {
        let (site, scope, limit) = match key {
            Key::Provider(site) => (site, Scope::Provider, None),
            Key::Account(site) => (site, Scope::Account, None),
            Key::Site(site) => (site, Scope::Target, None),
            Key::Limit(site, limit) => (site, Scope::Limit, Some(limit)),
        };
        let ms = left.as_nanos().div_ceil(1_000_000);
        Cooldown {
            target: self.state.table.sites[site].target.clone(),
            scope,
            limit,
            class,
            left_ms: u64::try_from(ms).unwrap_or(u64::MAX),
        }
    }

    /// Leaves a target alone for this long, 24 h at most. `false` where the router has no such
    /// target.
    pub fn cool(&self, target: &Target, time: Duration) -> bool {
        let Some(site) = self.state.table.find(target) else {
            return false;
        };
        let wait = time.min(LONGEST);
        self.state
            .cool(Key::Site(site), Class::RateLimited, wait, Instant::now());
        true
    }

    /// Ends what keeps calls from a target: its own cooldowns, and those of its account and its
    /// provider. `false` where the router has no such target.
    pub fn clear(&self, target: &Target) -> bool {
        let Some(site) = self.state.table.find(target) else {
            return false;
        };
        let keys = self.state.table.keys[site];
        self.state.cooldowns(|all| all.clear(keys));
        true
    }

    /// Ends all cooldowns.
    pub fn clear_all(&self) {
        self.state.cooldowns(crate::cooldown::Cooldowns::clear_all);
    }

    /// How each target fared so far, in the order in which they were written down.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let sites = self.state.table.sites.iter().enumerate();
        sites
            .map(|(site, own)| self.state.outcomes.outcome(site, own.target.clone()))
            .collect()
    }

    /// What is left alone now, to be [restored](Self::restore) by another process.
    #[must_use]
    pub fn snapshot(&self, clock: &impl WallClock) -> Snapshot {
        Snapshot {
            taken_at_ms: millis(clock),
            cooldowns: self.cooldowns(),
        }
    }

    /// Takes over what another process had left alone, as far as it is not over by now; the later end
    /// counts. Targets that this router does not have are passed over, and so are classes that nobody
    /// is left alone for.
    pub fn restore(&self, snapshot: &Snapshot, clock: &impl WallClock) {
        let passed = millis(clock).saturating_sub(snapshot.taken_at_ms);
        let cools = |one: &&Cooldown| {
            matches!(
                one.class,
                Class::RateLimited | Class::QuotaExhausted | Class::Overloaded
            )
        };
        for one in snapshot.cooldowns.iter().filter(cools) {
            let left = Duration::from_millis(one.left_ms.saturating_sub(passed)).min(LONGEST);
            let Some(site) = self
                .state
                .table
                .find(&one.target)
                .filter(|_| !left.is_zero())
            else {
                continue;
            };
            let key = self.state.table.keys[site].hit(one.scope, one.limit);
            self.state.cool(key, one.class, left, Instant::now());
        }
    }
}

fn millis(clock: &impl WallClock) -> u64 {
    u64::try_from(clock.since_epoch().as_millis()).unwrap_or(u64::MAX)
}
