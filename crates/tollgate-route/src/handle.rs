//! A look at cooldowns and outcomes from outside, and a hand on them.

mod routes;

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tollgate_core::{
    AttemptListener, Class, Classification, LimitKind, Scope, Sleeping, Target, WallClock,
};

use crate::{
    Builder, ConfigError, Outcome, Route,
    cooldown::{Key, LONGEST, Why},
    state::{Setup, State},
    table::Table,
    text::time,
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
/// let line = handle.cooldowns()[0].to_string();
/// assert_eq!(line, "groq (llama-3.1-8b-instant): left alone for 1m more (rate_limited, target)");
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
    /// The provider, or a person, said how long; else it is a guess, by which no call is rejected.
    #[serde(default)]
    pub stated: bool,
}

/// `groq (m): left alone for 22m47s more (rate_limited, tokens)`
impl fmt::Display for Cooldown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: left alone ", self.target)?;
        match self.left_ms {
            0 => f.write_str("until a call has tested it")?,
            left => write!(f, "for {} more", time(Duration::from_millis(left)))?,
        }
        match self.limit {
            Some(limit) => write!(f, " ({}, {limit})", self.class),
            None => write!(f, " ({}, {})", self.class, self.scope),
        }
    }
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

impl AttemptListener for Handle {
    fn abandoned(&self, target: &Target, sent: Instant) {
        let setup = self.state.setup();
        if let Some(site) = setup.table.find(target) {
            setup.outcomes.abandoned(site, sent.elapsed());
        }
    }

    fn stream_failed(&self, target: &Target, error: &Classification) {
        let setup = self.state.setup();
        if let Some(site) = setup.table.find(target) {
            setup.outcomes.stream_failed(site, error.class());
        }
    }
}

impl Handle {
    pub(crate) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// What is left alone now, the first to return first.
    #[must_use]
    pub fn cooldowns(&self) -> Vec<Cooldown> {
        let now = Instant::now();
        let setup = self.state.setup();
        let mut all: Vec<_> = self.state.cooldowns(|cooldowns| {
            let one = |(key, entry): (Key, &crate::cooldown::Entry)| {
                let left = entry.until.saturating_duration_since(now);
                cooldown(&setup, key, entry.why, left)
            };
            cooldowns.iter().filter_map(one).collect()
        });
        all.sort_by(|a, b| (a.left_ms, &a.target).cmp(&(b.left_ms, &b.target)));
        all
    }

    /// The calls that wait because no target is available: the route and the end. With a
    /// [shared list](Builder::sleepers), as in a stack, the calls of all its layers.
    #[must_use]
    pub fn sleeping(&self) -> Vec<Sleeping> {
        self.state.sleepers.list()
    }

    /// Leaves a target alone for this long, 24 h at most. `false` where the router has no such
    /// target.
    pub fn cool(&self, target: &Target, time: Duration) -> bool {
        let setup = self.state.setup();
        let Some(site) = setup.table.find(target) else {
            return false;
        };
        let key = Key::Site(setup.keys[site].site);
        let wait = time.min(LONGEST);
        let why = Why {
            class: Class::RateLimited,
            stated: true,
        };
        self.state.cool(key, why, wait, Instant::now());
        true
    }

    /// Ends what keeps calls from a target: its own cooldowns, and those of its account and its
    /// provider. `false` where the router has no such target.
    pub fn clear(&self, target: &Target) -> bool {
        let setup = self.state.setup();
        let Some(site) = setup.table.find(target) else {
            return false;
        };
        let keys = setup.keys[site];
        self.state.cooldowns(|all| all.clear(keys));
        true
    }

    /// Other routes from now on: all of them anew, the first one for calls that choose none. The
    /// settings stay. See the [crate's page](crate#changes) for what that means to calls under way and
    /// to what is known about targets.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first route or target that makes no sense; nothing has changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate_route::{Route, RouteLayer, provider::preset};
    ///
    /// let groq = preset::groq().key("gsk_not_a_real_key");
    /// let route = Route::new("chat").ordered([groq.model("llama-3.3-70b-versatile")]);
    /// let (layer, handle) = RouteLayer::builder(route).build_with_handle()?;
    ///
    /// let smaller = Route::new("chat").ordered([groq.model("llama-3.1-8b-instant")]);
    /// handle.set_routes([smaller])?;
    /// assert_eq!(handle.outcomes()[0].target.model(), Some("llama-3.1-8b-instant"));
    /// # let _ = layer;
    /// # Ok::<_, tollgate_route::ConfigError>(())
    /// ```
    pub fn set_routes(&self, routes: impl IntoIterator<Item = Route>) -> Result<(), ConfigError> {
        let routes: Vec<_> = routes.into_iter().collect();
        self.state.change(Table::new(&routes)?, None);
        Ok(())
    }

    /// Takes over the routes and the settings of a builder, at once and together: all but its
    /// outlooks, its source of chance and its observer, which stay those of the layer.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`]; nothing has changed then.
    pub fn apply<P>(&self, builder: &Builder<P>) -> Result<(), ConfigError> {
        let (table, settings) = builder.check()?;
        self.state.change(table, Some(settings));
        Ok(())
    }

    /// Ends all cooldowns.
    pub fn clear_all(&self) {
        self.state.cooldowns(crate::cooldown::Cooldowns::clear_all);
    }

    /// How each target fared so far, in the order in which they were written down.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let setup = self.state.setup();
        let sites = setup.table.sites.iter().enumerate();
        sites
            .map(|(site, own)| setup.outcomes.outcome(site, own.target.clone()))
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
                Class::RateLimited
                    | Class::QuotaExhausted
                    | Class::Overloaded
                    | Class::Auth
                    | Class::InvalidRequest
                    | Class::ServerError
            )
        };
        let setup = self.state.setup();
        for one in snapshot.cooldowns.iter().filter(cools) {
            let left = Duration::from_millis(one.left_ms.saturating_sub(passed)).min(LONGEST);
            let found = setup.table.find(&one.target);
            let Some(site) = found.filter(|_| !left.is_zero()) else {
                continue;
            };
            let key = setup.keys[site].hit(one.scope, one.limit);
            let why = Why {
                class: one.class,
                stated: one.stated,
            };
            let now = Instant::now();
            self.state.cooldowns(|all| all.restore(key, why, left, now));
        }
    }
}

/// `None` where no route has it any more.
fn cooldown(setup: &Setup, key: Key, why: Why, left: Duration) -> Option<Cooldown> {
    let site = setup.keys.iter().position(|keys| keys.has(key))?;
    let (scope, limit) = match key {
        Key::Provider(_) => (Scope::Provider, None),
        Key::Account(_) => (Scope::Account, None),
        Key::Site(_) => (Scope::Target, None),
        Key::Limit(_, limit) => (Scope::Limit, Some(limit)),
    };
    let ms = left.as_nanos().div_ceil(1_000_000);
    Some(Cooldown {
        target: setup.table.sites[site].target.clone(),
        scope,
        limit,
        class: why.class,
        stated: why.stated,
        left_ms: u64::try_from(ms).unwrap_or(u64::MAX),
    })
}

fn millis(clock: &impl WallClock) -> u64 {
    u64::try_from(clock.since_epoch().as_millis()).unwrap_or(u64::MAX)
}
