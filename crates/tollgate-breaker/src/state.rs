//! The state machine of one key: (state, input, now) → (state, decision). No clock, no lock, no I/O.

mod hand;

use std::{num::NonZero, time::Duration};

use tollgate_core::Usual;

use crate::{
    probes::Probes,
    rules::{Rules, Why},
    time::{DAY, Nanos, SECOND, nanos},
    window::{Counts, Window},
};

/// How long a call is sent away for that comes while all probes are out: an answer to one of them
/// is due at any moment, and to ask again costs next to nothing.
const COME_AGAIN: Nanos = SECOND;

/// Connections that break within so short a time are one event.
const TOGETHER: Nanos = SECOND / 20;

/// What came of a call that was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// It says nothing about the provider.
    Neutral,
    /// The provider had not answered for much longer than usual; and what changed with that.
    Failure(Option<Step>),
}

/// What is known about one key.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    // Changes with each change of phase. What was let in under another epoch counts nothing.
    epoch: u64,
    phase: Phase,
    // Failures since the last success.
    streak: u32,
    // How many results were counted, to see whether any came in between.
    counted: u64,
    window: Window,
    // Since when it is not closed, and for how long it was so before a restart.
    ill: Option<Nanos>,
    ill_before: Nanos,
    // What opened it last, and when; until it is closed.
    opened: Option<(Why, Nanos)>,
    // When the phase began.
    since: Nanos,
    // When the last connection that broke was counted.
    broke: Option<Nanos>,
    // When the last call that was dropped was counted.
    left: Option<Nanos>,
    // The latest time at which a call was sent that had an answer.
    answered: Nanos,
    // How long calls waited in vain since then that say nothing by themselves.
    silent: Nanos,
    usual: Usual,
    // The latest time at which a provider that failed said to come back, since the last success.
    told: Nanos,
    // When it was last asked for, or heard of.
    used: Nanos,
    refused: u64,
}

#[derive(Debug, Clone)]
enum Phase {
    // `held`: by hand, until reset.
    Closed { held: bool },
    // Without an end: by hand, until reset.
    Open { until: Option<Nanos> },
    HalfOpen(Probes),
}

/// A pass for one call, or for how long the call is sent away (`None`: until somebody resets it);
/// and what changed with that.
pub(crate) type Admission = (Result<Pass, Option<Nanos>>, Option<Step>);

/// The right to make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    epoch: u64,
    probe: Option<NonZero<u64>>,
}

impl Pass {
    /// Of a breaker that is closed, in this epoch.
    pub(crate) const fn closed(epoch: u64) -> Self {
        Self { epoch, probe: None }
    }

    pub(crate) const fn is_probe(&self) -> bool {
        self.probe.is_some()
    }
}

/// How a call ended, if that says anything about the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) failed: bool,
    pub(crate) slow: bool,
    /// The provider says to come back after this time.
    pub(crate) told: Nanos,
    /// So many other calls were sent and have not come back, which may yet be served.
    pub(crate) out: u32,
    /// A connection broke.
    pub(crate) broke: bool,
    /// No answer came.
    pub(crate) silent: bool,
    /// The time to its head, without what it waited below.
    pub(crate) took: Nanos,
}

const SUCCESS: Outcome = Outcome {
    failed: false,
    slow: false,
    told: 0,
    out: 0,
    broke: false,
    silent: false,
    took: 0,
};

/// Where a success was counted, should its body break later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    tick: u64,
    number: u64,
    // The streak that the success ended.
    streak: u32,
}

/// A body that broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Where its head was counted.
    pub(crate) counted: Option<Counted>,
    pub(crate) slow: bool,
    /// Bodies that broke in a row, this one included.
    pub(crate) breaks: u32,
}

/// A change of phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Opened { why: Why, wait: Nanos },
    HalfOpened,
    Closed,
}

/// The phase, for people to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Closed,
    Open { until: Option<Nanos> },
    HalfOpen { in_flight: usize },
}

