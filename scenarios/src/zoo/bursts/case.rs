//! A small burst.

use std::{sync::Arc, time::Duration};

use super::world::plain_world;
use crate::zoo::world::World;

/// What the limiter knows about the key before the burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::zoo) enum KeyState {
    New,
    /// Used an hour ago.
    Idle,
    /// New, and its limit is configured.
    Configured,
    /// Restored from a snapshot that an earlier process took.
    Restored,
}

/// So many calls at once, far below the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::zoo) struct Case {
    pub(super) key: KeyState,
    pub(super) headers: bool,
    pub(super) latency: f64,
    pub(super) calls: usize,
}

/// Calls that the key has served before, where it is not new.
pub(super) const BEFORE: usize = 20;

pub(super) const CALLS: [usize; 4] = [5, 20, 100, 300];
const LATENCIES: [f64; 4] = [0.2, 1.0, 8.0, 90.0];
/// Requests a minute.
const LIMIT: u64 = 3_000;

impl Case {
    /// All cases; those that differ in the number of calls only stand side by side.
    pub(in crate::zoo) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for key in [
            KeyState::New,
            KeyState::Idle,
            KeyState::Configured,
            KeyState::Restored,
        ] {
            for headers in [true, false] {
                for latency in LATENCIES {
                    all.extend(CALLS.map(|calls| Self {
                        key,
                        headers,
                        latency,
                        calls,
                    }));
                }
            }
        }
        all
    }

    /// The provider, the calls that the key served before, and those of the burst.
    pub(super) fn world(&self) -> Arc<World> {
        let latency = Duration::from_secs_f64(self.latency);
        let arrivals = vec![Duration::ZERO; BEFORE + self.calls];
        plain_world(Some(LIMIT), self.headers, latency, &arrivals)
    }
}
