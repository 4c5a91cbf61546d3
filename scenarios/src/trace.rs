//! What is kept of a run.

use std::time::Duration;

use http::StatusCode;

/// One request that was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) call: usize,
    pub(crate) at: Duration,
    /// When its answer came, and its status.
    pub(crate) answer: Option<(Duration, StatusCode)>,
}

/// What went over the wire, in the order in which it was sent.
pub(crate) type Trace = Vec<Sent>;

/// A call that its own client turned away, and how long after its arrival.
pub(crate) type Refusal = (usize, Duration);

/// What a client tells of itself.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) refusals: Vec<Refusal>,
    /// How often its breakers changed their state.
    pub(crate) flaps: u64,
}
