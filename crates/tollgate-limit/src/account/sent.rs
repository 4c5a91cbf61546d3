//! What was sent lately and was not rejected.

use std::collections::VecDeque;

use tollgate_core::{Cost, LimitKind};

use super::time::Seconds;

/// Calls sent within this time share a step.
const STEP: Seconds = 0.002;

/// How many steps are kept. When there are more, pairs of the older half become one.
const STEPS: usize = 2_048;

/// What is older is forgotten.
const MEMORY: Seconds = 300.0;

/// Sums of calls, prompt tokens, answer tokens and images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) calls: u64,
    requests: u64,
    input: u64,
    output: u64,
    images: u64,
}

impl Sum {
    fn add(&mut self, cost: &Cost) {
        self.calls += 1;
        self.requests = self.requests.wrapping_add(cost.requests());
        self.input = self.input.wrapping_add(cost.input_tokens());
        self.output = self.output.wrapping_add(cost.output_tokens());
        self.images = self.images.wrapping_add(cost.images());
    }

    fn remove(&mut self, cost: &Cost) {
        self.calls = self.calls.saturating_sub(1);
        self.requests = self.requests.wrapping_sub(cost.requests());
        self.input = self.input.wrapping_sub(cost.input_tokens());
        self.output = self.output.wrapping_sub(cost.output_tokens());
        self.images = self.images.wrapping_sub(cost.images());
    }

    /// What every provider counts of `kind` when a call arrives.
    fn of(&self, kind: LimitKind) -> u64 {
        match kind {
            LimitKind::Requests => self.requests,
            LimitKind::Tokens | LimitKind::InputTokens => self.input,
            LimitKind::Images => self.images,
            _ => 0,
        }
    }
}

/// The calls of one step, and the sum of all up to its end.
#[derive(Debug, Clone, Copy)]
struct Step {
    at: Seconds,
    all: Sum,
}

impl Default for Step {
    /// Before all calls.
    fn default() -> Self {
        Self {
            at: Seconds::NEG_INFINITY,
            all: Sum::default(),
        }
    }
}

impl Step {
    /// A call sent then counts in this step, unless an earlier one has it.
    fn has(&self, sent: Seconds) -> bool {
        sent - self.at < STEP
    }
}

/// Own calls by the time of sending. Rejected calls are taken out again.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    steps: VecDeque<Step>,
    /// The last step that was forgotten.
    before: Step,
}

impl Sent {
    fn all(&self) -> Sum {
        self.steps.back().unwrap_or(&self.before).all
    }

    pub(crate) fn send(&mut self, cost: &Cost, now: Seconds) {
        let mut all = self.all();
        all.add(cost);
        match self.steps.back_mut() {
            Some(last) if last.has(now) => last.all = all,
            _ => {
                self.steps.push_back(Step { at: now, all });
                self.tidy(now);
            }
        }
    }

    /// A call sent at `sent` was rejected, or did not go.
    pub(crate) fn take_out(&mut self, cost: &Cost, sent: Seconds) {
        // The step of an old call may have become one with the next.
        let from = self.steps.partition_point(|step| !step.has(sent));
        // Most rejections come soon, so few steps are newer.
        for step in self.steps.range_mut(from..) {
            step.all.remove(cost);
        }
        if self.before.has(sent) {
            self.before.all.remove(cost);
        }
    }

    fn tidy(&mut self, now: Seconds) {
        while let Some(step) = self.steps.front() {
            if step.at >= now - MEMORY {
                break;
            }
            self.before = *step;
            self.steps.pop_front();
        }
        if self.steps.len() <= STEPS {
            return;
        }
        let old = self.steps.len() / 2;
        let mut at = 0;
        self.steps.retain(|_| {
            at += 1;
            at > old || at % 2 == 0
        });
    }

    /// The sum of what was sent up to `time`.
    fn until(&self, time: Seconds) -> &Sum {
        let after = self.steps.partition_point(|step| step.at <= time);
        match after.checked_sub(1) {
            Some(at) => &self.steps[at].all,
            None => &self.before.all,
        }
    }

    /// How many calls were sent after `from` and not after `to`.
    pub(crate) fn calls(&self, from: Seconds, to: Seconds) -> f64 {
        let calls = self.until(to).calls.saturating_sub(self.until(from).calls);
        calls as f64
    }

    /// How much of `kind` was sent after `time`.
    pub(crate) fn amount_after(&self, kind: LimitKind, time: Seconds) -> f64 {
        let amount = self.all().of(kind).wrapping_sub(self.until(time).of(kind));
        amount as f64
    }

    /// When the first call after `time` was sent.
    pub(crate) fn first_after(&self, time: Seconds) -> Option<Seconds> {
        let after = self.steps.partition_point(|step| step.at <= time);
        self.steps.get(after).map(|step| step.at)
    }
}

#[cfg(test)]
mod tests;
