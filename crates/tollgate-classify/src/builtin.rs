//! The classifier that knows the providers.

use tollgate_core::Classification;

use crate::{Answer, Classifier};

/// The classifier that comes with the layer: knows the providers by name or host, and reads the rest
/// by the shapes they have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Builtin;

impl Classifier for Builtin {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        Some(Classification::from_status(answer.status(), answer.headers()))
    }
}
