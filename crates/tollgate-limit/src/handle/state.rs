//! How one key stands.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, Priority, Target};

use crate::{
    Closed, Standing,
    local::{Cell, State},
};

/// How one key stands, at one moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KeyState {
    /// Whose calls are counted.
    pub target: Target,
    /// The limits over time that are known: how much is left of each, and when it comes back.
    pub limits: Vec<Standing>,
    /// The gates that rejections closed.
    pub closed: Vec<Closed>,
    /// What is reserved for calls whose answers are not complete.
    pub reserved: Cost,
    /// Calls on their way, from being sent to the last byte of the answer.
    pub in_flight: u32,
    /// The most there may be, where that is configured or learned.
    pub concurrency: Option<u32>,
    /// Calls that wait.
    pub queued: usize,
    /// How long a call of one request and no tokens would wait; `None` where that is not known:
    /// while the key is paused, or because it waits for others to end, or for the first answers.
    pub wait: Option<Duration>,
    /// Somebody paused it.
    pub paused: bool,
}

impl KeyState {
    pub(super) fn of(cell: &Cell, now: Instant) -> Self {
        let mut state = cell.lock();
        let arrival = state.dial.time(now);
        let before = state.queue.before(Priority::Normal, arrival);
        let at = state.outlook(&before, &Cost::default(), now);
        Self {
            target: cell.target().clone(),
            limits: state.account.view(now).collect(),
            closed: state.account.closed(now).collect(),
            reserved: *state.account.reserved(),
            in_flight: state.slots.taken(),
            concurrency: state.slots.most(),
            queued: state.queue.len(),
            wait: at.map(|at| at.saturating_duration_since(now)),
            paused: state.paused,
        }
    }
}

/// The part that is left of the scarcest limit.
pub(super) fn left(state: &mut State, now: Instant) -> Option<f64> {
    let part = |standing: Standing| standing.remaining as f64 / standing.limit.max(1) as f64;
    let limits = state.account.view(now).map(part);
    let most = state.slots.most().map(f64::from);
    let taken = f64::from(state.slots.taken());
    let slots = most.map(|most| (1.0 - taken / most).max(0.0));
    limits.chain(slots).reduce(f64::min)
}
