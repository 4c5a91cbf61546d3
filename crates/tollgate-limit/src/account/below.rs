//! A key that runs below what is configured for it.

use tollgate_core::{Dimension, LimitKind};

use super::{Account, Below, Change, Guard, Reason, levels, pacer::Judged};

/// Calls at less than this part of a configured limit are worth an event.
const PART: f64 = 0.8;

impl Account {
    /// Holds what a rejection meant against the configured limit of requests.
    pub(super) fn compare(&mut self, judged: &Judged) {
        let requests = |guard: &&Guard| guard.kind() == LimitKind::Requests;
        let Some(guard) = self.guards.iter().find(requests) else {
            return;
        };
        let configured = guard.per_minute();
        let (actual, reason) = match (judged.pace, judged.taken, judged.wait) {
            (Some(pace), ..) => (pace * 60.0, Reason::Pace),
            (None, Some(taken), Some(wait)) if wait > 2.0 => (taken, Reason::Window),
            _ => return,
        };
        self.set_below(LimitKind::Requests, configured, actual, reason);
    }

    /// Holds a limit that headers state against the configured one.
    pub(super) fn compare_headers(&mut self, said: &Dimension) {
        let Some(limit) = said.limit.filter(|limit| *limit > 0) else {
            return;
        };
        let same =
            |guard: &&Guard| guard.kind() == said.kind && levels::is_of(said.window, &guard.limit);
        let Some(guard) = self.guards.iter().find(same) else {
            return;
        };
        let per_minute = guard.per_minute();
        let part = limit as f64 / guard.limit.amount().max(1) as f64;
        // The limit of a bucket's header may be its burst.
        if guard.limit.shape().is_none() {
            self.set_below(said.kind, per_minute, per_minute * part, Reason::Headers);
        }
    }

    fn set_below(&mut self, kind: LimitKind, configured: f64, actual: f64, reason: Reason) {
        let Some(learned) = &mut self.learned else {
            return;
        };
        let is_below = actual < PART * configured;
        let below = is_below.then_some(Below {
            kind,
            configured,
            actual,
            reason,
        });
        let old = std::mem::replace(&mut learned.below, below);
        let is_news = |below: &Below| {
            old.is_none_or(|old| old.reason != reason || below.actual < 0.5 * old.actual)
        };
        if let Some(below) = below.filter(is_news) {
            self.note(Change::Below(below));
        }
    }
}
