//! The figures of a run that every story has.

use std::time::Duration;

use super::{
    Extra,
    end::End,
    seen::{Seen, served},
};
use crate::{
    figures::{hash, is_rejected, peak, percentile},
    trace::{Sent, Trace},
};

/// What came of one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// Rejections for each success.
    pub(super) wasted: f64,
    pub(super) lost: usize,
    /// Turned away by the client itself.
    pub(super) rejected: usize,
    /// From arrival until the sending that was answered.
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// The most that were sent in any 100 ms, to all providers together.
    pub(super) peak: usize,
    /// The part of the calls that were answered.
    pub(super) success: f64,
    pub(super) hash: u64,
    pub(super) extra: Extra,
}

impl Outcome {
    pub(super) fn of(seen: &Seen, extra: Extra) -> Self {
        let wait = |sent: &Sent| sent.at.saturating_sub(seen.calls[sent.call].arrival);
        let answered = seen.sent().filter(|it| served(it));
        let mut waits: Vec<Duration> = answered.map(wait).collect();
        waits.sort_unstable();
        let rejected = seen.sent().filter(|it| is_rejected(it)).count();
        let answered = seen.count(End::Answered);
        let mut trace: Trace = seen.sent().copied().collect();
        // What one provider saw stays in its order.
        trace.sort_by_key(|sent| sent.at);
        Self {
            wasted: rejected as f64 / answered.max(1) as f64,
            lost: seen.count(End::Lost),
            rejected: seen.count(End::Refused),
            p50: percentile(&waits, 50),
            p99: percentile(&waits, 99),
            peak: peak(&trace, Duration::from_millis(100)),
            success: answered as f64 / seen.calls.len().max(1) as f64,
            hash: hash(&trace),
            extra,
        }
    }
}
