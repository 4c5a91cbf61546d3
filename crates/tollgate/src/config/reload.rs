//! Other settings for a stack that runs.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

use super::{Config, ConfigError, Path};
use crate::stack::Handle;

/// The settings a stack runs with, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded(Arc<Mutex<Config>>);

impl Loaded {
    pub(crate) fn of(config: Config) -> Self {
        Self(Arc::new(Mutex::new(config)))
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

/// The keys that a running stack can take over; the others wait for a restart.
const LIVE: [&str; 9] = [
    "router",
    "providers",
    "targets",
    "routes",
    "limit.each",
    "limit.hosts",
    "limit.share",
    "limit.max_wait",
    "limit.queue",
];
