//! Counters, gauges and histograms for the `metrics` facade.
//!
//! ```text
//! layers ─ events ─▶ Metrics ─▶ counters, histograms ┐
//! handles ─────────▶ Metrics::refresh ─▶ gauges ─────┴▶ recorder ─▶ Prometheus, StatsD, …
//! ```
//!
//! [`Metrics`] is an observer: events become counters and histograms. What no event tells (how much of
//! a limit is left, how many calls wait) is read from the layers' handles by
//! [`refresh`](Metrics::refresh): call it before each scrape, or every few seconds.
//!
//! The crate `metrics` needs a recorder, which the program installs: see
//! `metrics-exporter-prometheus`, and give its histograms [`BUCKETS`], so that quantiles of several
//! processes can be taken together. Prometheus rules that alert on these names are in the crate's
//! `alerts/tollgate.yml`.
//!
//! # Labels
//!
//! `provider`, `model` and `account` are the target's; an empty one means that it is not known. Names of
//! models come out of requests, so there are at most 200 targets ([`most_targets`](Metrics::most_targets));
//! a further one, or one with a name of more than 200 bytes or with control characters, is counted under the model `other` of its provider, and where the provider is new as well,
//! under the provider `other`. Other labels have a fixed set of values, or such as the program's own
//! configuration names: routes, and targets that calls switch between.
//!
//! # Names
//!
#![doc = include_str!("metrics/names.md")]

mod calls;
mod labels;
#[cfg(any(
    feature = "limit",
    feature = "retry",
    feature = "breaker",
    feature = "route"
))]
mod layers;
mod names;
mod refresh;
mod series;

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use tollgate_core::Observe;

pub use names::{BUCKETS, Kind, NAMES, Name};

use crate::{Event, state::Parts};
use labels::Labels;
use refresh::Shown;

/// An observer that counts and measures; see the [module](self).
///
/// Each event makes its labels and looks its counters up in the recorder, on the task that drives the
/// call. Where there is one recorder for good, [`keep_handles`](Self::keep_handles) saves that.
///
/// # Sharing
///
/// Clones share the set of names that are known.
///
/// # Examples
///
/// ```
/// use metrics_exporter_prometheus::PrometheusBuilder;
/// use tollgate::{Metrics, metrics::BUCKETS, state::Parts};
///
/// // In a program: `install_recorder()`, which makes it everybody's.
/// let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
/// let text = recorder.handle();
/// metrics::with_local_recorder(&recorder, || {
///     let metrics = Metrics::new();
///     let observer = metrics.clone();
///     # fn stack(_: impl for<'a> tollgate::core::Observe<tollgate::Event<'a>>) {}
///     stack(observer);
///     // When somebody asks:
///     metrics.refresh(&Parts::new());
/// });
/// println!("{}", text.render());
/// # Ok::<_, metrics_exporter_prometheus::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Metrics {
    labels: Arc<Labels>,
    shown: Arc<Mutex<Shown>>,
}

impl Metrics {
    /// At most 200 targets.
    #[must_use]
    pub fn new() -> Self {
        Self::most_targets(200)
    }

    /// At most so many targets (pairs of provider and model); further ones are `other`.
    #[must_use]
    pub fn most_targets(most: usize) -> Self {
        Self {
            labels: Arc::new(Labels::new(most, false)),
            shown: Arc::default(),
        }
    }

    /// Looks up what each call counts once for each target, not with each event: a sixth of what events
    /// cost then.
    ///
    /// For programs that install one recorder before their first call. What was looked up stays with the
    /// recorder of that moment: leave this out where others follow (`with_local_recorder`), or where
    /// the recorder forgets what is idle (`idle_timeout` of `metrics-exporter-prometheus`).
    ///
    /// Set it before clones are made: the names known so far are forgotten.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate::Metrics;
    ///
    /// // PrometheusBuilder::new().install_recorder()?;
    /// let metrics = Metrics::new().keep_handles();
    /// # let _ = metrics;
    /// ```
    #[must_use]
    pub fn keep_handles(self) -> Self {
        Self {
            labels: Arc::new(Labels::new(self.labels.most, true)),
            shown: self.shown,
        }
    }

    /// Tells the recorder what each name means, and in which unit it is. [`refresh`](Self::refresh) does
    /// so too.
    pub fn describe(&self) {
        for name in &NAMES {
            name.describe();
        }
    }

    /// Sets the gauges to what the layers say now. What has gone since the last time is set to what it
    /// stands for: an empty queue, a whole limit, a closed breaker.
    pub fn refresh(&self, parts: &Parts<'_>) {
        self.describe();
        let now = Shown::of(parts, &self.labels);
        let mut shown = self
            .shown
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // Under the lock, so that of two who refresh at the same time the later one's stays.
        now.set(&shown);
        *shown = now;
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Observe<Event<'a>> for Metrics {
    fn observe(&self, event: &Event<'a>) {
        match event {
            // Each answer is counted with its attempt.
            #[cfg(feature = "classify")]
            Event::Classify(_) => {}
            #[cfg(feature = "retry")]
            Event::Retry(event) => layers::retry(&self.labels, event),
            #[cfg(feature = "limit")]
            Event::Limit(event) => layers::limit(&self.labels, event),
            #[cfg(feature = "breaker")]
            Event::Breaker(event) => layers::breaker(&self.labels, event),
            #[cfg(feature = "route")]
            Event::Route(event) => layers::route(&self.labels, event),
            Event::Attempted(event) => calls::attempted(&self.labels, event),
            Event::Finished(event) => calls::finished(&self.labels, event),
            Event::Delivered(event) => calls::delivered(&self.labels, event),
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
