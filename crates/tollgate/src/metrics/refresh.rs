//! Gauges, read from the handles of the layers.

use std::collections::BTreeMap;

use metrics::{Label, gauge};

use super::{labels::Labels, names};
use crate::state::Parts;

/// What the gauges show: by name and labels.
#[derive(Debug, Default)]
pub(super) struct Shown {
    gauges: BTreeMap<(&'static str, Vec<Label>), f64>,
    /// What a budget holds that nothing was taken from.
    full_budget: f64,
}

impl Shown {
    #[cfg_attr(
        not(any(
            feature = "limit",
            feature = "retry",
            feature = "breaker",
            feature = "route"
        )),
        expect(unused_variables, reason = "there is nothing to look at then")
    )]
    pub(super) fn of(parts: &Parts<'_>, known: &Labels) -> Self {
        let mut shown = Self::default();
        shown.sleepers(parts);
        #[cfg(feature = "limit")]
        let shown = shown.limits(parts, known);
        #[cfg(feature = "breaker")]
        let shown = shown.breakers(parts, known);
        #[cfg(feature = "retry")]
        let shown = shown.budgets(parts, known);
        #[cfg(feature = "route")]
        let shown = shown.cooldowns(parts, known);
        shown
    }

    /// Sets all gauges, and those that have gone since.
    pub(super) fn set(&self, before: &Self) {
        for ((name, labels), value) in &self.gauges {
            gauge!(*name, labels.iter()).set(*value);
        }
        let gone = before.gauges.iter();
        for ((name, labels), _) in gone.filter(|(key, _)| !self.gauges.contains_key(*key)) {
            let value = match *name {
                names::LIMIT | names::PER_MINUTE => continue,
                // Nobody is below a limit that is gone.
                names::BELOW_RATIO => 1.0,
                // A key is forgotten only when nothing of it is taken.
                names::REMAINING => {
                    let limit = before.gauges.get(&(names::LIMIT, labels.clone()));
                    limit.copied().unwrap_or(0.0)
                }
                names::BUDGET => self.full_budget,
                _ => 0.0,
            };
            gauge!(*name, labels.iter()).set(value);
        }
    }

    fn sleepers(&mut self, parts: &Parts<'_>) {
        for group in parts.sleepers.map_or_else(Vec::new, crate::state::asleep) {
            let labels = [
                Label::new("before", group.before),
                Label::from_static_parts("reason", group.reason),
            ];
            self.add(names::SLEEPING, &labels, group.calls as f64);
        }
    }

    /// Where several have the same labels, which is so for `other`, they are taken together.
    fn add(&mut self, name: &'static str, labels: &[Label], value: f64) {
        *self.gauges.entry((name, labels.to_vec())).or_default() += value;
    }

    /// Of several with the same labels the largest counts.
    #[cfg(any(feature = "limit", feature = "breaker"))]
    fn most(&mut self, name: &'static str, labels: &[Label], value: f64) {
        let gauge = self.gauges.entry((name, labels.to_vec())).or_default();
        *gauge = gauge.max(value);
    }
}

#[cfg(feature = "limit")]
impl Shown {
    /// Of several with the same labels the smallest counts.
    fn least(&mut self, name: &'static str, labels: &[Label], value: f64) {
        let gauge = self.gauges.entry((name, labels.to_vec()));
        let gauge = gauge.or_insert(f64::INFINITY);
        *gauge = gauge.min(value);
    }

    fn limits(mut self, parts: &Parts<'_>, known: &Labels) -> Self {
        let now = tokio::time::Instant::now();
        let until = |at: tokio::time::Instant| at.saturating_duration_since(now).as_secs_f64();
        for key in parts
            .limit
            .map_or_else(Vec::new, tollgate_limit::Handle::states)
        {
            let labels = known.with_account(&key.target);
            self.add(names::QUEUE, &labels, whole(key.queued as u64));
            self.add(names::IN_FLIGHT, &labels, f64::from(key.in_flight));
            self.add(names::RESERVED, &labels, whole(key.reserved.tokens()));
            let gates = key.closed.iter().map(|gate| until(gate.until));
            self.most(names::GATE, &labels, gates.fold(0.0, f64::max));
            if let Some(below) = &key.below {
                let mut labels = labels.clone();
                labels.push(Label::from_static_parts("kind", below.kind.as_str()));
                let part = below.actual / below.configured.max(f64::MIN_POSITIVE);
                self.least(names::BELOW_RATIO, &labels, part);
            }
            for one in &key.limits {
                let mut labels = labels.clone();
                let window = one.window.map_or("", tollgate_core::Window::as_str);
                labels.push(Label::from_static_parts("kind", one.kind.as_str()));
                labels.push(Label::from_static_parts("window", window));
                self.add(names::LIMIT, &labels, whole(one.limit));
                self.add(names::REMAINING, &labels, whole(one.remaining));
                if let Some(rate) = one.per_minute {
                    self.add(names::PER_MINUTE, &labels, rate);
                }
                let reset = one.resets_at.map_or(0.0, until);
                self.most(names::RESET, &labels, reset);
            }
        }
        self
    }
}

/// A gauge needs no more than 15 digits.
#[cfg(feature = "limit")]
fn whole(n: u64) -> f64 {
    n as f64
}

#[cfg(feature = "breaker")]
impl Shown {
    fn breakers(mut self, parts: &Parts<'_>, known: &Labels) -> Self {
        use tollgate_breaker::State;
        for status in parts
            .breaker
            .map_or_else(Vec::new, tollgate_breaker::Handle::list)
        {
            let state = match status.state() {
                State::Closed => 0.0,
                State::HalfOpen => 1.0,
                _ => 2.0,
            };
            let labels = known.with_account(status.target());
            self.most(names::BREAKER, &labels, state);
        }
        self
    }
}

#[cfg(feature = "retry")]
impl Shown {
    fn budgets(mut self, parts: &Parts<'_>, known: &Labels) -> Self {
        let Some(handle) = parts.retry else {
            return self;
        };
        // Nobody is called so: its budget is untouched.
        self.full_budget = handle.budget("").unwrap_or(0.0);
        for (host, tokens) in handle.budgets() {
            self.add(names::BUDGET, &known.provider(&host), tokens);
        }
        self
    }
}

#[cfg(feature = "route")]
impl Shown {
    fn cooldowns(mut self, parts: &Parts<'_>, known: &Labels) -> Self {
        for one in parts
            .route
            .map_or_else(Vec::new, tollgate_route::Handle::cooldowns)
        {
            let mut labels = vec![Label::from_static_parts("class", one.class.as_str())];
            labels.extend(known.with_account(&one.target));
            self.add(names::COOLDOWNS, &labels, 1.0);
        }
        self
    }
}
