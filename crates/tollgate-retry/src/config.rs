//! The settings, and what is wrong with bad ones.

use std::{error::Error, fmt, time::Duration};

use http::StatusCode;
use tollgate_core::Class;

use crate::{
    backoff::{Backoff, HintJitter},
    budget::Budget,
};

/// The longest wait any setting may allow.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// The longest single wait of a call that has neither a deadline nor a wait budget.
pub(crate) const UNBOUNDED: Duration = Duration::from_secs(120);

/// Everything a decision depends on that does not change.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) throttle: Backoff,
    pub(crate) transient: Backoff,
    pub(crate) hint_jitter: HintJitter,
    /// The longest single wait; where it is not set, [`Policy::max_wait`] says what holds.
    pub(crate) max_wait: Option<Duration>,
    pub(crate) classes: Vec<Class>,
    pub(crate) statuses: Vec<StatusCode>,
    /// How often a call is sent again after a time-out.
    pub(crate) timeouts: u32,
    pub(crate) only_safe: bool,
    pub(crate) count_header: bool,
    /// Waits are drawn; else each is as long as it may be, and a told one as it was told.
    pub(crate) jitter: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            throttle: Backoff::THROTTLE,
            transient: Backoff::TRANSIENT,
            hint_jitter: HintJitter::DEFAULT,
            max_wait: None,
            classes: Class::ALL
                .into_iter()
                .filter(|class| retryable(*class))
                .collect(),
            statuses: Vec::new(),
            timeouts: 1,
            only_safe: false,
            count_header: false,
            jitter: true,
        }
    }
}

impl Policy {
    /// The backoff for a kind of failure.
    pub(crate) const fn backoff(&self, class: Class) -> &Backoff {
        if class.is_throttle() {
            &self.throttle
        } else {
            &self.transient
        }
    }

    /// The longest single wait of a call: what is set, else what its deadline or wait budget allows,
    /// else [`UNBOUNDED`].
    pub(crate) fn max_wait(&self, bounded: bool) -> Duration {
        self.max_wait
            .unwrap_or(if bounded { DAY } else { UNBOUNDED })
    }

    /// No backoff is longer than the longest wait.
    pub(crate) fn capped(mut self) -> Self {
        if let Some(max_wait) = self.max_wait {
            for backoff in [&mut self.throttle, &mut self.transient] {
                backoff.cap = backoff.cap.min(max_wait);
            }
        }
        self
    }

    /// The most attempts any kind of failure may lead to.
    pub(crate) fn attempts(&self) -> u32 {
        self.throttle.attempts.max(self.transient.attempts)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        backoff(
            &self.throttle,
            ["throttle.base", "throttle.cap", "throttle.attempts"],
        )?;
        backoff(
            &self.transient,
            ["transient.base", "transient.cap", "transient.attempts"],
        )?;
        let jitter = &self.hint_jitter;
        number(jitter.fraction, 10.0, "hint_jitter.fraction")?;
        time(jitter.max, "hint_jitter.max")?;
        ensure(
            jitter.min <= jitter.max,
            "hint_jitter.min",
            "must not be above hint_jitter.max",
        )?;
        self.max_wait
            .map_or(Ok(()), |wait| time(wait, "max_wait"))?;
        ensure(
            !self.statuses.contains(&StatusCode::OK),
            "on_status",
            "must not hold 200: that is the success all this is for",
        )?;
        ensure(
            self.classes.iter().all(|class| retryable(*class)),
            "on_classes",
            "may hold throttles and transient faults only: nothing else passes by waiting",
        )
    }
}

impl Budget {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        number(self.size, 1e6, "budget.size")?;
        ensure(self.size > 0.0, "budget.size", "must be above zero")?;
        let parts = [
            (self.deposit, "budget.deposit"),
            (self.transient, "budget.transient_cost"),
            (self.throttle, "budget.throttle_cost"),
            (self.hinted, "budget.hinted_cost"),
        ];
        for (tokens, field) in parts {
            number(tokens, 1e6, field)?;
            ensure(tokens <= self.size, field, "must not be above budget.size")?;
        }
        time(self.trickle, "budget.trickle")?;
        ensure(self.hosts > 0, "budget.hosts", "must be above zero")
    }
}

const fn retryable(class: Class) -> bool {
    class.is_throttle() || class.is_transient()
}

fn backoff(backoff: &Backoff, [base, cap, attempts]: [&'static str; 3]) -> Result<(), ConfigError> {
    time(backoff.base, base)?;
    time(backoff.cap, cap)?;
    ensure(
        backoff.base <= backoff.cap,
        base,
        "must not be above the cap",
    )?;
    ensure(backoff.attempts > 0, attempts, "must be at least 1")
}

fn time(time: Duration, field: &'static str) -> Result<(), ConfigError> {
    ensure(time > Duration::ZERO, field, "must be above zero")?;
    ensure(time <= DAY, field, "must not be above 24 hours")
}

fn number(number: f64, most: f64, field: &'static str) -> Result<(), ConfigError> {
    // A comparison with NaN is false.
    ensure(number >= 0.0, field, "must be a number of zero or more")?;
    ensure(number <= most, field, "is too large")
}

fn ensure(holds: bool, field: &'static str, problem: &'static str) -> Result<(), ConfigError> {
    if holds {
        Ok(())
    } else {
        Err(ConfigError { field, problem })
    }
}

/// A setting that makes no sense: zero, not a number, too large, or the wrong way round.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_retry::{Backoff, RetryLayer};
///
/// let (short, long) = (Duration::from_secs(1), Duration::from_secs(9));
/// let error = RetryLayer::builder().throttle(Backoff::new(long, short, 3)).build().unwrap_err();
/// assert_eq!(error.to_string(), "throttle.base must not be above the cap");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    field: &'static str,
    problem: &'static str,
}

impl ConfigError {
    /// The setting that is wrong, such as `throttle.base`.
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
