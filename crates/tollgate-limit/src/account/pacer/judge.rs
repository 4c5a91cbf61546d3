//! What a rejection means: the end of a pace, or of a window.

use super::{Pacer, flow::Flow};
use crate::account::{level::shortest, sent::Sent, time::Seconds};

/// A pace between two rejections counts if so many calls went between them, or if much was lost.
const ENOUGH: f64 = 8.0;

/// A pace below this, in calls a second, takes long to be found wrong.
const SLOW: f64 = 2.0;

/// A pace is sure, however few calls it was measured by, where so many times the budget was lost.
const LOST: f64 = 3.0;

/// A pace of few calls takes the place of this part of the old one at most.
const KEPT: f64 = 0.8;

/// What a judged rejection turned out to mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::account) struct Judged {
    /// The wait that it stated.
    pub(in crate::account) wait: Option<Seconds>,
    /// Calls a second, where it was the end of a pace.
    pub(in crate::account) pace: Option<f64>,
    /// Calls that were taken between the opening and the rejection, where there were any.
    pub(in crate::account) taken: Option<f64>,
}

impl Pacer {
    /// What the last rejection meant. All rejections of its burst are in by now.
    pub(in crate::account) fn judge(
        &mut self,
        sent: &Sent,
        stated: Option<f64>,
        now: Seconds,
    ) -> Option<Judged> {
        let (at, wait) = self.pending.take()?;
        let taken = sent.calls(self.ramp.opened - 1e-6, at);
        // Calls of an exact limit go without a ramp. From now on they need one.
        self.is_open = true;
        let pace = match wait {
            None => self.silence.pace(sent, at),
            Some(_) => None,
        };
        let pace = pace.or_else(|| self.pace_since_last(sent, at));
        // Few calls may be as many as the ramp sent, and say nothing of the provider.
        let between = self.before.map_or(0.0, |before| sent.calls(before, at));
        let pace = pace.filter(|_| between >= ENOUGH || self.is_tight());
        // A pause and a few calls look like a slow pace, whatever went before them.
        let pace = pace.map(|pace| match between < ENOUGH && pace < SLOW {
            true => pace.max(sent.calls(at - 60.0, at) / 60.0),
            false => pace,
        });
        let pace = pace.filter(|pace| match wait {
            Some(wait) => shortest(wait) * pace <= 1.5,
            None => self.silence.in_a_row == 0,
        });
        if taken >= 1.0 {
            // What ended so twice ends so again, whatever the headers call the limit.
            let is_same = (0.5..2.0).contains(&(self.proven / taken));
            let stated = stated.filter(|limit| *limit >= 1.0 && !is_same);
            self.capacity = Some(stated.unwrap_or(taken));
            self.proven = taken;
        }
        let few = self
            .before
            .is_none_or(|before| sent.calls(before, at) < 30.0);
        self.before = Some(at);
        self.busy_since = Some(at);
        self.silence.remember(at);
        let old = self.flow.take();
        match pace {
            Some(pace) => {
                // Few calls say little: the old pace is not given up for them.
                let kept = old.filter(|_| few).map_or(0.0, |old| old.rate * KEPT);
                // What a person configured is right until much was lost.
                let configured = self.configured_rate.filter(|_| !self.is_tight());
                let pace = pace.max(kept).max(configured.unwrap_or(0.0));
                let most = if wait.is_some() { pace } else { 1.0 };
                let room = (pace * (now - at)).min(most);
                let calls = match self.spent > LOST * self.budget() {
                    true => f64::INFINITY,
                    false => between.max(1.0),
                };
                self.flow = Some(Flow::new(pace, calls, room, now));
            }
            None => {
                if wait.is_none_or(|wait| wait > 2.0) {
                    let calls = sent.calls(at - 60.0, at);
                    self.minute = (calls >= 1.0).then_some(calls);
                }
                self.ramp.open(now, 1.0, self.capacity);
            }
        }
        Some(Judged {
            wait,
            pace,
            taken: (taken >= 1.0).then_some(taken),
        })
    }

    fn pace_since_last(&self, sent: &Sent, at: Seconds) -> Option<f64> {
        let from = self.busy_since?;
        let (calls, time) = (sent.calls(from, at), at - from);
        (calls >= 1.0 && time > 0.2 && time < 300.0).then(|| calls / time)
    }
}
