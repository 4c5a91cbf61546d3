//! Providers, targets and routes as a router takes them.

use std::collections::BTreeMap;

use super::{
    Config,
    check::{Path, Problems},
    error::nearest,
};
use crate::{
    core::Target,
    route::{self, Flaw},
};

impl Config {
    /// The settings of the router; `None` where there are no routes.
    pub(super) fn router(&self, problems: &mut Problems) -> Option<route::Builder> {
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
        self.alone(&providers, &targets, problems);
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

    /// Each provider and each target by itself, so that each hears what is wrong with it.
    fn alone(
        &self,
        providers: &BTreeMap<&str, route::Provider>,
        targets: &BTreeMap<&str, route::Endpoint>,
        problems: &mut Problems,
    ) {
        let flaw = |endpoint| {
            let route = route::Route::new("alone").ordered([endpoint]);
            route::RouteLayer::new(route).err()
        };
        let mut bad = Vec::new();
        for (name, provider) in providers {
            if let Some(error) = flaw(provider.model("any")) {
                let path = Path::of("providers").key(name);
                let path = match error.flaw() {
                    Flaw::Address(_) => path.key("base"),
                    Flaw::PlainHttp(_) => path.key("plain_http"),
                    Flaw::NoKey | Flaw::BadKey => path.key("key"),
                    Flaw::Header(_) => path.key("headers"),
                    _ => path,
                };
                problems.add(path, words_of(&error));
                bad.push(*name);
            }
        }
        for (name, endpoint) in targets {
            let said = &self.targets[*name];
            if bad.contains(&said.provider.as_str()) {
                continue;
            }
            // By itself a target without weight could never be chosen; in a tier it may.
            let endpoint = match said.weight.total_cmp(&0.0).is_eq() {
                true => endpoint.clone().weight(1.0),
                false => endpoint.clone(),
            };
            if let Some(error) = flaw(endpoint) {
                let path = Path::of("targets").key(name);
                let path = match error.flaw() {
                    Flaw::Weight(_) => path.key("weight"),
                    Flaw::Price => path.key("price"),
                    Flaw::Model(_) => path.key("model"),
                    Flaw::Setting(_) => path.key("tries"),
                    _ => path,
                };
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
    match nearest(name, known) {
        Some(like) => format!("there is no {kind} {name:?}; did you mean {like:?}?"),
        None => format!("there is no {kind} {name:?}"),
    }
}
