//! The limiter's part of the state.

use serde::Serialize;
use tokio::time::Instant;
use tollgate_core::{LimitKind, Target, Window};
use tollgate_limit::{Below, Closed, Counts, Handle, Held, KeyState, Standing};

use crate::recent::millis;

/// How one key of the limiter stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Key {
    /// Whose calls are counted.
    pub target: Target,
    /// Somebody paused it.
    pub paused: bool,
    /// It is no single key: calls of all keys without a place are counted here.
    pub shared: bool,
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
    /// Why the first in the queue is held: `configured_limit`, `stated_wait`, `pause`,
    /// `measured_pace`, `quota_headers`, `spacing`, `concurrency` or `start`.
    pub held: Option<&'static str>,
    /// The configured limit that calls do not reach, and why.
    pub below: Option<BelowConfigured>,
}

/// A key that runs below what is configured for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BelowConfigured {
    /// What the configured limit counts.
    pub kind: LimitKind,
    /// Units a minute that it allows in the long run.
    pub configured_per_minute: f64,
    /// Units a minute that the provider allows, as far as one knows.
    pub actual_per_minute: f64,
    /// How that is known: `measured_pace`, `rejected_early` or `headers`.
    pub reason: &'static str,
}

impl BelowConfigured {
    fn of(below: &Below) -> Self {
        Self {
            kind: below.kind,
            configured_per_minute: below.configured,
            actual_per_minute: below.actual,
            reason: below.reason.as_str(),
        }
    }
}

/// How one limit stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Limit {
    /// What it counts.
    pub kind: LimitKind,
    /// The span it counts over, where that was named.
    pub window: Option<Window>,
    /// The most that can be taken at once: the burst of a bucket.
    pub limit: u64,
    /// Units a minute that come back in the long run, where that is known.
    pub per_minute: Option<f64>,
    /// How much of it is left.
    pub remaining: u64,
    /// Until a bucket is full, a window ends, or the next unit of a log comes back.
    pub resets_in_ms: Option<u64>,
    /// How it gives back: `bucket`, `window`, `log`, `reported` or `measured`.
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
    /// Until the next call may go.
    pub opens_in_ms: u64,
    /// The provider stated the wait; else it is a pause of at most 20 s.
    pub stated: bool,
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
            shared: state.shared,
            queued: state.queued,
            in_flight: state.in_flight,
            concurrency: state.concurrency,
            reserved_tokens: state.reserved.tokens(),
            wait_ms: state.wait.map(millis),
            limits: state.limits.iter().map(|one| Limit::of(one, now)).collect(),
            gates: state.closed.iter().map(|one| Gate::of(one, now)).collect(),
            held: state.held.map(Held::as_str),
            below: state.below.as_ref().map(BelowConfigured::of),
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
            per_minute: one.per_minute,
            resets_in_ms: one.resets_at.map(|at| until(at, now)),
            counts: match one.counts {
                Counts::Bucket => "bucket",
                Counts::Window => "window",
                Counts::Measured => "measured",
                Counts::Reported => "reported",
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
            stated: one.stated,
        }
    }
}

fn until(at: Instant, now: Instant) -> u64 {
    millis(at.saturating_duration_since(now))
}
