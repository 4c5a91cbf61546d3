//! How each target fared: counted, and averaged so that newer answers count more.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;
use tollgate_core::{Class, Quota, Target, Usual};

/// How much the newest answer counts in an average.
const NEWEST: f64 = 0.2;

/// What a quota header says holds until its reset, or for this long where it names none.
const SAID: Duration = Duration::from_secs(60);

/// Callers who leave say little about how long an answer may take: it is given so much at least.
const SOME: Duration = Duration::from_secs(10);

/// By how much that grows after each time that was too short.
const GROWTH: f64 = 1.05;

/// How a target fared so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Which target.
    pub target: Target,
    /// Attempts, those under way and those that a layer below rejected included.
    pub asked: u64,
    /// Attempts that were answered with a success.
    pub served: u64,
    /// Attempts whose answer is awaited.
    pub in_flight: u32,
    /// Attempts that ended without an answer in time, since the last success; of those that were dropped
    /// only such that waited for much longer than answers take.
    pub timeouts: u32,
    /// The part that succeeded, 0 to 1; newer ones count more. Calls that were wrong themselves, and
    /// what a layer below refused, count neither way. A stream that carries an error event counts as a
    /// success when its head comes, and as a failure when the event comes.
    pub success_rate: Option<f64>,
    /// Time to the head of a success, in seconds, without the time it was queued here; newer ones
    /// count more.
    pub latency: Option<f64>,
    /// The same for successes that are streams of events: with a classifier below that holds a
    /// stream back until its first event, the time to that event.
    pub first_token: Option<f64>,
    /// What its successes cost together, as far as their calls said what they take and the target
    /// has a price.
    pub spent: f64,
}

/// One attempt that ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    /// `None` where a layer below refused it.
    pub(crate) class: Option<Class>,
    pub(crate) took: Duration,
    pub(crate) stream: bool,
    pub(crate) cost: f64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Record {
    served: u64,
    spent: f64,
    timeouts: u32,
    /// An attempt was in vain since the last success.
    silent: bool,
    pub(crate) usual: Usual,
    /// How long the last caller waited who left before an answer came; until the next success.
    gave_up: Option<Duration>,
    pub(crate) success_rate: Option<f64>,
    latency: Option<f64>,
    first_token: Option<f64>,
    left: Option<(f64, Instant)>,
}

impl Record {
    fn add(&mut self, ended: &Ended) {
        let served = ended.class == Some(Class::Ok);
        if ended
            .class
            .is_some_and(|class| class != Class::InvalidRequest)
        {
            average(&mut self.success_rate, f64::from(u8::from(served)));
        }
        if ended.class == Some(Class::Timeout) {
            self.timeouts = self.timeouts.saturating_add(1);
            self.silent = true;
            self.gave_up = self.gave_up.map(|time| time.mul_f64(GROWTH));
        }
        if served {
            (self.timeouts, self.silent, self.gave_up) = (0, false, None);
            self.usual.add(ended.took);
            self.served += 1;
            self.spent += ended.cost;
            average(&mut self.latency, ended.took.as_secs_f64());
            if ended.stream {
                average(&mut self.first_token, ended.took.as_secs_f64());
            }
        }
    }

    /// An attempt had no answer after this time, which for its call was the end.
    fn in_vain(&mut self, waited: Duration) {
        if self.usual.is_brief(waited) {
            return;
        }
        self.silent = true;
        if waited >= self.usual.patience() {
            self.timeouts = self.timeouts.saturating_add(1);
            average(&mut self.success_rate, 0.0);
        }
    }

    /// A caller left after it had waited for so long for an attempt.
    fn abandoned(&mut self, waited: Duration) {
        self.in_vain(waited);
        if self.silent {
            self.gave_up = Some(waited);
        }
    }

    /// A stream that had begun well carried an error event: the success was none.
    fn stream_failed(&mut self, class: Class) {
        if class != Class::InvalidRequest {
            average(&mut self.success_rate, 0.0);
        }
    }

