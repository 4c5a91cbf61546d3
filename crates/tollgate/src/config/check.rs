//! Everything that a configuration makes, once it makes sense.

use std::{fmt, time::Duration};

use super::{
    Config, Deadline,
    limit::{By, Special},
    secret::Env,
};
use crate::{breaker, classify, core::Target, limit, retry, route};

/// The path of a key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Path(pub(super) Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    At(usize),
}

impl Path {
    pub(super) fn of(key: &str) -> Self {
        Self::default().key(key)
    }

    pub(super) fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    pub(super) fn at(&self, nth: usize) -> Self {
        self.then(Step::At(nth))
    }

    /// Several keys with dots between them.
    pub(super) fn dotted(&self, keys: &str) -> Self {
        keys.split('.')
            .fold(self.clone(), |path, key| path.key(key))
    }

    /// It is that one, or in it.
    pub(super) fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    pub(super) fn then(&self, step: Step) -> Self {
        let mut longer = self.clone();
        longer.0.push(step);
        longer
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, step) in self.0.iter().enumerate() {
            match step {
                Step::At(at) => write!(f, "[{at}]")?,
                Step::Key(key) => {
                    let dot = if nth > 0 { "." } else { "" };
                    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    match !key.is_empty() && key.chars().all(plain) {
                        true => write!(f, "{dot}{key}")?,
                        false => write!(f, "{dot}{key:?}")?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems(pub(super) Vec<(Path, String)>);

impl Problems {
    pub(super) fn add(&mut self, path: Path, words: impl fmt::Display) {
        self.0.push((path, words.to_string()));
    }

    /// The error of a layer, which begins with the name of its setting.
    pub(super) fn layer(&mut self, path: &Path, field: &str, error: &dyn fmt::Display) {
        let said = error.to_string();
        let words = said.strip_prefix(field).unwrap_or(&said).trim();
        self.add(path.dotted(field), words);
    }
}

/// The settings of all layers.
pub(super) struct Parts {
    pub(super) classify: classify::ClassifyBuilder,
    pub(super) retry: retry::Builder,
    pub(super) breaker: breaker::Builder,
    pub(super) limit: limit::Builder,
    pub(super) timeouts: route::timeout::TimeoutBuilder,
    /// `None` where there are no routes.
    pub(super) router: Option<route::Builder>,
}

impl Config {
    /// Looks up the variables of all secrets.
    pub(super) fn resolve(&mut self, env: Env<'_>, problems: &mut Problems) {
        for (name, provider) in &mut self.providers {
            let path = Path::of("providers").key(name);
            for (path, secret) in provider.secrets(&path) {
                if let Err(words) = secret.resolve(env) {
                    problems.add(path, words);
                }
            }
        }
    }

    /// Builds all parts, and tells all that is wrong with them.
    pub(super) fn parts(&self, problems: &mut Problems) -> Parts {
        let path = Path::of;
        if self.deadline == Deadline::After(Duration::ZERO) {
            problems.add(path("deadline"), "must be above zero");
        }
        let specials = self.specials(problems);
        Parts {
            classify: self.classify.build(&path("classify"), problems),
            retry: self.retry.build(&path("retry"), problems),
            breaker: self.breaker.build(&path("breaker"), problems),
            limit: self.limit.build(&specials, &path("limit"), problems),
            timeouts: self.timeouts.build(&path("timeouts"), problems),
            router: self.router(problems),
        }
    }

    /// The limits of single providers, accounts, targets and hosts.
    fn specials(&self, problems: &mut Problems) -> Vec<Special<'_>> {
        let mut all = Vec::new();
        let mut add = |target, limits, path| {
            all.push(Special {
                target,
                limits,
                path,
            });
        };
        for (host, limits) in &self.limit.hosts {
            let path = Path::of("limit").key("hosts").key(host);
            if !self.routes.is_empty() {
                let words =
                    "says nothing where there are routes: set the limits of a provider instead";
                problems.add(path.clone(), words);
            }
            // As the limiter has it.
            let host = host.to_ascii_lowercase();
            add(Target::provider_only(host), limits, path);
        }
        for (name, provider) in &self.providers {
            let path = Path::of("providers").key(name);
            let whole = Target::provider_only(name.as_str());
            if !provider.limits.is_empty() {
                add(whole.clone(), &provider.limits, path.key("limits"));
            }
            for (nth, account) in provider.accounts.iter().enumerate() {
                if !account.limits.is_empty() {
                    let path = path.key("accounts").at(nth).key("limits");
                    let target = whole.clone().with_account(account.name.as_str());
                    add(target, &account.limits, path);
                }
            }
        }
        for (name, target) in &self.targets {
            if target.limits.is_empty() {
                continue;
            }
            let path = Path::of("targets").key(name).key("limits");
            let Some(model) = &target.model else {
                let words =
                    "a target without a model has none of its own: set those of its provider";
                problems.add(path, words);
                continue;
            };
            if self.limit.by == By::Host {
                let words = "a model has none of its own with limit.by = \"host\"";
                problems.add(path.clone(), words);
            }
            let one = Target::new(target.provider.as_str(), model.as_str());
            let provider = self.providers.get(&target.provider);
            let accounts = provider.map_or(&[][..], |provider| &provider.accounts);
            if accounts.is_empty() {
                add(one.clone(), &target.limits, path.clone());
            }
            for account in accounts {
                let target_of = one.clone().with_account(account.name.as_str());
                add(target_of, &target.limits, path.clone());
            }
        }
        all
    }
}
