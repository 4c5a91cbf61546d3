//! A stack written down in TOML, and changed while it runs.
//!
//! # Where to start
//!
//! With a provider and its key, a model of it, and a route; all else has a default:
//!
//! ```
//! use tollgate::config::Config;
//!
//! let text = r#"
//!     [providers.groq]
//!     key = "env:GROQ_API_KEY"
//!
//!     [targets.big]
//!     provider = "groq"
//!     model = "llama-3.3-70b-versatile"
//!     limits = { requests_per_minute = 30 }
//!
//!     [targets.small]
//!     provider = "groq"
//!     model = "llama-3.1-8b-instant"
//!
//!     [[routes]]
//!     name = "chat"
//!     targets = ["big", "small"]
//! "#;
//! # let from_toml = |text| Config::from_toml_with(text, |_| Some("gsk_not_a_real_key".to_owned()));
//! # #[cfg(any())]
//! let config = Config::from_toml(text)?;
//! # let config = from_toml(text)?;
//! // A stack as any other: code may add an observer, or leave a part out.
//! let stack = config.stack()?.observer(|event: &tollgate::Event<'_>| eprintln!("{event}"));
//! let layer = stack.build()?;
//! # let _ = layer;
//! # Ok::<_, tollgate::BoxError>(())
//! ```
//!
//! The file `gateway/tollgate.toml` of the repository has every setting, with its default, its unit
//! and a sentence; a test keeps it complete and its defaults true.
//!
//! # Rules of the file
//!
//! * Times are text with a unit: `"500ms"`, `"30s"`, `"1h30m"`, `"22m46.848s"`. So are sizes: `"16KiB"`.
//!   A bare number is an error that asks for one. Numbers are counts; rates say their period in their
//!   name (`requests_per_minute`).
//! * What can be left out altogether can be `"off"`.
//! * A key is `"env:NAME"`. A key in the file itself must say `"literal:..."`, so that none gets there,
//!   or from there to a provider, by mistake. Nothing shows one.
//! * What is not known, is there twice, or refers to what is not there, is an error, never passed over.
//!   All problems of a file are told at once, each with its line, column and key: see [`ConfigError`].
//!   (Beside a setting that could not be read, what makes no sense only because of that is left out.)
//!
//! Serde reads a [`Config`] from other formats as well. Problems then have the key only.
//!
//! # Changes while it runs
//!
//! [`Handle::reload`](crate::stack::Handle::reload) takes over limits, routes, weights, targets,
//! providers, keys and what is tried again, without losing what is known and without touching calls
//! under way, and says in [`Reloaded`] what waits for a restart. Settings that make no sense change nothing. On `SIGHUP`:
//!
//! ```no_run
//! # #[cfg(unix)]
//! # async fn on_hangup(handle: tollgate::stack::Handle) -> std::io::Result<()> {
//! use tokio::signal::unix::{SignalKind, signal};
//! use tollgate::config::Config;
//!
//! let mut hangups = signal(SignalKind::hangup())?;
//! while hangups.recv().await.is_some() {
//!     match Config::from_file("tollgate.toml").and_then(|config| handle.reload(&config)) {
//!         Ok(reloaded) => eprintln!("tollgate.toml: {reloaded}"),
//!         Err(error) => eprintln!("{error}\nthe settings stay as they were"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod attempt;
mod breaker;
mod chains;
mod check;
mod deadline;
mod error;
mod limit;
mod provider;
mod read;
pub(crate) mod reload;
mod retry;
mod routes;
mod secret;
mod units;
mod words;

use std::{collections::BTreeMap, env, fs, path::Path};

use serde::{Deserialize, Serialize};

pub use attempt::{Classify, Timeouts};
pub use breaker::{Breaker, FailureRate, OpenTime, SlowCalls, Window as BreakerWindow};
pub use deadline::Deadline;
pub use error::{ConfigError, Problem};
pub use limit::{By, Counts, Limit, Limits, Window};
pub use provider::{Account, Auth, Place, Provider, Wire};
pub use reload::Reloaded;
pub use retry::{Backoff, Budget, HintJitter, Retry};
pub use routes::{OnAuth, Price, Route, Router, Strategy, Target, Tier, Tries};
pub use secret::{Secret, Text};

use crate::{Stack, route, stack::Off};
use check::{Parts, Problems};

