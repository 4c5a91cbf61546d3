//! What happened, added up.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How one call ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// Answered, and the answer was whole.
    Ok,
    /// Handed back with a reason that names what the provider said.
    Rejected(String),
    /// Gone without a reason a caller could act on.
    Lost(String),
}

/// One finished call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) provider: &'static str,
    pub(crate) end: End,
    pub(crate) took: Duration,
}

/// Shared by all calls and by the observer of the retry layer.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Counts>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    pub(crate) calls: Vec<Call>,
    /// Sleeps before a second sending, by provider.
    pub(crate) waits: BTreeMap<String, Vec<Duration>>,
    /// Calls that were answered, but not at their first attempt.
    pub(crate) saved: usize,
}

impl Tally {
    pub(crate) fn ended(&self, call: Call) {
        self.with(|counts| counts.calls.push(call));
    }

    pub(crate) fn waited(&self, provider: &str, wait: Duration) {
        self.with(|counts| {
            let waits = counts.waits.entry(provider.to_owned()).or_default();
            waits.push(wait);
        });
    }

    pub(crate) fn saved(&self) {
        self.with(|counts| counts.saved += 1);
    }

    pub(crate) fn counts(&self) -> Counts {
        self.with(|counts| counts.clone())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Counts) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Counts {
    pub(crate) fn count(&self, of: fn(&End) -> bool) -> usize {
        self.calls.iter().filter(|call| of(&call.end)).count()
    }

    pub(crate) fn retries(&self) -> usize {
        self.waits.values().map(Vec::len).sum()
    }
}

/// The value below which `percent` of the values lie; zero for none.
pub(crate) fn percentile(values: impl IntoIterator<Item = Duration>, percent: usize) -> Duration {
    let mut sorted: Vec<Duration> = values.into_iter().collect();
    sorted.sort_unstable();
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}
