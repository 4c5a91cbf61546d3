//! The state machine of one key: (state, input, now) → (state, decision). No clock, no lock, no I/O.

mod hand;

use std::num::NonZero;

use crate::{
    probes::Probes,
    rules::{Rules, Why},
    time::{DAY, Nanos, SECOND},
    window::{Counts, Window},
};

/// How long a call is sent away for that comes while all probes are out: an answer to one of them
/// is due at any moment, and to ask again costs next to nothing.
const COME_AGAIN: Nanos = SECOND;

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
    // How often it was opened without having been closed for a stable time.
    opens: u32,
    // The latest time at which a provider that failed said to come back, since the last success.
    told: Nanos,
    // When it was last asked for, or heard of.
    used: Nanos,
    refused: u64,
}

#[derive(Debug, Clone)]
enum Phase {
    // `held`: by hand, until reset.
    Closed { since: Nanos, held: bool },
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
}

const SUCCESS: Outcome = Outcome {
    failed: false,
    slow: false,
    told: 0,
    out: 0,
};

/// Where a success was counted, should its body break later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    tick: u64,
    number: u64,
    // The streak that the success ended.
    streak: u32,
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
            phase: Phase::Closed {
                since: now,
                held: false,
            },
            streak: 0,
            counted: 0,
            window: Window::new(rules.buckets, rules.bucket),
            opens: 0,
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
            self.enter(Phase::HalfOpen(Probes::default()));
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
    pub(crate) fn succeed(&mut self, pass: Pass, now: Nanos) -> Option<Counted> {
        if pass.epoch != self.epoch || !self.is_closed() {
            return None;
        }
        self.used = self.used.max(now);
        let streak = self.streak;
        let tick = self.count(SUCCESS, now);
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
            probes.successes += 1;
            let closes = probes.successes >= rules.successes;
            return (None, closes.then(|| self.close(now)));
        }
        let streak = self.streak;
        let tick = self.count(outcome, now);
        let counted = Counted {
            tick,
            number: self.counted,
            streak,
        };
        let step = match outcome.failed || outcome.slow {
            true => self.trip(rules, outcome.out, now, jitter),
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
        counted: Option<Counted>,
        slow: bool,
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
            told: 0,
            out: 0,
        };
        self.count(failure, now);
        self.trip(rules, 0, now, jitter)
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
        out: u32,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> Option<Step> {
        let Phase::Closed { since, held: false } = self.phase else {
            return None;
        };
        let why = rules.trip(self.streak, self.window.sum(now), out)?;
        if now.saturating_sub(since) >= rules.stable {
            self.opens = 0;
        }
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

    /// Half of the open time is certain, the other half is drawn; what the provider told is the
    /// least.
    fn open(&mut self, rules: &Rules, why: Why, now: Nanos, jitter: impl FnOnce() -> f64) -> Step {
        self.opens = self.opens.saturating_add(1);
        let most = rules.open_time(self.opens);
        let drawn = (jitter() * (most / 2) as f64) as Nanos;
        let until = now.saturating_add(most - most / 2 + drawn).max(self.told);
        self.enter(Phase::Open { until: Some(until) });
        Step::Opened {
            why,
            wait: until - now,
        }
    }

    fn close(&mut self, now: Nanos) -> Step {
        self.enter(Phase::Closed {
            since: now,
            held: false,
        });
        Step::Closed
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
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
