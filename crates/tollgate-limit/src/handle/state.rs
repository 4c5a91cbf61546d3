//! How one key stands.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, Priority, Target};

use crate::{
    Below, Closed, Held, Standing,
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
    /// About how long a call of one request and no tokens would wait; `None` where that is not known:
    /// while the key is paused, or because it waits for others to end.
    pub wait: Option<Duration>,
    /// Why the first in the queue is held; `None` where no call waits, or where it waits for others to
    /// end.
    pub held: Option<Held>,
    /// The configured limit that calls do not reach, and why.
    pub below: Option<Below>,
    /// Somebody paused it.
    pub paused: bool,
    /// It is no single key: calls of all keys without a place are counted here, by configured limits
    /// only.
    pub shared: bool,
}

impl KeyState {
    pub(super) fn of(cell: &Cell, now: Instant) -> Self {
        let mut state = cell.lock();
        state.look_at_clock(now);
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
            held: state.held.map(|(_, held)| held),
            below: state.account.below(),
            paused: state.paused,
            shared: state.shared,
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
