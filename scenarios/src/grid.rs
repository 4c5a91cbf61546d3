//! Providers by headers.

use tollgate_test::Headers;

use super::{case::Case, model::Model};

pub(crate) const CLASSES: [Headers; 3] = [Headers::Exact, Headers::Seconds, Headers::RetryAfter];
const NONE: [Headers; 1] = [Headers::Silent];

/// Every model with every class of headers, none at all included.
pub(crate) fn all(label: &'static str, change: impl Fn(Case) -> Case) -> Vec<Case> {
    let models = Model::ALL.into_iter();
    let headers = || CLASSES.into_iter().chain(NONE);
    let pairs = models.flat_map(|model| headers().map(move |headers| (model, headers)));
    let case = |(model, headers)| change(Case::burst(label, model, headers));
    pairs.map(case).collect()
}

/// Every model, and answers that say at least when to come back.
pub(crate) fn told_something(label: &'static str, change: impl Fn(Case) -> Case) -> Vec<Case> {
    some(label, &Model::ALL, &CLASSES, change)
}

/// These models with these classes of headers.
pub(crate) fn some(
    label: &'static str,
    models: &[Model],
    headers: &[Headers],
    change: impl Fn(Case) -> Case,
) -> Vec<Case> {
    let all = all(label, change).into_iter();
    let listed = |case: &Case| models.contains(&case.model) && headers.contains(&case.headers);
    all.filter(listed).collect()
}
