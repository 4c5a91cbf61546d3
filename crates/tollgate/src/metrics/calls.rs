//! What is counted of calls, attempts and bodies.

use metrics::Label;

use super::{labels::Labels, names};
use crate::event::{Attempted, Delivered, Finished};

/// One label more, in front.
pub(super) fn with(name: &'static str, value: &'static str, rest: Vec<Label>) -> Vec<Label> {
    let mut labels = vec![Label::from_static_parts(name, value)];
    labels.extend(rest);
    labels
}

pub(super) fn attempted(known: &Labels, told: &Attempted) {
    let series = known.series(told.target.as_ref());
    let outcome = Some(("outcome", told.outcome.as_str()));
    series.record(names::ATTEMPT_DURATION, outcome, told.took.as_secs_f64());
    series.count(names::ATTEMPTS, outcome, 1);
}

pub(super) fn finished(known: &Labels, told: &Finished) {
    let series = known.series(told.target.as_ref());
    let outcome = Some(("outcome", told.outcome.as_str()));
    series.record(names::CALL_DURATION, outcome, told.took.as_secs_f64());
    series.count(names::CALLS, outcome, 1);
}

pub(super) fn delivered(known: &Labels, told: &Delivered) {
    let series = known.series(told.target.as_ref());
    if let Some(used) = told.usage {
        let parts = [
            ("input", used.input()),
            ("output", used.output()),
            ("cached", used.cached()),
        ];
        for (direction, tokens) in parts {
            series.count(names::TOKENS, Some(("direction", direction)), tokens);
        }
    }
    let end = Some(("end", told.end.as_str()));
    series.record(names::BODY_DURATION, end, told.took.as_secs_f64());
    series.count(names::BODIES, end, 1);
}
