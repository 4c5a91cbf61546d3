//! Everything that a configuration makes, once it makes sense.

use std::{collections::BTreeMap, fmt};

use super::{
    Config,
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
        if self.deadline.is_some_and(|time| time.is_zero()) {
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

    fn router(&self, problems: &mut Problems) -> Option<route::Builder> {
        let before = problems.0.len();
        let providers: BTreeMap<_, _> = self
            .providers
            .iter()
            .filter_map(|(name, provider)| {
                let path = Path::of("providers").key(name);
                Some((name.as_str(), provider.build(name, &path, problems)?))
            })
            .collect();
        let mut targets = BTreeMap::new();
        for (name, target) in &self.targets {
            let path = Path::of("targets").key(name);
            self.unknown(&target.provider, "provider", &path, problems);
            let twin = self.targets.iter().find(|(other, twin)| {
                *other < name && (&twin.provider, &twin.model) == (&target.provider, &target.model)
            });
            if let Some((other, _)) = twin {
                let words = format!("is the same model of the same provider as targets.{other}");
                problems.add(path.clone(), words);
            }
            if let Some(provider) = providers.get(target.provider.as_str()) {
                targets.insert(name.as_str(), target.build(provider));
            }
        }
        self.alone(&targets, problems);
        let mut routes = Vec::new();
        for nth in 0..self.routes.len() {
            routes.push(self.route(nth, &targets, problems));
        }
        let mut routes = routes.into_iter();
        let first = routes.next()?;
        let mut builder = route::RouteLayer::builder(first);
        for route in routes {
            builder = builder.route(route);
        }
        let builder = self.router.set(builder);
        // What is wrong with a part is told there.
        if problems.0.len() == before {
            if let Err(error) = builder.clone().build() {
                problems.add(self.place_of(error.culprit()), words_of(&error));
            }
        }
        Some(builder)
    }

    fn unknown(&self, name: &str, key: &str, path: &Path, problems: &mut Problems) {
        if name.is_empty() {
            problems.add(path.clone(), format!("needs a {key}"));
        } else if !self.providers.contains_key(name) {
            let known = self.providers.keys().map(String::as_str);
            problems.add(path.key(key), nobody("provider", name, known));
        }
    }

    /// Each target by itself, so that each hears what is wrong with it.
    fn alone(&self, targets: &BTreeMap<&str, route::Endpoint>, problems: &mut Problems) {
        let mut told = Vec::new();
        for (name, endpoint) in targets {
            // The weight of a tier with one target cannot be zero.
            let two = match self.targets[*name].weight.total_cmp(&0.0).is_eq() {
                true => endpoint.clone().weight(1.0),
                false => endpoint.clone(),
            };
            let route = route::Route::new("alone").ordered([two]);
            let Err(error) = route::RouteLayer::new(route) else {
                continue;
            };
            let path = Path::of("targets").key(name);
            let provider = self.targets[*name].provider.as_str();
            let of_provider = |key: &str| Path::of("providers").key(provider).key(key);
            use route::Flaw;
            let path = match error.flaw() {
                Flaw::Weight(_) => path.key("weight"),
                Flaw::Price => path.key("price"),
                Flaw::Model(_) => path.key("model"),
                Flaw::Setting(_) => path.key("tries"),
                Flaw::Address(_) => of_provider("base"),
                Flaw::PlainHttp(_) => of_provider("plain_http"),
                Flaw::NoKey | Flaw::BadKey => of_provider("key"),
                Flaw::Header(_) => of_provider("headers"),
                Flaw::Provider(_) => Path::of("providers").key(provider),
                _ => path,
            };
            // A provider is told once, whoever needs it.
            if !told.contains(&path) {
                told.push(path.clone());
                problems.add(path, words_of(&error));
            }
        }
    }

    fn route(
        &self,
        nth: usize,
        targets: &BTreeMap<&str, route::Endpoint>,
        problems: &mut Problems,
    ) -> route::Route {
        let said = &self.routes[nth];
        let path = Path::of("routes").at(nth);
        let mut others = self.routes[..nth].iter();
        if said.name.is_empty() {
            problems.add(path.clone(), "needs a name");
        } else if others.any(|other| other.name == said.name) {
            let words = format!("{:?} is the name of another route", said.name);
            problems.add(path.key("name"), words);
        }
        if said.targets.is_empty() && said.tiers.is_empty() && said.then.is_none() {
            problems.add(
                path.clone(),
                "needs targets, tiers or another route to go on with",
            );
        }
        let mut route = route::Route::new(said.name.as_str());
        let mut seen = Vec::new();
        let mut find = |names: &[String], path: Path| {
            let mut found = Vec::new();
            for (nth, name) in names.iter().enumerate() {
                let known = self.targets.keys().map(String::as_str);
                if !self.targets.contains_key(name) {
                    problems.add(path.at(nth), nobody("target", name, known));
                } else if seen.contains(name) {
                    problems.add(path.at(nth), format!("{name:?} comes twice in this route"));
                }
                seen.push(name.clone());
                found.extend(targets.get(name.as_str()).cloned());
            }
            found
        };
        if !said.targets.is_empty() {
            route = route.ordered(find(&said.targets, path.key("targets")));
        }
        for (nth, tier) in said.tiers.iter().enumerate() {
            let path = path.key("tiers").at(nth).key("targets");
            route = tier.add_to(route, find(&tier.targets, path));
        }
        for (nth, tier) in said.tiers.iter().enumerate() {
            let path = path.key("tiers").at(nth);
            if tier.targets.is_empty() {
                problems.add(path.clone(), "needs targets");
            }
            if let Some((key, words)) = tier.flaw() {
                problems.add(path.key(key), words);
            }
        }
        if let Some(then) = &said.then {
            if !self.routes.iter().any(|other| other.name == *then) {
                let known = self.routes.iter().map(|route| route.name.as_str());
                problems.add(path.key("then"), nobody("route", then, known));
            }
            route = route.then(then.as_str());
        }
        route
    }

    /// The key that stands for what a router names.
    fn place_of(&self, culprit: &str) -> Path {
        let router = Path::of("router");
        match culprit {
            "max_wait" | "attempts" => return router.key(culprit),
            "keep_header" => return router.key("keep_headers"),
            _ => {}
        }
        if let Some(nth) = self.routes.iter().position(|route| route.name == culprit) {
            return Path::of("routes").at(nth);
        }
        let is = |target: &super::Target| {
            let name = match &target.model {
                Some(model) => Target::new(target.provider.as_str(), model.as_str()),
                None => Target::provider_only(target.provider.as_str()),
            };
            culprit.starts_with(&name.to_string())
        };
        let target = self.targets.iter().find(|(_, target)| is(target));
        target.map_or(Path::of("routes"), |(name, _)| {
            Path::of("targets").key(name)
        })
    }
}

/// Without the name in front of it, which the path says better.
fn words_of(error: &route::ConfigError) -> String {
    let said = error.to_string();
    let words = said.strip_prefix(error.culprit()).unwrap_or(&said);
    words.trim_start_matches(':').trim().to_owned()
}

fn nobody<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match super::error::nearest(name, known) {
        Some(like) => format!("there is no {kind} {name:?}; did you mean {like:?}?"),
        None => format!("there is no {kind} {name:?}"),
    }
}
