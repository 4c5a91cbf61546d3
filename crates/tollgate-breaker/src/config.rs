//! The settings, and what is wrong with bad ones.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use tollgate_core::{Class, Classification, Target};

use crate::{
    Head, Verdict,
    rules::{Rules, Share},
    time::{DAY, nanos},
};

/// A judge of one's own.
pub(crate) type Judge = Arc<dyn Fn(&Classification) -> Option<Verdict> + Send + Sync>;

/// A key function of one's own.
pub(crate) type KeyOf = Arc<dyn Fn(&Head<'_>) -> Target + Send + Sync>;

/// Everything a decision depends on that does not change.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) rules: Rules,
    pub(crate) classes: Vec<Class>,
    pub(crate) judge: Option<Judge>,
    pub(crate) key: Option<KeyOf>,
    pub(crate) whole_body: bool,
    pub(crate) keys: usize,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("rules", &self.rules)
            .field("classes", &self.classes)
            .field("whole_body", &self.whole_body)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// The rules as people state them.
#[derive(Debug, Clone)]
pub(crate) struct Stated {
    pub(crate) consecutive: Option<u32>,
    pub(crate) failure_rate: Option<(f64, u32)>,
    pub(crate) slow: Option<(Duration, f64, u32)>,
    pub(crate) window: Duration,
    pub(crate) buckets: usize,
    pub(crate) open: Duration,
    pub(crate) open_max: Duration,
    pub(crate) successes: u32,
    pub(crate) probe_timeout: Duration,
}

impl Stated {
    pub(crate) const DEFAULT: Self = Self {
        consecutive: Some(5),
        failure_rate: Some((0.5, 10)),
        slow: None,
        window: Duration::from_secs(30),
        buckets: 10,
        open: Duration::from_secs(5),
        open_max: Duration::from_secs(60),
        successes: 2,
        probe_timeout: Duration::from_secs(60),
    };

    /// The same in the units of the state machine; a bucket is a whole number of nanoseconds.
    pub(crate) fn rules(&self) -> Rules {
        let share = |rate: f64, calls| Share {
            millionths: ((rate * 1e6).round() as u32).max(1),
            calls,
        };
        Rules {
            consecutive: self.consecutive,
            failures: self.failure_rate.map(|(rate, calls)| share(rate, calls)),
            slow: self
                .slow
                .map(|(over, rate, calls)| (nanos(over), share(rate, calls))),
            buckets: self.buckets,
            bucket: nanos(self.window).div_ceil(self.buckets as u64),
            open: nanos(self.open),
            open_max: nanos(self.open_max),
            successes: self.successes,
            probe_timeout: nanos(self.probe_timeout),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        ensure(
            self.consecutive.is_some() || self.failure_rate.is_some() || self.slow.is_some(),
            "conditions",
            "are all off: nothing would ever open it",
        )?;
        ensure(
            self.consecutive != Some(0),
            "consecutive_failures",
            "must be at least 1",
        )?;
        if let Some((rate, calls)) = self.failure_rate {
            part(rate, "failure_rate.rate")?;
            ensure(calls > 0, "failure_rate.calls", "must be at least 1")?;
        }
        if let Some((over, rate, calls)) = self.slow {
            time(over, "slow_calls.over")?;
            part(rate, "slow_calls.rate")?;
            ensure(calls > 0, "slow_calls.calls", "must be at least 1")?;
        }
        self.check_window()?;
        time(self.open, "open_time.first")?;
        time(self.open_max, "open_time.most")?;
        ensure(
            self.open <= self.open_max,
            "open_time.first",
            "must not be above open_time.most",
        )?;
        ensure(
            (1..=1_000).contains(&self.successes),
            "successes",
            "must be from 1 to 1000",
        )?;
        time(self.probe_timeout, "probe_timeout")
    }

    fn check_window(&self) -> Result<(), ConfigError> {
        ensure(
            (1..=1_000).contains(&self.buckets),
            "window.buckets",
            "must be from 1 to 1000",
        )?;
        time(self.window, "window.length")?;
        ensure(
            self.window >= Duration::from_millis(1) * self.buckets as u32,
            "window.length",
            "must be at least a millisecond for each bucket",
        )
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        ensure(
            !self.classes.is_empty() || self.judge.is_some(),
            "trip_on",
            "is empty: nothing would ever count as a failure",
        )?;
        ensure(
            !self.classes.contains(&Class::Ok),
            "trip_on",
            "must not hold Ok: that is the success all this is for",
        )?;
        ensure(self.keys > 0, "keys", "must be at least 1")
    }
}

fn time(time: Duration, field: &'static str) -> Result<(), ConfigError> {
    ensure(time > Duration::ZERO, field, "must be above zero")?;
    ensure(nanos(time) <= DAY, field, "must not be above 24 hours")
}

fn part(part: f64, field: &'static str) -> Result<(), ConfigError> {
    // A comparison with NaN is false.
    ensure(part > 0.0, field, "must be above 0")?;
    ensure(part <= 1.0, field, "must not be above 1")
}

fn ensure(holds: bool, field: &'static str, problem: &'static str) -> Result<(), ConfigError> {
    if holds {
        Ok(())
    } else {
        Err(ConfigError { field, problem })
    }
}

/// A setting that makes no sense: zero, not a number, out of range, or the wrong way round.
///
/// # Examples
///
/// ```
/// use tollgate_breaker::BreakerLayer;
///
/// let error = BreakerLayer::builder().failure_rate(1.5, 10).build().unwrap_err();
/// assert_eq!(error.field(), "failure_rate.rate");
/// assert_eq!(error.to_string(), "failure_rate.rate must not be above 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    field: &'static str,
    problem: &'static str,
}

impl ConfigError {
    /// The setting that is wrong, such as `failure_rate.rate`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

impl Error for ConfigError {}
