//! The state machine as it is looked at and moved by hand.

use super::{COME_AGAIN, Machine, Phase, View};
use crate::{
    rules::{Rules, Why},
    time::{Nanos, SECOND},
    window::Counts,
};

/// A breaker whose open time is over, and that nobody asked for since so long, may be forgotten.
const FORGOTTEN: Nanos = 3_600 * SECOND;

impl Machine {
    /// The phase now. A breaker whose open time is over is open until the next call comes.
    pub(crate) fn view(&self) -> View {
        match &self.phase {
            Phase::Closed { .. } => View::Closed,
            Phase::Open { until } => View::Open { until: *until },
            Phase::HalfOpen(probes) => View::HalfOpen {
                in_flight: probes.in_flight(),
            },
        }
    }

    /// How long until a call would pass: zero for now, `None` for never.
    pub(crate) fn wait(&self, rules: &Rules, now: Nanos) -> Option<Nanos> {
        match &self.phase {
            Phase::Closed { .. } => Some(0),
            Phase::Open { until } => until.map(|until| until.saturating_sub(now)),
            Phase::HalfOpen(probes) => Some(probes.wait(rules.probe_timeout, now).min(COME_AGAIN)),
        }
    }

    /// Counts the refusal of a call that did not come to the gate itself.
    pub(crate) fn refuse(&mut self, now: Nanos) {
        self.used = self.used.max(now);
        self.refused += 1;
    }

    /// It is in its phase by hand.
    pub(crate) const fn is_held(&self) -> bool {
        matches!(
            self.phase,
            Phase::Closed { held: true, .. } | Phase::Open { until: None }
        )
    }

    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) const fn streak(&self) -> u32 {
        self.streak
    }

    /// How long it has been ill: not closed without a break.
    pub(crate) fn ill(&self, now: Nanos) -> Option<Nanos> {
        let here = now.saturating_sub(self.ill?);
        Some(here.saturating_add(self.ill_before))
    }

    /// What opened it, and when; nothing where that was done by hand.
    pub(crate) const fn opened(&self) -> Option<(Why, Nanos)> {
        self.opened
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }

    pub(crate) fn counts(&mut self, now: Nanos) -> Counts {
        self.window.sum(now)
    }

    /// Opens it, until then or until it is reset.
    pub(crate) fn force_open(&mut self, until: Option<Nanos>, now: Nanos) {
        self.enter(Phase::Open { until }, now);
        self.ill.get_or_insert(now);
        self.opened = None;
    }

    /// Opens it as it was before the program was started again, when it had been ill for so long.
    pub(crate) fn restore(&mut self, until: Option<Nanos>, ill: Nanos, now: Nanos) {
        self.force_open(until, now);
        self.ill_before = ill;
    }

    /// Closes it until it is reset, whatever happens.
    pub(crate) fn force_closed(&mut self, now: Nanos) {
        self.close(now);
        self.phase = Phase::Closed { held: true };
    }

    /// As if it were new.
    pub(crate) fn reset(&mut self, now: Nanos) {
        self.close(now);
    }

    /// To forget it loses nothing but a number of successes.
    pub(crate) fn is_blank(&mut self, now: Nanos) -> bool {
        let Phase::Closed { held: false } = self.phase else {
            return false;
        };
        let Counts { failures, slow, .. } = self.window.sum(now);
        self.streak == 0 && failures == 0 && slow == 0
    }

    /// What it knows is so old that it may be forgotten where there is no room. Never while it is
    /// open, nor while it is held by hand.
    pub(crate) fn is_old(&self, rules: &Rules, now: Nanos) -> bool {
        let least = match self.phase {
            _ if self.is_held() => return false,
            Phase::Closed { .. } => rules.window(),
            Phase::Open { .. } if !self.is_due(now) => return false,
            Phase::Open { until } => {
                let over = until.map_or(0, |until| now.saturating_sub(until));
                return over.min(now.saturating_sub(self.used)) >= FORGOTTEN;
            }
            Phase::HalfOpen(_) => FORGOTTEN,
        };
        now.saturating_sub(self.used) >= least
    }
}
