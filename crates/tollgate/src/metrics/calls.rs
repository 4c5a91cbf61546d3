//! What is counted of calls, attempts and bodies.

use metrics::{Label, counter, histogram};

use super::{labels::Labels, names};
use crate::event::{Attempted, Delivered, Finished};

/// One label more, in front.
pub(super) fn with(name: &'static str, value: &'static str, rest: Vec<Label>) -> Vec<Label> {
    let mut labels = vec![Label::from_static_parts(name, value)];
    labels.extend(rest);
    labels
}

pub(super) fn attempted(known: &Labels, told: &Attempted) {
    let labels = known.of(told.target.as_ref());
    let labels = with("outcome", told.outcome.as_str(), labels);
    histogram!(names::ATTEMPT_DURATION, labels.iter()).record(told.took.as_secs_f64());
    counter!(names::ATTEMPTS, labels).increment(1);
}

pub(super) fn finished(known: &Labels, told: &Finished) {
    let labels = known.of(told.target.as_ref());
    let labels = with("outcome", told.outcome.as_str(), labels);
    histogram!(names::CALL_DURATION, labels.iter()).record(told.took.as_secs_f64());
    counter!(names::CALLS, labels).increment(1);
}

pub(super) fn delivered(known: &Labels, told: &Delivered) {
    let labels = known.of(told.target.as_ref());
    if let Some(used) = told.usage {
        let parts = [
            ("input", used.input()),
            ("output", used.output()),
            ("cached", used.cached()),
        ];
        for (direction, tokens) in parts {
            let labels = with("direction", direction, labels.clone());
            counter!(names::TOKENS, labels).increment(tokens);
        }
    }
    let labels = with("end", told.end.as_str(), labels);
    histogram!(names::BODY_DURATION, labels.iter()).record(told.took.as_secs_f64());
    counter!(names::BODIES, labels).increment(1);
}
