//! Who makes the calls.

mod all;
mod resilience;
pub(crate) mod sdk;
mod tollgate;
mod tower_retry;

use std::{ops::Range, time::Duration};

use tollgate_core::Random;
use tollgate_test::Headers;

use self::all::all;
use super::{
    case::Case,
    model::Model,
    twist::{Told, Twist},
    wire::Wire,
};

/// A way to make calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Tollgate,
    Sdk,
    TowerRetry,
    Resilience,
}

/// Retries of the two that are given enough to get through a minute's window.
const RETRIES: usize = 20;

/// Their first backoff, and their longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));

/// What one process of ours has to do.
pub(crate) struct Job<'a> {
    pub(crate) case: &'a Case,
    pub(crate) seed: u64,
    /// The numbers of its calls.
    pub(crate) calls: Range<usize>,
    pub(crate) wire: Wire,
    pub(crate) random: Random,
}

impl Client {
    pub(crate) const ALL: [Self; 4] = [
        Self::Tollgate,
        Self::Sdk,
        Self::TowerRetry,
        Self::Resilience,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tollgate => "tollgate",
            Self::Sdk => "sdk-style",
            Self::TowerRetry => "tower-retry",
            Self::Resilience => "tower-resilience",
        }
    }

    /// Makes all calls, and ends when each has its answer or was given up.
    pub(crate) async fn run(self, job: Job<'_>) {
        match self {
            Self::Tollgate => tollgate::run(job).await,
            Self::Sdk => sdk::run(job).await,
            Self::TowerRetry => tower_retry::run(job).await,
            Self::Resilience => resilience::run(job).await,
        }
    }

    /// Rivals have no queue that tells anybody off: where calls keep coming, minutes of waiting pile up,
    /// and one provider shows it.
    pub(crate) fn plays(self, case: &Case) -> bool {
        let shows_it = case.twist == Twist::Slow || case.model == Model::Bucket10;
        self == Self::Tollgate || case.every.is_zero() || shows_it
    }

    /// What a run of this client depends on: two rows that differ in nothing else are one run.
    pub(crate) fn depends_on(self, case: &Case) -> String {
        let mut seen = *case;
        seen.label = "";
        if self != Self::Tollgate {
            seen.told = Told::Nothing;
        }
        seen.headers = match (self, case.headers) {
            // These two read no header; lies are told in headers.
            (Self::TowerRetry | Self::Resilience, _) => Headers::Silent,
            // It reads only how long to wait.
            (Self::Sdk, Headers::Seconds) => Headers::RetryAfter,
            (_, headers) => headers,
        };
        format!("{self:?} {seen:?}")
    }
}
