//! What is kept of a run.

use std::time::Duration;

use http::StatusCode;
use tollgate_breaker::Event;

use super::end::End;
use crate::{
    figures::percentile,
    trace::{Sent, Trace},
};

/// What became of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) arrival: Duration,
    pub(super) took: Duration,
    pub(super) end: End,
}

/// Everything that can be seen of a run.
pub(super) struct Seen {
    /// By number.
    pub(super) calls: Vec<Call>,
    /// What went to each provider, in the order of the route.
    pub(super) traces: Vec<Trace>,
    /// What breakers told, and when.
    pub(super) breaker: Vec<(Duration, Event)>,
}

impl Seen {
    /// Everything that was sent, to whomever.
    pub(super) fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.traces.iter().flatten()
    }

    pub(super) fn count(&self, end: End) -> usize {
        self.calls.iter().filter(|call| call.end == end).count()
    }

    /// The time within which 95 of 100 calls that were answered had their answer, in milliseconds.
    pub(super) fn p95(&self) -> Option<u64> {
        millis(percentile(&self.took(), 95))
    }

    /// The same for all of them.
    pub(super) fn slowest(&self) -> Option<u64> {
        millis(percentile(&self.took(), 100))
    }

    fn took(&self) -> Vec<Duration> {
        let answered = self.calls.iter().filter(|it| it.end == End::Answered);
        let mut took: Vec<Duration> = answered.map(|call| call.took).collect();
        took.sort_unstable();
        took
    }
}

pub(super) fn served(sent: &Sent) -> bool {
    matches!(sent.answer, Some((_, StatusCode::OK)))
}

pub(super) fn millis(time: Duration) -> Option<u64> {
    u64::try_from(time.as_millis()).ok()
}