/// Everything a [`Stack`] can be set to, except for code.
///
/// Read from TOML, or from anything else that serde reads (problems then have no line), or put
/// together by hand: `Default` is a stack with all defaults and no route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The time a whole call may take, all waits included; 10 minutes for calls that bring no deadline
    /// unless set.
    #[serde(skip_serializing_if = "Deadline::is_unset")]
    pub deadline: Deadline,
    /// The body of the answer must have ended by the deadline too; off unless set.
    pub deadline_covers_body: bool,
    /// Request bodies up to this size can be sent again; 1 MiB unless set.
    #[serde(with = "units::size")]
    pub keep_bodies: usize,
    /// What failures are tried again, and when.
    pub retry: Retry,
    /// When a target is left alone because it is ill.
    pub breaker: Breaker,
    /// How much may go at a time.
    pub limit: Limit,
    /// The time limits of an attempt.
    pub timeouts: Timeouts,
    /// How much of an answer is read to learn what it means.
    pub classify: Classify,
    /// What holds for all routes.
    pub router: Router,
    /// The providers, by name.
    pub providers: BTreeMap<String, Provider>,
    /// Models of them, by a name of one's own.
    pub targets: BTreeMap<String, Target>,
    /// Where calls go. The first one is for calls that choose none.
    pub routes: Vec<Route>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            deadline: Deadline::Unset,
            deadline_covers_body: false,
            keep_bodies: 1 << 20,
            retry: Retry::default(),
            breaker: Breaker::default(),
            limit: Limit::default(),
            timeouts: Timeouts::default(),
            classify: Classify::default(),
            router: Router::default(),
            providers: BTreeMap::new(),
            targets: BTreeMap::new(),
            routes: Vec::new(),
        }
    }
}

impl Config {
    /// Reads and checks a text. Variables are those of the process.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each problem with its line and key.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::from_toml_with(text, |name| env::var(name).ok())
    }

    /// [`from_toml`](Self::from_toml) with variables of one's own: from a store of secrets, or of a
    /// test.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_toml_with(
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        read::read(text, &variable)
    }

    /// Reads and checks a file, at once: not for a task that must not block.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml), with the name of the file; also where it cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            let problem = Problem {
                key: String::new(),
                at: None,
                words: format!("cannot be read: {error}"),
            };
            ConfigError::new(vec![problem]).in_file(name.clone())
        })?;
        Self::from_toml(&text).map_err(|error| error.in_file(name))
    }

    /// The stack with these settings, which code may change further: an observer, a classifier of
    /// one's own, parts left out.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, and [no route](Self::stack_without_routes).
    pub fn stack(&self) -> Result<Stack<route::Builder>, ConfigError> {
        let (stack, router) = self.start()?;
        match router {
            Some(router) => Ok(stack.with_router(router)),
            None => Err(problem("routes", "there is none to send calls along")),
        }
    }

    /// The stack without a router, for calls that are addressed already.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, and routes, which nothing would use.
    pub fn stack_without_routes(&self) -> Result<Stack, ConfigError> {
        match self.start()? {
            (stack, None) => Ok(stack),
            (_, Some(_)) => Err(problem("routes", "would not be used")),
        }
    }

    fn start(&self) -> Result<(Stack<Off>, Option<route::Builder>), ConfigError> {
        let (config, parts) = self.checked()?;
        let mut deadline = config.deadline.layer();
        if config.deadline_covers_body {
            deadline = deadline.whole_body();
        }
        let stack = Stack::new()
            .deadline_layer(deadline)
            .keep_bodies(config.keep_bodies)
            .retry(|_| parts.retry)
            .breaker(|_| parts.breaker)
            .limit(|_| parts.limit)
            .timeouts(|_| parts.timeouts)
            .classify(|_| parts.classify)
            .loaded_from(config);
        Ok((stack, parts.router))
    }

    /// With all variables looked up; everything in it makes sense.
    fn checked(&self) -> Result<(Self, Parts), ConfigError> {
        let mut config = self.clone();
        let mut problems = Problems::default();
        config.resolve(&|name| env::var(name).ok(), &mut problems);
        let parts = config.parts(&mut problems);
        if problems.0.is_empty() {
            return Ok((config, parts));
        }
        let problems = problems.0.into_iter().map(|(path, words)| Problem {
            key: path.to_string(),
            at: None,
            words,
        });
        Err(ConfigError::new(problems.collect()))
    }
}

fn problem(key: &str, words: &str) -> ConfigError {
    ConfigError::new(vec![Problem {
        key: key.to_owned(),
        at: None,
        words: words.to_owned(),
    }])
}

#[cfg(test)]
mod tests;
