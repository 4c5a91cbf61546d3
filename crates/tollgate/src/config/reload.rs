//! Other settings for a stack that runs.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{By, Config, ConfigError, Limit, check::Path, problem};
use crate::stack::Handle;

/// The settings a stack runs with, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded(Arc<Mutex<Config>>);

impl Loaded {
    /// Without a configuration they are taken for the defaults.
    pub(crate) fn of(config: Option<Arc<Config>>) -> Self {
        let config = config.map_or_else(Config::default, Arc::unwrap_or_clone);
        Self(Arc::new(Mutex::new(config)))
    }

    fn lock(&self) -> MutexGuard<'_, Config> {
        // Replaced as a whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a change of the settings did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Reloaded {
    /// The keys whose values differ, and are in force now.
    pub applied: Vec<String>,
    /// The keys whose values differ, and are not in force until the program starts again.
    pub needs_restart: Vec<String>,
}

impl fmt::Display for Reloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (applied, rest) = (self.applied.join(", "), self.needs_restart.join(", "));
        match (applied.as_str(), rest.as_str()) {
            ("", "") => f.write_str("nothing changed"),
            (applied, "") => write!(f, "in force: {applied}"),
            ("", rest) => write!(f, "needs a restart: {rest}"),
            (applied, rest) => write!(f, "in force: {applied}; needs a restart: {rest}"),
        }
    }
}

/// The keys that a running stack takes over; the others wait for a restart.
const LIVE: [&str; 11] = [
    "limit.each",
    "limit.hosts",
    "limit.max_wait",
    "limit.queue",
    "limit.share",
    "limit.shed",
    "providers",
    "retry",
    "router",
    "routes",
    "targets",
];

impl Handle {
    /// Takes over other settings while calls go through: limits, chains, weights, providers and keys,
    /// and what is tried again.
    ///
    /// Nothing that is known is lost, and no call under way is disturbed: it ends by the routes it
    /// began with. Routes, limits and retries are those of the settings alone; what code added is gone.
    /// What is not in force until the program starts again is told, and told again with each further change.
    ///
    /// # Errors
    ///
    /// When the settings make no sense, or have routes where the stack has no router or the other way
    /// round, or limits of single targets where the stack counts by host. Nothing has changed then.
    pub fn reload(&self, config: &Config) -> Result<Reloaded, ConfigError> {
        let (config, parts) = config.checked()?;
        let (route, limit, retry) = (self.route(), self.limit(), self.retry());
        match (route, &parts.router) {
            (Some(_), None) => return Err(problem("routes", "there is none to send calls along")),
            (None, Some(_)) => return Err(problem("routes", "this stack has no router for them")),
            _ => {}
        }
        // Held throughout: of two who change the settings, one comes after the other.
        let mut loaded = self.loaded.lock();
        // Until the restart it would count whole hosts, and nobody's limits would be those of one.
        let by_model = config.targets.values().any(|one| !one.limits.is_empty());
        if limit.is_some() && by_model && loaded.limit.by == By::Host {
            let words = "cannot change while it runs where targets have limits of their own";
            return Err(problem("limit.by", words));
        }
        // All were built when they were checked, so none stops half-way.
        if let Some(limit) = limit {
            let applied = limit.apply(&parts.limit);
            applied.map_err(|error| problem("limit", &error.to_string()))?;
        }
        if let Some(retry) = retry {
            let applied = retry.apply(&parts.retry);
            applied.map_err(|error| problem("retry", &error.to_string()))?;
        }
        if let (Some(route), Some(router)) = (route, &parts.router) {
            let applied = route.apply(router);
            applied.map_err(|error| problem("routes", &error.to_string()))?;
        }
        let there = There {
            limit: limit.is_some(),
            retry: retry.is_some(),
        };
        let reloaded = Reloaded::of(&loaded, &config, there);
        loaded.take_over(config, there);
        Ok(reloaded)
    }
}

/// The parts that the stack has, of those that take anything over. The router is there if it is needed.
#[derive(Debug, Clone, Copy)]
struct There {
    limit: bool,
    retry: bool,
}

impl There {
    fn takes(self, key: &str) -> bool {
        match LIVE.iter().find(|live| is_part(key, live)) {
            None => false,
            Some(&"retry") => self.retry,
            Some(live) => self.limit || !live.starts_with("limit."),
        }
    }
}

impl Config {
    /// All that is live becomes as in the other settings.
    fn take_over(&mut self, other: Self, there: There) {
        if there.limit {
            let Limit {
                by,
                keys,
                idle,
                configured_only,
                ..
            } = self.limit;
            self.limit = Limit {
                by,
                keys,
                idle,
                configured_only,
                ..other.limit
            };
        }
        if there.retry {
            self.retry = other.retry;
        }
        self.router = other.router;
        self.providers = other.providers;
        self.targets = other.targets;
        self.routes = other.routes;
    }
}

impl Reloaded {
    fn of(before: &Config, after: &Config, there: There) -> Self {
        let mut keys = Vec::new();
        let json = |config| serde_json::to_value(config).unwrap_or_default();
        differ(&Path::default(), &json(before), &json(after), &mut keys);
        // A key that is written into the file shows in no comparison.
        let secret = before.providers != after.providers;
        if secret && !keys.iter().any(|key| is_part(key, "providers")) {
            keys.push("providers".to_owned());
        }
        let (applied, needs_restart) = keys.into_iter().partition(|key| there.takes(key));
        Self {
            applied,
            needs_restart,
        }
    }
}

fn is_part(key: &str, of: &str) -> bool {
    let rest = key.strip_prefix(of);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The paths of all values that are not the same in both.
fn differ(path: &Path, a: &Value, b: &Value, keys: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let all: BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in all {
                let none = &Value::Null;
                let (a, b) = (a.get(key).unwrap_or(none), b.get(key).unwrap_or(none));
                differ(&path.key(key), a, b, keys);
            }
        }
        (a, b) if a == b => {}
        _ => keys.push(path.to_string()),
    }
}
