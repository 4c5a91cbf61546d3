//! Settings of a `LimitLayer`.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::{Random, SystemClock, Target, WallClock};

use super::{
    Shared,
    config::{By, DAY, MOST},
};
use crate::{
    BytesPerToken, ConfigError, Estimate, Handle, Limit, LimitLayer, Limiter, Limits, Local,
    Outgoing,
    local::{Map, MaxWait, Plan, Waiting},
};

/// The settings of a [`LimitLayer`]; every one has a default.
///
/// [`LimitLayer::builder`] makes one. No limit is required.
///
/// # Plain limits and limits with a shape
///
/// A plain limit, such as [`requests_per_minute`](Self::requests_per_minute), is what you know about the
/// provider. The limiter counts it as a bucket that holds the whole amount and refills evenly, which is
/// the most that a provider with this limit could accept. If the provider's headers report more, or the
/// end of a stated wait shows a new window, the limiter refills the bucket.
///
/// A limit with a shape, through [`limit`](Self::limit) and [`Limit::bucket`], [`Limit::fixed`],
/// [`Limit::sliding`] or [`Limit::day_in`], is exact, and so is every limit with a [`share`](Self::share):
/// the limiter does not exceed it, whatever the provider would accept.
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
    configured_only: bool,
    pub(crate) max_wait: Option<Duration>,
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
            configured_only: false,
            max_wait: None,
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
        /// The provider allows so many calls a second (plain, for each key, above zero). Default: none.
        requests_per_second(amount: u64);
        /// The provider allows so many calls a minute (plain, for each key, above zero). Default: none.
        requests_per_minute(amount: u64);
        /// The provider allows so many calls a day (plain, for each key, above zero). Default: none. For
        /// a day that begins at midnight use `Limit::day_in`.
        requests_per_day(amount: u64);
        /// The provider allows so many tokens a minute, of prompts and answers together (plain, for each
        /// key, above zero). Default: none.
        tokens_per_minute(amount: u64);
        /// As [`tokens_per_minute`](Self::tokens_per_minute), a day.
        tokens_per_day(amount: u64);
        /// As [`tokens_per_minute`](Self::tokens_per_minute), of prompts alone.
        input_tokens_per_minute(amount: u64);
        /// As [`tokens_per_minute`](Self::tokens_per_minute), of answers alone.
        output_tokens_per_minute(amount: u64);
        /// Any limit, for each key: over another period, or exact, with a shape ([`Limit::bucket`],
        /// [`Limit::fixed`], [`Limit::sliding`], [`Limit::day_in`]).
        limit(limit: Limit);
        /// At most so many calls of a key in flight, from sending to the last byte of the answer; above
        /// zero. Never exceeded. Default: no limit, until a rejection names concurrency.
        concurrency(most: u32);
        /// At least so much time between the starts of two calls of a key; at most a day. Never less.
        /// Default: none.
        spacing(least: Duration);
    }

    /// Replaces all limits that were set so far, for each key.
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

    /// Takes only this part of every limit that is set, above 0 and at most 1: for several processes
    /// that use one API key. Default: 1.
    ///
    /// A limit with a share is exact. A plain one becomes a sliding log of its part: this process starts
    /// no more than its part in any period. Where the part is less than one unit, this process takes one
    /// unit in a longer period. Other processes use the rest, so the provider's `remaining` does not
    /// refill it.
    ///
    /// Concurrency and spacing stay as they are set: divide them yourself. Limits that a [`Handle`] sets
    /// later have the same share. [`build`](Self::build) fails if no limit is set: there is nothing to
    /// take a part of.
    pub fn share(mut self, part: f64) -> Self {
        self.share = Some(part);
        self
    }

    /// Keeps to the configured limits and to nothing else, for limits of one's own: those of tenants or
    /// users, say, in a layer outside the one that follows the provider. Default: off.
    ///
    /// Rejections of the provider hold no call, its headers and its rejections teach no limit and no
    /// concurrency, and no event reports them. A call that the provider rejected is given back to the
    /// configured limits. A configured limit without a shape is a bucket that holds all of it, and never
    /// exceeded. What calls cost is estimated as ever.
    ///
    /// # Examples
    ///
    /// Each tenant may send 60 calls a minute, whatever the provider allows all of them together.
    ///
    /// ```
    /// use tollgate_core::Target;
    /// use tollgate_limit::{LimitLayer, Outgoing};
    /// use tower_layer::Layer;
    ///
    /// # let client = ();
    /// let tenants = LimitLayer::builder()
    ///     .configured_only()
    ///     .requests_per_minute(60)
    ///     .key(|request: &Outgoing<'_>| {
    ///         let tenant = request.headers().get("x-tenant")?.to_str().ok()?;
    ///         Some(Target::provider_only(tenant))
    ///     })
    ///     .build()?;
    /// let client = tenants.layer(LimitLayer::new().layer(client));
    /// # let _ = client;
    /// # Ok::<_, tollgate_limit::ConfigError>(())
    /// ```
    pub fn configured_only(mut self) -> Self {
        self.configured_only = true;
        self
    }

    /// The longest time a call may wait in the queue, above zero and at most a day. Default: none.
    ///
    /// A call waits until the deadline or the end of the wait budget that its
    /// [`Call`](tollgate_core::Call) states; this setting only shortens that. A call without a deadline
    /// waits as long as its limits require, a day where they count days: give it a deadline, or set this.
    ///
    /// The limiter rejects a call with [`WaitTooLong`](tollgate_core::Reason::WaitTooLong) when this time
    /// is over, or at once if a fact says that it will be: a limit with a shape, spacing, or a stated wait.
    /// Most windows last a minute: with less than that, calls behind a used-up window are rejected.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = Some(wait);
        self
    }

    /// How many calls may wait for one key, 1 to 1,000,000. Default: 10,000.
    ///
    /// The limiter rejects further calls at once, with
    /// [`QueueFull`](tollgate_core::Reason::QueueFull). Setting both this and [`shed`](Self::shed) is an error.
    pub fn queue(mut self, most: usize) -> Self {
        self.queue = Some(most);
        self
    }

    /// Has no queue: rejects a call at once if it cannot go at once, with
    /// [`WaitTooLong`](tollgate_core::Reason::WaitTooLong) and the earliest possible time, where that is
    /// known.
    ///
    /// Calls still wait some hundred milliseconds while the limiter spreads a burst
    /// ([`Held::Start`](crate::Held::Start)): nothing says yet that the provider would reject them.
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

    /// Counts by the target that this function returns; `None` means the default way. The layer calls it
    /// for each call, under no lock; be quick.
    pub fn key<F>(mut self, key: F) -> Self
    where
        F: Fn(&Outgoing<'_>) -> Option<Target> + Send + Sync + 'static,
    {
        self.by = By::Function(Arc::new(key));
        self
    }

    /// How many keys the layer keeps, 1 to 1,000,000. Default: 10,000.
    ///
    /// When the map is full, a new key takes the place of the least recently used key that has no call in
    /// flight and no closed gate. A key with limits of its own ([`limits_for`](Self::limits_for),
    /// [`Handle::set_limits_for`]) always has a place, beyond this number if need be. When no key can go,
    /// calls of further keys share one count, by configured limits only: see
    /// [`Event::KeyUntracked`](crate::Event::KeyUntracked).
    pub fn keys(mut self, most: usize) -> Self {
        self.keys = most;
        self
    }

    /// After this time without use the layer may forget a key, with what it learned about it, if all
    /// its configured limits are full and no stated wait lasts; above zero and at most a day. Default: 10
    /// minutes.
    pub fn idle(mut self, time: Duration) -> Self {
        self.idle = time;
        self
    }

    /// Estimates what calls cost. Default: [`BytesPerToken`].
    pub fn estimator(mut self, estimator: impl Estimate + Send + Sync + 'static) -> Self {
        self.estimator = Arc::new(estimator);
        self
    }

    /// The source of jitter; a seeded one makes it repeatable. Default: [`Random::new`].
    pub fn random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// The time of day, for limits that end at midnight: it decides when a day is over, not the clock of
    /// timers, which stands still while a machine sleeps. A test on a paused clock needs one that it
    /// moves itself. Default: the machine's.
    pub fn wall_clock(mut self, clock: impl WallClock + 'static) -> Self {
        self.wall = Arc::new(clock);
        self
    }

    /// Receives each [`Event`](crate::Event). Default: nobody.
    ///
    /// A closure must name the type of its argument:
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
            configured_only: self.configured_only,
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
    /// A [`ConfigError`] names the first wrong setting.
    pub fn build(self) -> Result<LimitLayer<O>, ConfigError> {
        self.check()?;
        Ok(self.assemble())
    }

    /// Builds the layer and a handle that shows and changes its state.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_handle(self) -> Result<(LimitLayer<O>, Handle), ConfigError> {
        let layer = self.build()?;
        let handle = layer.handle();
        Ok((layer, handle))
    }

    /// Builds only the limiter, for a [`Limiter`] of your own around it. The longest wait, the key, the
    /// estimator and the observer belong to the layer and have no effect here.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_local(self) -> Result<Local, ConfigError> {
        self.check()?;
        Ok(self.local())
    }

    /// Builds the layer around another limiter. Only the longest wait, the key, the estimator and the
    /// observer have an effect here; the other settings belong to [`Local`].
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_around<L: Limiter>(self, limiter: L) -> Result<LimitLayer<O, L>, ConfigError> {
        self.check()?;
        Ok(LimitLayer::of(Shared {
            limiter,
            is_providers: true,
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
        for (field, time) in [("max_wait", self.max_wait), ("idle", Some(self.idle))] {
            if time.is_some_and(|time| time.is_zero() || time > DAY) {
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
            is_providers: !self.configured_only,
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
            configured_only: self.configured_only,
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
