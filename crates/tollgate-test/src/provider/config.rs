//! What a provider was told to be.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use tollgate_core::{Random, Usage};

use super::Neighbour;
use crate::{Answer, Asked, Dialect, Quota, dialect::Told, fault::Script};

/// How exact a provider's quota headers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Headers {
    /// As the provider sends them.
    #[default]
    Dialect,
    /// Resets and waits to the millisecond; a 429 has `retry-after-ms` beside `retry-after`.
    Exact,
    /// Resets and waits in whole seconds, rounded up.
    Seconds,
    /// No quota headers; a 429 has `retry-after`, in whole seconds.
    RetryAfter,
    /// None at all, and no wait in the text either.
    Silent,
}

impl Headers {
    /// The step of resets; `None` for no quota headers.
    pub(super) fn step(self, dialect: Dialect) -> Option<Duration> {
        match self {
            Self::Dialect => Some(dialect.voice().step),
            Self::Exact => Some(Duration::from_millis(1)),
            Self::Seconds => Some(Duration::from_secs(1)),
            Self::RetryAfter | Self::Silent => None,
        }
    }

    pub(super) fn told(self, dialect: Dialect) -> Told {
        match self {
            Self::Dialect => dialect.voice().told,
            Self::Exact => Told::Millis,
            Self::Seconds | Self::RetryAfter => Told::Seconds,
            Self::Silent => Told::Nowhere,
        }
    }

    /// The wait that a 429 states.
    pub(super) fn wait(self, wait: Duration) -> Option<Duration> {
        match self {
            Self::Dialect | Self::Exact => Some(round_up(wait, Duration::from_millis(1))),
            Self::Seconds | Self::RetryAfter => Some(round_up(wait, Duration::from_secs(1))),
            Self::Silent => None,
        }
    }
}

/// The next multiple of `step`.
pub(super) fn round_up(time: Duration, step: Duration) -> Duration {
    let steps = time.as_nanos().div_ceil(step.as_nanos().max(1));
    let nanos = steps.saturating_mul(step.as_nanos());
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// A time that varies.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spread {
    pub(crate) mean: Duration,
    pub(crate) jitter: Duration,
}

impl Spread {
    /// Evenly from `mean - jitter` to `mean + jitter`. A fixed time draws nothing.
    pub(crate) fn draw(self, random: &Random) -> Duration {
        if self.jitter.is_zero() {
            return self.mean;
        }
        let least = self.mean.saturating_sub(self.jitter);
        let most = self.mean.saturating_add(self.jitter);
        least + random.up_to(most - least)
    }
}

type UsageOf = dyn Fn(&Asked) -> Usage + Send + Sync;
type Edit = dyn Fn(&Asked, Answer) -> Answer + Send + Sync;

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) dialect: Dialect,
    pub(crate) quotas: Vec<Quota>,
    pub(crate) neighbours: Vec<Neighbour>,
    pub(crate) models: Vec<Box<str>>,
    pub(crate) latency: Spread,
    pub(crate) travel: Spread,
    pub(crate) pace: Duration,
    pub(crate) headers: Headers,
    pub(crate) script: Script,
    pub(crate) text: Box<str>,
    pub(crate) usage: Option<Arc<UsageOf>>,
    pub(crate) edit: Option<Arc<Edit>>,
    pub(crate) key: Option<Box<str>>,
    pub(crate) context: Option<u64>,
    pub(crate) reserve: bool,
    pub(crate) free_cache: bool,
    pub(crate) wall: Option<SystemTime>,
    pub(crate) seed: u64,
}
