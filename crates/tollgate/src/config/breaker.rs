//! What the section `breaker` says.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    check::{Path, Problems},
    units::{off, time},
};
use crate::{
    breaker::{self as layer, BreakerLayer},
    core::Class,
};

/// When a target is left alone because it is ill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Breaker {
    /// Opens after so many failures in a row, at least 1; 5 unless set. `None` is `"off"`.
    #[serde(with = "off")]
    pub consecutive_failures: Option<u32>,
    /// Opens when such a part of the calls failed; 0.5 of at least 10 unless set. `None` is `"off"`.
    #[serde(with = "off")]
    pub failure_rate: Option<FailureRate>,
    /// Opens when such a part of the calls was slow; `None` (`"off"`) unless set.
    #[serde(with = "off")]
    pub slow_calls: Option<SlowCalls>,
    /// The time that rates are counted over.
    pub window: Window,
    /// How long it stays open.
    pub open_time: OpenTime,
    /// So many probes must succeed before it closes, 1 to 1000; 2 unless set.
    pub successes: u32,
    /// After this time without an answer another probe may go, at most 24 h; 60 s unless set.
    #[serde(with = "time")]
    pub probe_timeout: Duration,
    /// The classes that count as failures: `overloaded`, `server_error`, `timeout` and `transport`
    /// unless set.
    pub trip_on: Vec<Class>,
    /// A call has succeeded only when its body has ended; off unless set.
    pub whole_body: bool,
    /// How many targets are watched at most, at least 1; 10,000 unless set.
    pub keys: usize,
}

/// A part of at least so many calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FailureRate {
    /// The part, above 0 and at most 1; 0.5 unless set.
    pub rate: f64,
    /// Of at least so many calls, at least 1; 10 unless set.
    pub calls: u32,
}

/// A part of at least so many calls that took longer than this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SlowCalls {
    /// Longer than this is slow, at most 24 h; must be said.
    #[serde(with = "time")]
    pub over: Duration,
    /// The part, above 0 and at most 1; 0.5 unless set.
    #[serde(default = "half")]
    pub rate: f64,
    /// Of at least so many calls, at least 1; 10 unless set.
    #[serde(default = "ten")]
    pub calls: u32,
}

/// A time that slides on in steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Window {
    /// How long it is, at most 24 h; 30 s unless set.
    #[serde(with = "time")]
    pub length: Duration,
    /// In how many steps, 1 to 1000; 10 unless set.
    pub buckets: usize,
}

/// How long a breaker stays open: a sixtieth of the time that the provider has been ill, within these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OpenTime {
    /// At least, above zero; 5 s unless set.
    #[serde(with = "time")]
    pub first: Duration,
    /// At most, up to 24 h; 60 s unless set.
    #[serde(with = "time")]
    pub most: Duration,
}

const fn half() -> f64 {
    0.5
}

const fn ten() -> u32 {
    10
}

impl Default for Breaker {
    fn default() -> Self {
        use Class::{Overloaded, ServerError, Timeout, Transport};
        Self {
            consecutive_failures: Some(5),
            failure_rate: Some(FailureRate::default()),
            slow_calls: None,
            window: Window::default(),
            open_time: OpenTime::default(),
            successes: 2,
            probe_timeout: Duration::from_secs(60),
            trip_on: vec![Overloaded, ServerError, Timeout, Transport],
            whole_body: false,
            keys: 10_000,
        }
    }
}

impl Default for FailureRate {
    fn default() -> Self {
        Self {
            rate: half(),
            calls: ten(),
        }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self {
            length: Duration::from_secs(30),
            buckets: 10,
        }
    }
}

impl Default for OpenTime {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            most: Duration::from_secs(60),
        }
    }
}

impl Breaker {
    fn builder(&self) -> layer::Builder {
        let mut builder = BreakerLayer::builder()
            .window(self.window.length, self.window.buckets)
            .open_time(self.open_time.first, self.open_time.most)
            .successes(self.successes)
            .probe_timeout(self.probe_timeout)
            .on_classes(self.trip_on.iter().copied())
            .keys(self.keys);
        builder = match self.consecutive_failures {
            Some(failures) => builder.consecutive_failures(failures),
            None => builder.no_consecutive_failures(),
        };
        builder = match &self.failure_rate {
            Some(part) => builder.failure_rate(part.rate, part.calls),
            None => builder.no_failure_rate(),
        };
        if let Some(slow) = &self.slow_calls {
            builder = builder.slow_calls(slow.over, slow.rate, slow.calls);
        }
        if self.whole_body {
            builder = builder.whole_body();
        }
        builder
    }

    /// The settings of the layer.
    pub(super) fn build(&self, path: &Path, problems: &mut Problems) -> layer::Builder {
        if let Err(error) = self.builder().build() {
            problems.layer(path, error.field(), &error);
        }
        self.builder()
    }
}
