//! Builds a `LimitLayer` with settings of one's own.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::{Random, SystemClock, Target, WallClock};

use crate::{
    BytesPerToken, ConfigError, Estimate, Handle, Limit, LimitLayer, Limiter, Limits, Local,
    Outgoing,
    config::{By, DAY, MOST},
    layer::Shared,
    local::{Map, MaxWait, Plan, Waiting},
};

/// The settings of a [`LimitLayer`]; every one has a default.
///
/// Made by [`LimitLayer::builder`]. No limit need be set: limits are learned from answers.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_limit::LimitLayer;
///
/// let layer = LimitLayer::builder()
///     .requests_per_minute(600)
///     .tokens_per_minute(90_000)
///     .concurrency(50)
///     .max_wait(Duration::from_secs(30))
///     .build()?;
/// # let _ = layer;
/// # Ok::<_, tollgate_limit::ConfigError>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
#[derive(Clone)]
pub struct Builder<O = ()> {
    limits: Limits,
    special: Vec<(Target, Limits)>,
    share: Option<f64>,
    pub(crate) max_wait: Duration,
    queue: Option<usize>,
    shed: bool,
    by: By,
    keys: usize,
    idle: Duration,
    estimator: Arc<dyn Estimate + Send + Sync>,
    random: Random,
    wall: Arc<dyn WallClock>,
    observer: O,
}

/// How many calls may wait for one key.
const QUEUE: usize = 10_000;

impl Default for Builder {
    fn default() -> Self {
        Self {
            limits: Limits::new(),
            special: Vec::new(),
            share: None,
            max_wait: Duration::from_secs(60),
            queue: None,
            shed: false,
            by: By::default(),
            keys: 10_000,
            idle: Duration::from_secs(600),
            estimator: Arc::new(BytesPerToken::new()),
            random: Random::new(),
            wall: Arc::new(SystemClock::default()),
            observer: (),
        }
    }
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident($amount:ident: $type:ty);)*) => { $(
        $(#[$doc])*
        pub fn $name(mut self, $amount: $type) -> Self {
            self.limits = self.limits.$name($amount);
            self
        }
    )* };
}

impl<O> Builder<O> {
    limits! {
        /// At most so many calls a second, above zero, for each key. Default: learned.
        ///
        /// Whether that is a bucket or a window is found out, so the first calls go with care. Who
        /// knows says it with [`limit`](Self::limit).
        requests_per_second(amount: u64);
        /// At most so many calls a minute, above zero, for each key. Default: learned.
        requests_per_minute(amount: u64);
        /// At most so many calls a day, above zero, for each key. Default: learned.
        requests_per_day(amount: u64);
        /// At most so many tokens a minute, of prompts and answers together, above zero, for each
        /// key. Default: learned.
        tokens_per_minute(amount: u64);
        /// At most so many tokens a day, of prompts and answers together, above zero, for each key.
        /// Default: learned.
        tokens_per_day(amount: u64);
        /// At most so many tokens of prompts a minute, above zero, for each key. Default: learned.
        input_tokens_per_minute(amount: u64);
        /// At most so many tokens of answers a minute, above zero, for each key. Default: learned.
        output_tokens_per_minute(amount: u64);
        /// Any limit, for each key: of another length, of a known kind ([`Limit::bucket`],
        /// [`Limit::fixed`]), or ending at midnight somewhere.
        limit(limit: Limit);
        /// At most so many calls of a key on their way at the same time, from being sent to the last
        /// byte of the answer; above zero. Default: no bound, until a rejection names one.
        concurrency(most: u32);
        /// At least so much time between the starts of two calls of a key; at most a day. Default:
        /// none.
        spacing(least: Duration);
    }

    /// All limits at once, instead of those that were set so far, for each key.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Other limits, instead of the common ones, for one target; or for a whole provider, where the
    /// target names no model: then for each of its models apart (with [`per_host`](Self::per_host):
    /// together). The most precise wins.
    pub fn limits_for(mut self, target: Target, limits: Limits) -> Self {
        self.special.push((target, limits));
        self
    }

    /// Takes only this part of every limit that is set, above 0 and up to 1: for several processes
    /// behind one key. Concurrency and spacing stay. Holds for limits that a [`Handle`] sets later
    /// too. Default: 1.
    pub fn share(mut self, part: f64) -> Self {
        self.share = Some(part);
        self
    }

    /// The longest time a call may wait, above zero and at most a day; default 60 s. The wait budget
    /// and the deadline of its [`Call`](tollgate_core::Call) may shorten it.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How many calls may wait for one key, 1 to 1,000,000; default 10,000.
    pub fn queue(mut self, most: usize) -> Self {
        self.queue = Some(most);
        self
    }

    /// Refuses at once what can not go at once, instead of letting it wait.
    pub fn shed(mut self) -> Self {
        self.shed = true;
        self
    }

    /// Counts by provider (or host) and account, whatever the model.
    pub fn per_host(mut self) -> Self {
        self.by = By::Host;
        self
    }

    /// Counts by provider (or host), model and account. The default.
    pub fn per_model(mut self) -> Self {
        self.by = By::Model;
        self
    }

