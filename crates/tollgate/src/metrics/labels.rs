//! Labels whose number is bounded.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use metrics::Label;
use tollgate_core::Target;

use super::series::Series;

/// Who is not known any more.
pub(super) const OTHER: &str = "other";

/// Longer names are not kept.
const LONGEST: usize = 200;

/// What no name of a model has is not kept either: readers of Prometheus's text differ in what ends a
/// line.
fn fits(name: &str) -> bool {
    name.len() <= LONGEST && !name.contains(char::is_control)
}

/// The provider and the model of each target that has labels of its own.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) most: usize,
    keeps: bool,
    known: RwLock<Known>,
    // Only gauges tell accounts apart, and only a refresh asks.
    accounts: Mutex<HashSet<[Arc<str>; 3]>>,
}

#[derive(Debug, Default)]
struct Known {
    models: HashMap<Arc<str>, HashMap<Arc<str>, Arc<Series>>>,
    targets: usize,
}

/// The labels of one target.
pub(super) type Pair = (Arc<str>, Arc<str>);

#[allow(dead_code, reason = "which labels are asked for depends on the layers")]
impl Labels {
    /// At most so many targets; with handles that are looked up once, or each time.
    pub(super) fn new(most: usize, keeps: bool) -> Self {
        Self {
            most,
            keeps,
            known: RwLock::default(),
            accounts: Mutex::default(),
        }
    }

    /// The labels `provider` and `model`.
    pub(super) fn of(&self, target: Option<&Target>) -> Vec<Label> {
        labels(self.pair(target))
    }

    /// The label `provider`, of somebody whose model is not told.
    pub(super) fn provider(&self, name: &str) -> Vec<Label> {
        let (provider, _) = &self.names(name, "").pair;
        vec![Label::new("provider", provider.clone())]
    }

    /// Both in one, for labels that name a whole target.
    pub(super) fn joined(&self, target: &Target) -> String {
        let (provider, model) = self.pair(Some(target));
        match &*model {
            "" => String::from(&*provider),
            model => format!("{provider}/{model}"),
        }
    }

    pub(super) fn pair(&self, target: Option<&Target>) -> Pair {
        self.series(target).pair.clone()
    }

    /// What is counted and measured of one target.
    pub(super) fn series(&self, target: Option<&Target>) -> Arc<Series> {
        let provider = target.map_or("", Target::provider);
        self.names(provider, target.and_then(Target::model).unwrap_or(""))
    }

    /// The labels `provider`, `model` and `account`.
    pub(super) fn with_account(&self, target: &Target) -> Vec<Label> {
        let (provider, model) = self.pair(Some(target));
        let account = target.account().unwrap_or("");
        let whole = [provider.clone(), model.clone(), account.into()];
        let accounts = self.accounts.lock();
        let mut accounts = accounts.unwrap_or_else(PoisonError::into_inner);
        let fits = fits(account) && accounts.len() < self.most;
        let known = accounts.contains(&whole) || fits && accounts.insert(whole.clone());
        let [_, _, account] = whole;
        let mut labels = labels((provider, model));
        let account = if known { account } else { OTHER.into() };
        labels.push(Label::new("account", account));
        labels
    }

    fn names(&self, provider: &str, model: &str) -> Arc<Series> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.find(provider, model) {
            return series;
        }
        if known.targets >= self.most || !fits(provider) || !fits(model) {
            return known.instead(provider);
        }
        drop(known);
        let known = self.known.write();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        match known.find(provider, model) {
            Some(series) => series,
            None if known.targets >= self.most => known.instead(provider),
            None => known.add(provider, model, self.keeps),
        }
    }
}

impl Known {
    fn find(&self, provider: &str, model: &str) -> Option<Arc<Series>> {
        self.models.get(provider)?.get(model).cloned()
    }

    fn add(&mut self, provider: &str, model: &str, keeps: bool) -> Arc<Series> {
        let known = self.models.get_key_value(provider);
        let provider = known.map_or_else(|| provider.into(), |(provider, _)| provider.clone());
        let pair: Pair = (provider, model.into());
        let series = Arc::new(Series::new(pair.clone(), keeps));
        let models = self.models.entry(pair.0).or_default();
        models.insert(pair.1, Arc::clone(&series));
        self.targets += 1;
        series
    }

    /// Few are counted so: nothing is kept.
    fn instead(&self, provider: &str) -> Arc<Series> {
        let known = self.models.get_key_value(provider);
        let provider = known.map_or_else(|| OTHER.into(), |(provider, _)| provider.clone());
        Arc::new(Series::new((provider, OTHER.into()), false))
    }
}

pub(super) fn labels((provider, model): Pair) -> Vec<Label> {
    vec![Label::new("provider", provider), Label::new("model", model)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_more_than_so_many() {
        let labels = Labels::new(3, false);
        let pair = |provider: &str, model: &str| {
            let (provider, model) = labels.pair(Some(&Target::new(provider, model)));
            format!("{provider}/{model}")
        };
        assert_eq!(pair("groq", "a"), "groq/a");
        assert_eq!(pair("groq", &"x".repeat(201)), "groq/other");
        assert_eq!(pair(&"x".repeat(201), "a"), "other/other");
        assert_eq!(pair("groq", "a\r\ntollgate_calls_total 5"), "groq/other");
        assert_eq!(pair("groq", "b"), "groq/b");
        assert_eq!(pair("openai", "a"), "openai/a");
        assert_eq!(pair("groq", "c"), "groq/other");
        assert_eq!(pair("xai", "a"), "other/other");
        assert_eq!(pair("groq", "a"), "groq/a", "who is known stays");
        assert_eq!(labels.pair(None), ("other".into(), "other".into()));
    }
}
