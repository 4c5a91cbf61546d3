//! What the section `retry` says.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    check::{Path, Problems},
    units::{Time, maybe_time, off, time},
};
use crate::{
    core::Class,
    retry::{self as layer, RetryLayer},
};

/// Which failures are tried again, how often, and how long a call waits in between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Retry {
    /// The longest single wait, above zero and at most 24 h; `None` (`"off"`) unless set: what the
    /// deadline of a call allows, and 120 s for a call without one.
    #[serde(with = "maybe_time")]
    pub max_wait: Option<Duration>,
    /// The classes that are tried again: `rate_limited`, `overloaded`, `server_error`, `timeout` and
    /// `transport`, all of them unless set.
    pub on_classes: Vec<Class>,
    /// Statuses that are tried again besides; none unless set.
    pub on_status: Vec<u16>,
    /// How often a call is sent again that timed out; 1 unless set.
    pub timeouts: u32,
    /// Only requests that are safe to repeat; off unless set.
    pub only_safe: bool,
    /// Says on each resend how many attempts came before it; off unless set.
    pub count_header: bool,
    /// Waits and attempts where a provider is busy: 1 s, doubling up to 60 s, 7 attempts unless set.
    #[serde(deserialize_with = "throttle")]
    pub throttle: Backoff,
    /// Waits and attempts after faults: 250 ms, doubling up to 20 s, 4 attempts unless set.
    #[serde(deserialize_with = "transient")]
    pub transient: Backoff,
    /// What comes on top of a wait that was told.
    pub hint_jitter: HintJitter,
    /// How much is tried again against one host; `None` (`"off"`) is as much as comes.
    #[serde(with = "off")]
    pub budget: Option<Budget>,
}

/// Waits that double, and how many attempts there are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Backoff {
    /// The bound of the first wait, above zero.
    #[serde(with = "time")]
    pub base: Duration,
    /// The bound of all waits, at most 24 h.
    #[serde(with = "time")]
    pub cap: Duration,
    /// Attempts, the first one included; at least 1.
    pub attempts: u32,
}

/// A random time on top of a wait that a provider told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HintJitter {
    /// Up to this part of the wait, 0 to 10; 0.1 unless set.
    pub fraction: f64,
    /// But at least up to this; 250 ms unless set.
    #[serde(with = "time")]
    pub min: Duration,
    /// And at most up to this, above zero and at most 24 h; 5 s unless set.
    #[serde(with = "time")]
    pub max: Duration,
}

/// A bucket of tokens for each host, out of which retries are paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Budget {
    /// Tokens of a full bucket, above 0 and at most 1,000,000; 100 unless set.
    pub size: f64,
    /// What a success puts back; 0.1 unless set.
    pub deposit: f64,
    /// What a retry of a fault takes; 1 unless set.
    pub transient_cost: f64,
    /// What a retry takes where a provider was busy and told no wait; 0.36 unless set.
    pub throttle_cost: f64,
    /// What a retry takes after a wait that was told; 0 unless set.
    pub hinted_cost: f64,
    /// The time in which one token comes back by itself, at most 24 h; 10 s unless set.
    #[serde(with = "time")]
    pub trickle: Duration,
    /// How many hosts have a bucket of their own, at least 1; 10,000 unless set.
    pub hosts: usize,
}

impl Default for Retry {
    fn default() -> Self {
        use Class::{Overloaded, RateLimited, ServerError, Timeout, Transport};
        Self {
            max_wait: None,
            on_classes: vec![RateLimited, Overloaded, ServerError, Timeout, Transport],
            on_status: Vec::new(),
            timeouts: 1,
            only_safe: false,
            count_header: false,
            throttle: Backoff::THROTTLE,
            transient: Backoff::TRANSIENT,
            hint_jitter: HintJitter::default(),
            budget: Some(Budget::default()),
        }
    }
}

impl Default for HintJitter {
    fn default() -> Self {
        Self {
            fraction: 0.1,
            min: Duration::from_millis(250),
            max: Duration::from_secs(5),
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            size: 100.0,
            deposit: 0.1,
            transient_cost: 1.0,
            throttle_cost: 0.36,
            hinted_cost: 0.0,
            trickle: Duration::from_secs(10),
            hosts: 10_000,
        }
    }
}

impl Backoff {
    const THROTTLE: Self = Self {
        base: Duration::from_secs(1),
        cap: Duration::from_secs(60),
        attempts: 7,
    };
    const TRANSIENT: Self = Self {
        base: Duration::from_millis(250),
        cap: Duration::from_secs(20),
        attempts: 4,
    };

    fn build(&self) -> layer::Backoff {
        layer::Backoff::new(self.base, self.cap, self.attempts)
    }
}

fn throttle<'de, D: Deserializer<'de>>(from: D) -> Result<Backoff, D::Error> {
    backoff(from, &Backoff::THROTTLE)
}

fn transient<'de, D: Deserializer<'de>>(from: D) -> Result<Backoff, D::Error> {
    backoff(from, &Backoff::TRANSIENT)
}

/// What is not said is as in `rest`.
fn backoff<'de, D: Deserializer<'de>>(from: D, rest: &Backoff) -> Result<Backoff, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Said {
        base: Option<Time>,
        cap: Option<Time>,
        attempts: Option<u32>,
    }
    let said = Said::deserialize(from)?;
    Ok(Backoff {
        base: said.base.map_or(rest.base, |Time(time)| time),
        cap: said.cap.map_or(rest.cap, |Time(time)| time),
        attempts: said.attempts.unwrap_or(rest.attempts),
    })
}

impl Retry {
    /// The settings of the layer. What cannot be one of its settings at all is left out, and told.
    pub(super) fn build(&self, path: &Path, problems: &mut Problems) -> layer::Builder {
        let jitter = &self.hint_jitter;
        let mut builder = RetryLayer::builder()
            .on_classes(self.on_classes.iter().copied())
            .throttle(self.throttle.build())
            .transient(self.transient.build())
            .timeouts(self.timeouts)
            .hint_jitter(jitter.fraction, jitter.min, jitter.max);
        if let Some(wait) = self.max_wait {
            builder = builder.max_wait(wait);
        }
        for (nth, status) in self.on_status.iter().enumerate() {
            match StatusCode::from_u16(*status) {
                Ok(status) => builder = builder.on_status(status),
                Err(_) => {
                    let place = path.key("on_status").at(nth);
                    problems.add(place, format!("{status} is no HTTP status"));
                }
            }
        }
        if self.only_safe {
            builder = builder.only_safe();
        }
        if self.count_header {
            builder = builder.count_header();
        }
        builder = match &self.budget {
            None => builder.no_budget(),
            Some(budget) => builder.budget(budget.build()),
        };
        if let Err(error) = builder.clone().build() {
            problems.layer(path, error.field(), &error);
        }
        builder
    }
}

impl Budget {
    fn build(&self) -> layer::Budget {
        layer::Budget::new()
            .with_size(self.size)
            .with_deposit(self.deposit)
            .with_transient_cost(self.transient_cost)
            .with_throttle_cost(self.throttle_cost)
            .with_hinted_cost(self.hinted_cost)
            .with_trickle(self.trickle)
            .with_hosts(self.hosts)
    }
}
