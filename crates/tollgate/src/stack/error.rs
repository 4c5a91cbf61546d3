//! What is wrong with a stack that does not build.

use std::{error::Error, fmt};

use tollgate_core::BoxError;

/// A setting of one part makes no sense.
///
/// Its source is that part's own error.
#[derive(Debug)]
pub struct BuildError {
    part: &'static str,
    source: BoxError,
}

impl BuildError {
    pub(crate) fn new(part: &'static str, source: impl Into<BoxError>) -> Self {
        Self {
            part,
            source: source.into(),
        }
    }

    /// The part: `route`, `retry`, `breaker`, `limit`, `timeouts` or `classify`.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        self.part
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.source)
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}
