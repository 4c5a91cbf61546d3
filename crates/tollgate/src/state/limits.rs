//! The limiter's part of the state.

use serde::Serialize;
use tokio::time::Instant;
use tollgate_core::{LimitKind, Target, Window};
use tollgate_limit::{Closed, Counts, Handle, KeyState, Standing};

use crate::recent::millis;

/// How one key of the limiter stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Key {
    /// Whose calls are counted.
    pub target: Target,
    /// Somebody paused it.
    pub paused: bool,
    /// Calls that wait.
    pub queued: usize,
    /// Calls on their way, to the last byte of the answer.
    pub in_flight: u32,
    /// The most there may be on their way.
    pub concurrency: Option<u32>,
    /// Tokens reserved for calls whose answers are not complete.
    pub reserved_tokens: u64,
    /// How long a small call would wait now, where that is known.
    pub wait_ms: Option<u64>,
    /// Each limit over time that is known.
    pub limits: Vec<Limit>,
    /// What rejections keep back.
    pub gates: Vec<Gate>,
}

/// How one limit stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Limit {
    /// What it counts.
    pub kind: LimitKind,
    /// The span it counts over, where that was named.
    pub window: Option<Window>,
    /// The most that can be taken.
    pub limit: u64,
    /// How much of it is left.
    pub remaining: u64,
    /// Until a bucket is full, a window ends, or the next unit of a log comes back.
    pub resets_in_ms: Option<u64>,
    /// How it gives back: `bucket`, `window`, `log` or `measured`.
    pub counts: &'static str,
    /// A person configured it.
    pub configured: bool,
}

/// A gate that a rejection closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Gate {
    /// Only calls that take some of this; all where it is `null`.
    pub kind: Option<LimitKind>,
    /// Until one call tries, or counts as admitted.
    pub opens_in_ms: u64,
    /// That call is under way.
    pub probing: bool,
}

pub(super) fn keys(handle: &Handle) -> Vec<Key> {
    let now = Instant::now();
    let mut keys: Vec<_> = handle
        .states()
        .iter()
        .map(|one| Key::of(one, now))
        .collect();
    keys.sort_by(|a, b| a.target.cmp(&b.target));
    keys
}

impl Key {
    fn of(state: &KeyState, now: Instant) -> Self {
        Self {
            target: state.target.clone(),
            paused: state.paused,
            queued: state.queued,
            in_flight: state.in_flight,
            concurrency: state.concurrency,
            reserved_tokens: state.reserved.tokens(),
            wait_ms: state.wait.map(millis),
            limits: state.limits.iter().map(|one| Limit::of(one, now)).collect(),
            gates: state.closed.iter().map(|one| Gate::of(one, now)).collect(),
        }
    }
}

impl Limit {
    fn of(one: &Standing, now: Instant) -> Self {
        Self {
            kind: one.kind,
            window: one.window,
            limit: one.limit,
            remaining: one.remaining,
            resets_in_ms: one.resets_at.map(|at| until(at, now)),
            counts: match one.counts {
                Counts::Bucket => "bucket",
                Counts::Window => "window",
                Counts::Measured => "measured",
                _ => "log",
            },
            configured: one.configured,
        }
    }
}

impl Gate {
    fn of(one: &Closed, now: Instant) -> Self {
        Self {
            kind: one.kind,
            opens_in_ms: until(one.until, now),
            probing: one.probing,
        }
    }
}

fn until(at: Instant, now: Instant) -> u64 {
    millis(at.saturating_duration_since(now))
}
