//! What came of a run, read off what went over the wire.

use std::time::Duration;

use http::StatusCode;
use tollgate_test::Stats;

use super::{
    case::Case,
    figures::{hash, is_rejected, peak, percentile},
    twist::Twist,
    wire::{Sent, Trace},
};

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// Time until the last answer, by the best there is for as many calls as the row has.
    pub(crate) ratio: f64,
    /// Rejections for each success.
    pub(crate) wasted: f64,
    pub(crate) lost: usize,
    /// From the start until the sending that was answered.
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// The most that were sent in any 100 ms.
    pub(crate) peak: usize,
    /// The best time there is for the calls that were answered, by the time they took.
    pub(crate) goodput: f64,
    /// The part of the calls that were answered.
    pub(crate) success: f64,
    /// The part of the neighbours' calls that were served.
    pub(crate) neighbours: Option<f64>,
    pub(crate) hash: u64,
    /// When answers came.
    pub(crate) answers: Vec<Duration>,
}

impl Outcome {
    pub(crate) fn of(trace: &Trace, stats: &Stats, case: &Case, seed: u64) -> Self {
        let served = |sent: &&Sent| matches!(sent.answer, Some((_, StatusCode::OK)));
        let mut waits: Vec<_> = trace.iter().filter(served).map(|sent| sent.at).collect();
        let answers = trace.iter().filter(served).filter_map(|sent| sent.answer);
        let mut answers: Vec<_> = answers.map(|(came, _)| came).collect();
        waits.sort_unstable();
        answers.sort_unstable();
        let span = answers.last().map_or(f64::NAN, Duration::as_secs_f64);
        let best = |n| case.optimum(n, seed).as_secs_f64();
        let rejected = trace.iter().filter(|it| is_rejected(it)).count();
        let part = |n: u64, of: u64| n as f64 / of.max(1) as f64;
        Self {
            ratio: span / best(case.calls),
            wasted: rejected as f64 / answers.len().max(1) as f64,
            lost: case.calls - answers.len(),
            p50: percentile(&waits, 50),
            p99: percentile(&waits, 99),
            peak: peak(trace, Duration::from_millis(100)),
            goodput: best(answers.len()) / span,
            success: part(answers.len() as u64, case.calls as u64),
            neighbours: (case.twist == Twist::Neighbours)
                .then(|| part(stats.neighbours_served, stats.neighbours)),
            hash: hash(trace),
            answers,
        }
    }
}