    /// How much of the time that a call has left an attempt may take while another target is there: half
    /// of it, and at least what answers usually take.
    ///
    /// Where nothing was answered since an attempt was in vain, it is what answers usually take, but some time
    /// is kept for others. Where that is not known, it is half of what callers waited who left; a little more
    /// after each time that was too short, so that a slow target is not locked out.
    pub(crate) fn share(&self, left: Duration) -> Duration {
        let least = self.usual.patience();
        if !self.silent {
            return (left / 2).max(least);
        }
        if let Some(slowest) = self.usual.slowest() {
            let left = self.gave_up.map_or(left, |time| time.min(left));
            return least.min((left * 3 / 4).max(slowest));
        }
        let half = left / 2;
        match self.gave_up {
            Some(time) => (time / 2).max(SOME).min(half),
            None => half,
        }
    }

    /// Takes over what an answer says is left: the scarcest of what it names.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a part of a limit needs no 16 digits"
    )]
    fn told(&mut self, quota: &Quota, now: Instant) {
        let parts = quota.iter().filter_map(|one| {
            let (limit, remaining) = (one.limit?, one.remaining?);
            let part = remaining.min(limit) as f64 / limit.max(1) as f64;
            Some((part, now.checked_add(one.reset.unwrap_or(SAID))?))
        });
        if let Some(scarcest) = parts.min_by(|a, b| a.0.total_cmp(&b.0)) {
            self.left = Some(scarcest);
        }
    }

    /// The part that is left, unless that was long ago.
    pub(crate) fn left(&self, now: Instant) -> Option<f64> {
        self.left
            .filter(|(_, until)| now < *until)
            .map(|(part, _)| part)
    }

    pub(crate) fn latency(&self) -> Option<Duration> {
        self.latency.map(Duration::from_secs_f64)
    }

    pub(crate) fn first_token(&self) -> Option<Duration> {
        self.first_token.map(Duration::from_secs_f64)
    }
}

fn average(so_far: &mut Option<f64>, newest: f64) {
    *so_far = Some(so_far.map_or(newest, |old| old + NEWEST * (newest - old)));
}

/// The records of all targets, by their number.
#[derive(Debug)]
pub(crate) struct Outcomes(Vec<Arc<Slot>>);

/// One target. Shared by all tables that have it.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    asked: AtomicU64,
    in_flight: AtomicU32,
    record: Mutex<Record>,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Record> {
        // No count is left half done by a panic.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<Arc<Slot>> for Outcomes {
    fn from_iter<I: IntoIterator<Item = Arc<Slot>>>(slots: I) -> Self {
        Self(slots.into_iter().collect())
    }
}

impl Outcomes {
    /// An attempt begins. It ends with `leave`.
    pub(crate) fn enter(&self, site: usize) {
        self.0[site].asked.fetch_add(1, Ordering::Relaxed);
        self.0[site].in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// An attempt is over, or was dropped.
    pub(crate) fn leave(&self, site: usize) {
        self.0[site].in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, site: usize, ended: &Ended, quota: Option<&Quota>, now: Instant) {
        let mut record = self.0[site].lock();
        record.add(ended);
        if let Some(quota) = quota.filter(|quota| !quota.is_empty()) {
            record.told(quota, now);
        }
    }

    pub(crate) fn abandoned(&self, site: usize, waited: Duration) {
        self.0[site].lock().abandoned(waited);
    }

    pub(crate) fn stream_failed(&self, site: usize, class: Class) {
        self.0[site].lock().stream_failed(class);
    }

    /// An attempt ended at the deadline of its call.
    pub(crate) fn in_vain(&self, site: usize, waited: Duration) {
        self.0[site].lock().in_vain(waited);
    }

    pub(crate) fn in_flight(&self, site: usize) -> u32 {
        self.0[site].in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn record(&self, site: usize) -> Record {
        *self.0[site].lock()
    }

    pub(crate) fn outcome(&self, site: usize, target: Target) -> Outcome {
        let record = self.record(site);
        Outcome {
            target,
            asked: self.0[site].asked.load(Ordering::Relaxed),
            served: record.served,
            in_flight: self.in_flight(site),
            timeouts: record.timeouts,
            success_rate: record.success_rate,
            latency: record.latency,
            first_token: record.first_token,
            spent: record.spent,
        }
    }
}

#[cfg(test)]
mod tests;