impl Machine {
    pub(crate) fn new(rules: &Rules, now: Nanos) -> Self {
        Self {
            epoch: 0,
            phase: Phase::Closed { held: false },
            streak: 0,
            counted: 0,
            window: Window::new(rules.buckets, rules.bucket),
            ill: None,
            ill_before: 0,
            opened: None,
            since: now,
            broke: None,
            left: None,
            answered: 0,
            silent: 0,
            usual: Usual::default(),
            told: 0,
            used: now,
            refused: 0,
        }
    }

    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed { .. })
    }

    /// A call comes.
    pub(crate) fn admit(&mut self, rules: &Rules, now: Nanos) -> Admission {
        self.used = self.used.max(now);
        let mut step = None;
        if self.is_due(now) {
            self.enter(Phase::HalfOpen(Probes::default()), now);
            step = Some(Step::HalfOpened);
        }
        let epoch = self.epoch;
        let answer = match &mut self.phase {
            Phase::Closed { .. } => Ok(Pass::closed(epoch)),
            Phase::Open { until } => Err(until.map(|until| until - now)),
            Phase::HalfOpen(probes) => match probes.issue(rules.probe_timeout, now) {
                Ok(id) => Ok(Pass {
                    epoch,
                    probe: Some(id),
                }),
                Err(lost_in) => Err(Some(lost_in.min(COME_AGAIN))),
            },
        };
        self.refused += u64::from(answer.is_err());
        (answer, step)
    }

    /// A call succeeded that was let in while it was closed, as it still is; `None` for all others.
    #[inline]
    pub(crate) fn succeed(&mut self, pass: Pass, took: Nanos, now: Nanos) -> Option<Counted> {
        if pass.epoch != self.epoch || !self.is_closed() {
            return None;
        }
        self.used = self.used.max(now);
        self.hear_answer(took, now);
        let streak = self.streak;
        let tick = self.count(Outcome { took, ..SUCCESS }, now);
        Some(Counted {
            tick,
            number: self.counted,
            streak,
        })
    }

    /// A call came to an end that says something about the provider.
    pub(crate) fn settle(
        &mut self,
        rules: &Rules,
        pass: Pass,
        outcome: Outcome,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> (Option<Counted>, Option<Step>) {
        if pass.epoch != self.epoch {
            return (None, None);
        }
        self.used = self.used.max(now);
        if let Phase::HalfOpen(probes) = &mut self.phase {
            if let Some(id) = pass.probe {
                probes.give_back(id);
            }
            if outcome.failed || outcome.slow {
                return (
                    None,
                    Some(self.fail_probe(rules, outcome.told, now, jitter)),
                );
            }
            self.usual.add(Duration::from_nanos(outcome.took));
            probes.successes += 1;
            let closes = probes.successes >= rules.successes;
            return (None, closes.then(|| self.close(now)));
        }
        if !outcome.silent {
            self.hear_answer(outcome.took, now);
        }
        if outcome.broke && self.is_same_break(now) {
            return (None, None);
        }
        let streak = self.streak;
        let tick = self.count(outcome, now);
        let counted = Counted {
            tick,
            number: self.counted,
            streak,
        };
        let step = match outcome.failed || outcome.slow {
            true => self.trip(rules, 0, outcome.out, now, jitter),
            false => None,
        };
        ((!outcome.failed).then_some(counted), step)
    }

    /// A call was judged by its head, and then its body broke: a success becomes a failure, counted
    /// now. It goes on with the streak that its success had ended, if nothing was counted since.
    pub(crate) fn broke(
        &mut self,
        rules: &Rules,
        pass: Pass,
        broken: Broken,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> Option<Step> {
        if pass.epoch != self.epoch {
            return None;
        }
        self.used = self.used.max(now);
        if let Phase::HalfOpen(_) = self.phase {
            return Some(self.fail_probe(rules, 0, now, jitter));
        }
        let Broken {
            counted,
            slow,
            breaks,
        } = broken;
        if let Some(counted) = counted {
            let success = Counts::one(false, slow);
            self.window.take_back(success, counted.tick, now);
            if counted.number == self.counted {
                self.streak = counted.streak;
            }
        }
        let failure = Outcome {
            failed: true,
            slow,
            ..SUCCESS
        };
        self.count(failure, now);
        self.trip(rules, breaks, 0, now, jitter)
    }

    /// A call that was sent at this time was dropped before its head came.
    pub(crate) fn abandoned(
        &mut self,
        rules: &Rules,
        sent: Nanos,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> Abandoned {
        // A provider that answers calls which were sent later does not hang.
        if sent < self.since || sent < self.answered {
            return Abandoned::Neutral;
        }
        let waited = now.saturating_sub(sent);
        if !self.is_long(waited) {
            return Abandoned::Neutral;
        }
        // Who leaves together, leaves for one reason.
        if self
            .left
            .is_some_and(|at| now.saturating_sub(at) < TOGETHER)
        {
            return Abandoned::Neutral;
        }
        self.left = Some(now);
        self.used = self.used.max(now);
        match self.phase {
            Phase::Open { .. } => Abandoned::Neutral,
            Phase::HalfOpen(_) => Abandoned::Failure(Some(self.fail_probe(rules, 0, now, jitter))),
            Phase::Closed { .. } => {
                // Only in a row: where calls between are answered, it may be the callers.
                self.lengthen(0, now);
                Abandoned::Failure(self.trip(rules, 0, 0, now, jitter))
            }
        }
    }

    /// So long without an answer is much longer than usual; or it is together with all that was waited in
    /// vain since the last answer, so that a provider that hangs is found by impatient callers, too.
    pub(crate) fn is_long(&mut self, waited: Nanos) -> bool {
        if self.usual.is_brief(Duration::from_nanos(waited)) {
            return false;
        }
        let patience = nanos(self.usual.patience());
        self.silent = self.silent.saturating_add(waited);
        let long = self.silent >= patience;
        if long {
            self.silent = 0;
        }
        long
    }

    /// An answer came, for a call that took so long to its head.
    const fn hear_answer(&mut self, took: Nanos, now: Nanos) {
        let sent = now.saturating_sub(took);
        if sent > self.answered {
            self.answered = sent;
        }
        self.silent = 0;
    }

    /// Connections that break together are one event: somebody in between closed all of them.
    fn is_same_break(&mut self, now: Nanos) -> bool {
        let same = |first: Nanos| now.saturating_sub(first) < TOGETHER;
        if self.broke.is_some_and(same) {
            return true;
        }
        self.broke = Some(now);
        false
    }

    /// A call ended in a way that says nothing about the provider, or was dropped.
    pub(crate) fn give_back(&mut self, pass: Pass) {
        if let (Phase::HalfOpen(probes), Some(id)) = (&mut self.phase, pass.probe) {
            if pass.epoch == self.epoch {
                probes.give_back(id);
            }
        }
    }

    #[inline]
    fn count(&mut self, outcome: Outcome, now: Nanos) -> u64 {
        self.counted += 1;
        if outcome.failed {
            self.lengthen(outcome.told, now);
        } else {
            self.streak = 0;
            self.usual.add(Duration::from_nanos(outcome.took));
        }
        self.window
            .record(Counts::one(outcome.failed, outcome.slow), now)
    }

    /// One more failure in the row.
    // Out of the way of successes.
    #[cold]
    fn lengthen(&mut self, told: Nanos, now: Nanos) {
        self.forget_told();
        self.streak = self.streak.saturating_add(1);
        self.hear(told, now);
    }

    /// What was told before a success was disproved by it.
    const fn forget_told(&mut self) {
        if self.streak == 0 {
            self.told = 0;
        }
    }

    /// Remembers the latest end: of two waits the shorter one never wins.
    fn hear(&mut self, told: Nanos, now: Nanos) {
        self.told = self.told.max(now.saturating_add(told.min(DAY)));
    }

    fn trip(
        &mut self,
        rules: &Rules,
        breaks: u32,
        out: u32,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> Option<Step> {
        let Phase::Closed { held: false } = self.phase else {
            return None;
        };
        let streak = self.streak.max(breaks);
        let why = rules.trip(streak, self.window.sum(now), out)?;
        self.forget_told();
        Some(self.open(rules, why, now, jitter))
    }

    fn fail_probe(
        &mut self,
        rules: &Rules,
        told: Nanos,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> Step {
        self.hear(told, now);
        self.open(rules, Why::Probe, now, jitter)
    }

    /// Up to a tenth of the open time is drawn and added; what the provider told is the least.
    fn open(&mut self, rules: &Rules, why: Why, now: Nanos, jitter: impl FnOnce() -> f64) -> Step {
        let since = *self.ill.get_or_insert(now);
        let ill = now.saturating_sub(since).saturating_add(self.ill_before);
        let least = rules.open_time(ill);
        let drawn = (jitter() * (least / 10) as f64) as Nanos;
        let until = now.saturating_add(least + drawn).max(self.told);
        self.enter(Phase::Open { until: Some(until) }, now);
        self.opened = Some((why, now));
        Step::Opened {
            why,
            wait: until - now,
        }
    }

    fn close(&mut self, now: Nanos) -> Step {
        self.enter(Phase::Closed { held: false }, now);
        (self.ill, self.ill_before, self.opened) = (None, 0, None);
        Step::Closed
    }

    fn enter(&mut self, phase: Phase, now: Nanos) {
        self.phase = phase;
        self.since = now;
        self.epoch += 1;
        self.streak = 0;
        self.told = 0;
        self.window.clear();
    }

    const fn is_due(&self, now: Nanos) -> bool {
        matches!(self.phase, Phase::Open { until: Some(until) } if until <= now)
    }
}

#[cfg(test)]
mod tests;
