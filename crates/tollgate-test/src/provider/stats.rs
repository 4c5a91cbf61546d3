//! What a provider counted.

use std::fmt;

use http::StatusCode;
use tokio::time::Instant;

use crate::Asked;

/// What a provider has counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that arrived.
    pub calls: u64,
    /// Calls that were served with a success.
    pub served: u64,
    /// Calls that met a limit, and all other answers with status 429.
    pub rate_limited: u64,
    /// Calls that a fault struck.
    pub faults: u64,
    /// Calls that are running: they arrived, and their answer has not ended.
    pub in_flight: u64,
    /// The most calls that were running at once.
    pub most_in_flight: u64,
    /// Calls that hang: no further byte of theirs will ever come.
    pub hanging: u64,
    /// Calls of neighbours, up to the last call of one's own that arrived or ended.
    pub neighbours: u64,
    /// Calls of neighbours that were served.
    pub neighbours_served: u64,
    /// Tokens of the prompts of the calls that were served.
    pub input_tokens: u64,
    /// Tokens of their answers.
    pub output_tokens: u64,
}

/// One call in a provider's log.
#[derive(Clone)]
pub struct Entry {
    pub(super) at: Instant,
    pub(super) asked: Asked,
    pub(super) status: Option<StatusCode>,
}

impl Entry {
    /// When it arrived.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// What it asked for.
    #[must_use]
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The model it asked for, or `unknown`.
    #[must_use]
    pub fn model(&self) -> &str {
        self.asked.model()
    }

    /// How it was answered; `None` when it was not.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("at", &self.at)
            .field("model", &self.model())
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
