//! The counters and histograms of one target.

use std::sync::{PoisonError, RwLock};

use metrics::{Counter, Histogram, Label, counter, histogram};

use super::{
    calls::with,
    labels::{Pair, labels},
};

/// A label beside those of the target: its name, and one of a few values.
pub(super) type Extra = Option<(&'static str, &'static str)>;

/// The labels of one target, and what was looked up with them, where that is kept.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) pair: Pair,
    kept: Option<Kept>,
}

/// A dozen at most, so a walk finds one sooner than a map.
#[derive(Debug, Default)]
struct Kept {
    counters: RwLock<Vec<(Of, Counter)>>,
    histograms: RwLock<Vec<(Of, Histogram)>>,
}

/// The name, and the label beside those of the target.
type Of = (&'static str, Extra);

impl Series {
    pub(super) fn new(pair: Pair, keeps: bool) -> Self {
        Self {
            pair,
            kept: keeps.then(Kept::default),
        }
    }

    pub(super) fn count(&self, name: &'static str, extra: Extra, by: u64) {
        let look_up = || counter!(name, self.labels(extra));
        match &self.kept {
            None => look_up().increment(by),
            Some(kept) => used(&kept.counters, (name, extra), look_up, |it| {
                it.increment(by);
            }),
        }
    }

    pub(super) fn record(&self, name: &'static str, extra: Extra, value: f64) {
        let look_up = || histogram!(name, self.labels(extra));
        match &self.kept {
            None => look_up().record(value),
            Some(kept) => used(&kept.histograms, (name, extra), look_up, |it| {
                it.record(value);
            }),
        }
    }

    fn labels(&self, extra: Extra) -> Vec<Label> {
        let rest = labels(self.pair.clone());
        match extra {
            Some((label, value)) => with(label, value, rest),
            None => rest,
        }
    }
}

/// Uses what is kept, or looks it up first.
fn used<T>(kept: &RwLock<Vec<(Of, T)>>, of: Of, look_up: impl FnOnce() -> T, act: impl FnOnce(&T)) {
    let find = |all: &[(Of, T)]| all.iter().position(|(other, _)| *other == of);
    {
        let all = kept.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = find(&all) {
            return act(&all[at].1);
        }
    }
    let new = look_up();
    act(&new);
    let mut all = kept.write().unwrap_or_else(PoisonError::into_inner);
    if find(&all).is_none() {
        all.push((of, new));
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    fn counted(keeps: bool) -> [String; 2] {
        let series = Series::new(("groq".into(), "m".into()), keeps);
        let recorders = [0, 1].map(|_| PrometheusBuilder::new().build_recorder());
        for recorder in &recorders {
            metrics::with_local_recorder(recorder, || {
                for outcome in ["ok", "ok", "rate_limited"] {
                    let outcome = Some(("outcome", outcome));
                    series.count("calls", outcome, 1);
                    series.record("wait", None, 0.5);
                    series.record("took", outcome, 0.5);
                }
                series.count("calls", None, 3);
            });
        }
        recorders.map(|recorder| {
            // In whatever order they are kept there.
            let text = recorder.handle().render();
            let mut lines: Vec<_> = text.lines().collect();
            lines.sort_unstable();
            lines.join("\n")
        })
    }

    #[test]
    fn what_is_kept_counts_as_what_is_looked_up() {
        let [each, again] = counted(false);
        assert_eq!(each, again);
        assert!(each.contains(r#"calls{outcome="ok",provider="groq",model="m"} 2"#));
        let [first, second] = counted(true);
        assert!(first.contains(r#"calls{outcome="ok",provider="groq",model="m"} 4"#));
        assert_eq!(second, "", "it stays with the recorder it was found in");
        assert_eq!(first.lines().count(), each.lines().count());
    }
}
