//! Builds a `RetryLayer` with settings of one's own.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use tollgate_core::{Class, Random, Sleepers};

use crate::{
    Backoff, Budget, ConfigError, Handle, RetryLayer, backoff::HintJitter, config::Policy,
    layer::Shared, live::Live,
};

/// The settings of a [`RetryLayer`]; every one has a default.
///
/// Made by [`RetryLayer::builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_retry::{Backoff, RetryLayer};
///
/// let layer = RetryLayer::builder()
///     .transient(Backoff::new(Duration::from_millis(100), Duration::from_secs(5), 3))
///     .max_wait(Duration::from_secs(30))
///     .build()?;
/// # let _ = layer;
/// # Ok::<_, tollgate_retry::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<O = ()> {
    policy: Policy,
    budget: Option<Budget>,
    random: Option<Random>,
    sleepers: Sleepers,
    observer: O,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            budget: Some(Budget::new()),
            random: None,
            sleepers: Sleepers::default(),
            observer: (),
        }
    }
}

impl<O> Builder<O> {
    /// The backoff and the attempts for throttles (`RateLimited`, `Overloaded`). Default:
    /// [`Backoff::THROTTLE`].
    pub fn throttle(mut self, backoff: Backoff) -> Self {
        self.policy.throttle = backoff;
        self
    }

    /// The backoff and the attempts for transient faults (`ServerError`, `Timeout`, `Transport`),
    /// and for whatever else is retried by `on_status` or `x-should-retry`. Default:
    /// [`Backoff::TRANSIENT`].
    pub fn transient(mut self, backoff: Backoff) -> Self {
        self.policy.transient = backoff;
        self
    }

    /// The most attempts of a call, the first one included, whatever fails; at least 1. Sets the number of
    /// both backoffs: 7 for throttles and 4 for transient faults unless set.
    pub fn attempts(mut self, most: u32) -> Self {
        self.policy.throttle.attempts = most;
        self.policy.transient.attempts = most;
        self
    }

    /// How often a call is sent again after a time-out; default 1. The provider may still be working on an
    /// attempt that timed out, and may bill it. Attempts that time out are bound by
    /// [`transient`](Self::transient) too.
    pub fn timeouts(mut self, most: u32) -> Self {
        self.policy.timeouts = most;
        self
    }

    /// Nothing is random: a wait that the provider told is slept as it was told, and each other wait is as
    /// long as its backoff allows. For tests: clients that wait without jitter come back together.
    pub fn no_jitter(mut self) -> Self {
        self.policy.jitter = false;
        self
    }

    /// What is added to a wait that the provider told: a random time up to `fraction` of it, but at
    /// least up to `min` and at most up to `max`. Default: 0.1, 250 ms, 5 s. `fraction` is 0 to 10,
    /// `max` above zero and at most 24 h, `min` at most `max`. After a told wait that was in vain, it
    /// is up to the bound of the [`Backoff`] where that is more.
    pub fn hint_jitter(mut self, fraction: f64, min: Duration, max: Duration) -> Self {
        self.policy.hint_jitter = HintJitter { fraction, min, max };
        self
    }

    /// The longest single wait, above zero and at most 24 h. A provider's stated wait that is longer
    /// is not slept: its response goes back at once. Jitter may come on top.
    ///
    /// Default: a call with a deadline or a wait budget sleeps whatever these allow, one with neither
    /// at most 120 s.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.policy.max_wait = Some(wait);
        self
    }

    /// The retry budget per host. Default: [`Budget::new`].
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Retries without a budget. A provider that is down then gets several times the load.
    pub fn no_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// The classes that are retried, instead of all five that may be: `RateLimited`, `Overloaded`,
    /// `ServerError`, `Timeout`, `Transport`. Any other class is a build error.
    pub fn on_classes(mut self, classes: impl IntoIterator<Item = Class>) -> Self {
        self.policy.classes = classes.into_iter().collect();
        self
    }

    /// Also retries a response with this status, as a transient fault where its class is not a
    /// throttle. A classifier that sees something more precise in the response than its status says
    /// is still believed.
    pub fn on_status(mut self, status: StatusCode) -> Self {
        self.policy.statuses.push(status);
        self
    }

    /// Sends only those requests again that are safe to repeat: idempotent methods, and requests
    /// with an `Idempotency-Key`. Unless set, all are, because repeating a chat completion does no
    /// harm.
    pub fn only_safe(mut self) -> Self {
        self.policy.only_safe = true;
        self
    }

    /// Puts `x-stainless-retry-count` on each resend: how many attempts came before it.
    pub fn count_header(mut self) -> Self {
        self.policy.count_header = true;
        self
    }

    /// Where jitter comes from; a seeded one makes it repeatable. Default: [`Random::new`].
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// The list in which calls are entered while they sleep, where it is shared with other layers. Default:
    /// one of its own.
    pub fn sleepers(mut self, sleepers: Sleepers) -> Self {
        self.sleepers = sleepers;
        self
    }

    /// Who hears of each [`Event`](crate::Event). Default: nobody.
    ///
    /// A closure must name the type of what it hears:
    ///
    /// ```
    /// use tollgate_retry::{Event, RetryLayer};
    ///
    /// let layer = RetryLayer::builder().observer(|event: &Event| eprintln!("{event}")).build()?;
    /// # let _ = layer;
    /// # Ok::<_, tollgate_retry::ConfigError>(())
    /// ```
    pub fn observer<P>(self, observer: P) -> Builder<P> {
        Builder {
            policy: self.policy,
            budget: self.budget,
            random: self.random,
            sleepers: self.sleepers,
            observer,
        }
    }

    /// Builds the layer.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first setting that makes no sense.
    pub fn build(self) -> Result<RetryLayer<O>, ConfigError> {
        self.check()?;
        Ok(self.assemble())
    }

    /// What calls go by, once all of it makes sense.
    pub(crate) fn rules(&self) -> Result<(Policy, Option<Budget>), ConfigError> {
        self.check()?;
        Ok((self.policy.clone().capped(), self.budget))
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.policy.check()?;
        self.budget.as_ref().map_or(Ok(()), Budget::check)
    }

    /// Builds the layer and a handle to look at its budgets.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_handle(self) -> Result<(RetryLayer<O>, Handle), ConfigError> {
        let layer = self.build()?;
        let handle = layer.handle();
        Ok((layer, handle))
    }

    /// Builds without a check, for settings known to be good.
    pub(crate) fn assemble(self) -> RetryLayer<O> {
        RetryLayer::of(Shared {
            live: Arc::new(Live::new(self.policy.capped(), self.budget)),
            random: self.random.unwrap_or_default(),
            sleepers: self.sleepers,
            observer: self.observer,
        })
    }
}