    /// Counts by what this says: `None` leaves it to the default way. Called for each call, without a
    /// lock; be quick.
    pub fn key<F>(mut self, key: F) -> Self
    where
        F: Fn(&Outgoing<'_>) -> Option<Target> + Send + Sync + 'static,
    {
        self.by = By::Function(Arc::new(key));
        self
    }

    /// How many keys are kept, 1 to 1,000,000; default 10,000. When so many are in use, all further
    /// ones share one.
    pub fn keys(mut self, most: usize) -> Self {
        self.keys = most;
        self
    }

    /// After this time without use a key may be forgotten, with what was learned about it, if
    /// everything that was taken has come back; above zero and at most a day. Default: 10 minutes.
    pub fn idle(mut self, time: Duration) -> Self {
        self.idle = time;
        self
    }

    /// Guesses what calls cost. Default: [`BytesPerToken`].
    pub fn estimator(mut self, estimator: impl Estimate + Send + Sync + 'static) -> Self {
        self.estimator = Arc::new(estimator);
        self
    }

    /// Where jitter comes from; a seeded one makes it repeatable. Default: [`Random::new`].
    pub fn random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// The time of day, for limits that end at midnight. Default: the machine's.
    pub fn wall_clock(mut self, clock: impl WallClock + 'static) -> Self {
        self.wall = Arc::new(clock);
        self
    }

    /// Who hears of each [`Event`](crate::Event). Default: nobody.
    ///
    /// A closure must name the type of what it hears:
    ///
    /// ```
    /// use tollgate_limit::{Event, LimitLayer};
    ///
    /// let layer = LimitLayer::builder().observer(|event: &Event| eprintln!("{event}")).build()?;
    /// # let _ = layer;
    /// # Ok::<_, tollgate_limit::ConfigError>(())
    /// ```
    pub fn observer<P>(self, observer: P) -> Builder<P> {
        Builder {
            limits: self.limits,
            special: self.special,
            share: self.share,
            max_wait: self.max_wait,
            queue: self.queue,
            shed: self.shed,
            by: self.by,
            keys: self.keys,
            idle: self.idle,
            estimator: self.estimator,
            random: self.random,
            wall: self.wall,
            observer,
        }
    }

    /// Builds the layer.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first setting that makes no sense.
    pub fn build(self) -> Result<LimitLayer<O>, ConfigError> {
        self.check()?;
        Ok(self.assemble())
    }

    /// Builds the layer and a handle to look at it and to change it.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_handle(self) -> Result<(LimitLayer<O>, Handle), ConfigError> {
        let layer = self.build()?;
        let handle = layer.handle();
        Ok((layer, handle))
    }

    /// Builds only the limiter, for one of your own around it. Of the settings, the longest wait, the
    /// key, the estimator and the observer belong to the layer and have no effect.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_local(self) -> Result<Local, ConfigError> {
        self.check()?;
        Ok(self.local())
    }

    /// Builds the layer around another limiter. Of the settings, only the longest wait, the key, the
    /// estimator and the observer are the layer's own; the others belong to [`Local`] and have no
    /// effect.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_around<L: Limiter>(self, limiter: L) -> Result<LimitLayer<O, L>, ConfigError> {
        self.check()?;
        Ok(LimitLayer::of(Shared {
            limiter,
            by: self.by,
            max_wait: Arc::new(MaxWait::new(self.max_wait)),
            estimator: self.estimator,
            observer: self.observer,
        }))
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let part = self.share.unwrap_or(1.0);
        if !(part > 0.0 && part <= 1.0) {
            return Err(ConfigError::new("share", "must be above 0 and at most 1"));
        }
        let common = std::iter::once(&self.limits);
        let special = self.special.iter().map(|(_, limits)| limits);
        for limits in common.chain(special) {
            limits.clone().share(self.share).check()?;
        }
        let is_none = |limits: &Limits| limits.limits.is_empty();
        let none = is_none(&self.limits) && self.special.iter().all(|(_, limits)| is_none(limits));
        if self.share.is_some() && none {
            return Err(ConfigError::new("share", "needs a limit to take a part of"));
        }
        for (field, time) in [("max_wait", self.max_wait), ("idle", self.idle)] {
            if time.is_zero() || time > DAY {
                return Err(ConfigError::new(
                    field,
                    "must be above zero and at most a day",
                ));
            }
        }
        for (field, n) in [("queue", self.queue.unwrap_or(QUEUE)), ("keys", self.keys)] {
            if n == 0 || n > MOST {
                return Err(ConfigError::new(field, "must be 1 to 1000000"));
            }
        }
        if self.shed && self.queue.is_some() {
            return Err(ConfigError::new("shed", "and a queue exclude each other"));
        }
        Ok(())
    }

    /// Builds without a check, for settings known to be good.
    pub(crate) fn assemble(self) -> LimitLayer<O> {
        let limiter = self.local();
        LimitLayer::of(Shared {
            limiter,
            by: self.by,
            max_wait: Arc::new(MaxWait::new(self.max_wait)),
            estimator: self.estimator,
            observer: self.observer,
        })
    }

    fn local(&self) -> Local {
        let map = Map::new(self.keys, self.idle);
        Local::new(self.plan(), map, self.random.clone(), self.wall.clone())
    }

    /// The rules of every key, and how calls wait.
    pub(crate) fn plan(&self) -> Plan {
        let shared = |limits: &Limits| limits.clone().share(self.share);
        let special = self.special.iter();
        Plan {
            rules: shared(&self.limits),
            special: special
                .map(|(target, limits)| (target.clone(), shared(limits)))
                .collect(),
            share: self.share,
            waiting: Waiting {
                most: self.queue.unwrap_or(QUEUE),
                shed: self.shed,
            },
            paused: false,
        }
    }
}

impl<O> fmt::Debug for Builder<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("limits", &self.limits)
            .field("special", &self.special)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}
