//! What came of a run, read off what went over the wire.

use std::time::Duration;

use http::StatusCode;
use tollgate_test::Stats;

use super::{
    case::Case,
    figures::{hash, is_rejected, late, peak, percentile, waiting},
    trace::{Sent, Told, Trace},
    twist::Twist,
};

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// Time until the last answer, by the best there is for as many calls as the row has. Not where
    /// calls keep coming.
    pub(crate) ratio: Option<f64>,
    /// Rejections for each success.
    pub(crate) wasted: f64,
    pub(crate) lost: usize,
    /// Turned away by the client itself.
    pub(crate) rejected: usize,
    /// How long a call was at most kept that was turned away then; beyond its time, if it was told
    /// only at the end of that.
    pub(crate) refusal: Option<Duration>,
    /// The most that waited at the same time, where calls keep coming.
    pub(crate) waiting: Option<usize>,
    /// How often breakers changed their state, where calls keep coming.
    pub(crate) flaps: Option<u64>,
    /// From arrival until the sending that was answered.
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// The most that were sent in any 100 ms.
    pub(crate) peak: usize,
    /// The best time there is for the calls that were answered, by the time they took; where calls
    /// keep coming, the answered by the most that could be. Not where it is not known what could be.
    pub(crate) goodput: Option<f64>,
    /// The part of the calls that were answered.
    pub(crate) success: f64,
    /// The part of the neighbours' calls that were served.
    pub(crate) neighbours: Option<f64>,
    pub(crate) hash: u64,
    /// When answers came.
    pub(crate) answers: Vec<Duration>,
}

impl Outcome {
    pub(crate) fn of(
        (trace, told): (&Trace, &Told),
        stats: &Stats,
        case: &Case,
        seed: u64,
    ) -> Self {
        let served = |sent: &&Sent| matches!(sent.answer, Some((_, StatusCode::OK)));
        let wait = |sent: &Sent| sent.at.saturating_sub(case.arrival(sent.call));
        let mut waits: Vec<_> = trace.iter().filter(served).map(wait).collect();
        let answers = trace.iter().filter(served).filter_map(|sent| sent.answer);
        let mut answers: Vec<_> = answers.map(|(came, _)| came).collect();
        waits.sort_unstable();
        answers.sort_unstable();
        let span = answers.last().map_or(f64::NAN, Duration::as_secs_f64);
        let best = |n| case.optimum(n, seed).as_secs_f64();
        let rejected = trace.iter().filter(|it| is_rejected(it)).count();
        let refusals = &told.refusals;
        let part = |n: usize, of: usize| n as f64 / of.max(1) as f64;
        let at_once = case.every.is_zero();
        let goodput = match (at_once, case.twist) {
            (true, _) => Some(best(answers.len()) / span),
            (false, Twist::Slow) => None,
            (false, _) => Some(part(answers.len(), case.most())),
        };
        Self {
            ratio: at_once.then(|| span / best(case.calls)),
            wasted: part(rejected, answers.len()),
            lost: case.calls - answers.len() - refusals.len(),
            rejected: refusals.len(),
            refusal: refusals.iter().map(|it| late(it, case)).max(),
            waiting: (!at_once).then(|| waiting(trace, refusals, case)),
            flaps: (!at_once).then_some(told.flaps),
            p50: percentile(&waits, 50),
            p99: percentile(&waits, 99),
            peak: peak(trace, Duration::from_millis(100)),
            goodput,
            success: part(answers.len(), case.calls),
            neighbours: (case.twist == Twist::Neighbours)
                .then(|| stats.neighbours_served as f64 / stats.neighbours.max(1) as f64),
            hash: hash(trace),
            answers,
        }
    }
}
