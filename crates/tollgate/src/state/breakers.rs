//! The breakers' part of the state.

use serde::Serialize;
use tollgate_breaker::{Handle, State, Status};
use tollgate_core::Target;

use crate::recent::millis;

/// How the breaker of one key stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Breaker {
    /// Whose breaker it is.
    pub target: Target,
    /// `closed`, `half_open` or `open`.
    pub state: &'static str,
    /// It is open or closed by hand, until it is reset.
    pub held: bool,
    /// Until it lets a probe through; `null` where it has no end, or is not open.
    pub opens_in_ms: Option<u64>,
    /// What opened it last; `null` while it is closed, and where it was opened by hand.
    pub why: Option<String>,
    /// When that was.
    pub opened_ms_ago: Option<u64>,
    /// For how long it has not been closed; `null` while it is.
    pub ill_for_ms: Option<u64>,
    /// Calls in the window that were counted.
    pub calls: u32,
    /// Failures among them.
    pub failures: u32,
    /// Slow calls among them.
    pub slow: u32,
    /// Failures since the last success.
    pub consecutive: u32,
    /// Probes that are out.
    pub probes: usize,
    /// How often its state has changed.
    pub changes: u64,
    /// How many calls it has refused.
    pub refused: u64,
}

pub(super) fn breakers(handle: &Handle) -> Vec<Breaker> {
    let mut all: Vec<_> = handle.list().iter().map(Breaker::of).collect();
    all.sort_by(|a, b| a.target.cmp(&b.target));
    all
}

impl Breaker {
    fn of(status: &Status) -> Self {
        let open = matches!(status.state(), State::Open { .. });
        Self {
            target: status.target().clone(),
            state: match status.state() {
                State::Closed => "closed",
                State::HalfOpen => "half_open",
                _ => "open",
            },
            held: status.is_held(),
            opens_in_ms: status.left().filter(|_| open).map(millis),
            why: status.why().map(|why| why.to_string()),
            opened_ms_ago: status.opened_at().map(|at| millis(at.elapsed())),
            ill_for_ms: status.ill().map(millis),
            calls: status.calls(),
            failures: status.failures(),
            slow: status.slow(),
            consecutive: status.consecutive(),
            probes: status.probes(),
            changes: status.changes(),
            refused: status.refused(),
        }
    }
}
