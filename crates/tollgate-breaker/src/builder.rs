//! Builds a `BreakerLayer` with settings of one's own.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::{
    Class, Classification, Evict, Observe, Random, SystemClock, Target, WallClock,
};

use crate::{
    BreakerLayer, ConfigError, Event, Handle, Head, Verdict,
    config::{Settings, Stated},
    shared::Sources,
};

/// The settings of a [`BreakerLayer`]; every one has a default.
///
/// Made by [`BreakerLayer::builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_breaker::BreakerLayer;
///
/// let layer = BreakerLayer::builder()
///     .consecutive_failures(3)
///     .failure_rate(0.25, 20)
///     .slow_calls(Duration::from_secs(30), 0.5, 10)
///     .open_time(Duration::from_secs(2), Duration::from_secs(60))
///     .build()?;
/// # let _ = layer;
/// # Ok::<_, tollgate_breaker::ConfigError>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<O = ()> {
    stated: Stated,
    settings: Settings,
    random: Option<Random>,
    wall: Arc<dyn WallClock>,
    queues: Vec<Arc<dyn Evict>>,
    observer: O,
}

impl Default for Builder {
    fn default() -> Self {
        let stated = Stated::DEFAULT;
        let settings = Settings {
            rules: stated.rules(),
            classes: vec![
                Class::Overloaded,
                Class::ServerError,
                Class::Timeout,
                Class::Transport,
            ],
            judge: None,
            key: None,
            whole_body: false,
            keys: 10_000,
        };
        Self {
            stated,
            settings,
            random: None,
            wall: Arc::new(SystemClock::default()),
            queues: Vec::new(),
            observer: (),
        }
    }
}

impl<O> Builder<O> {
    /// Opens after so many failures without a success in between; at least 1, default 5. While calls are
    /// out, after at least a quarter as many as are out: failures come back before answers do. Bodies that
    /// break are counted in a row of their own, which a body that ends well ends.
    pub fn consecutive_failures(mut self, failures: u32) -> Self {
        self.stated.consecutive = Some(failures);
        self
    }

    /// However many failures come in a row, that alone does not open it.
    pub fn no_consecutive_failures(mut self) -> Self {
        self.stated.consecutive = None;
        self
    }

    /// Opens when such a part of the calls in the window failed, of at least so many calls. Above 0
    /// and at most 1, of at least 1; default 0.5 of 10. A quarter of the calls that are out count as served.
    pub fn failure_rate(mut self, rate: f64, calls: u32) -> Self {
        self.stated.failure_rate = Some((rate, calls));
        self
    }

    /// Whatever part of the calls fails, that alone does not open it.
    pub fn no_failure_rate(mut self) -> Self {
        self.stated.failure_rate = None;
        self
    }

    /// Opens when such a part of the calls in the window took longer than this, of at least so many
    /// calls. `over` is above zero and at most 24 h; the rest as in
    /// [`failure_rate`](Self::failure_rate). Default: slowness does not count.
    ///
    /// It is the time to the head of the response, without the time that a limiter below says it
    /// held the call ([`Note::queued`](tollgate_core::Note::queued)), and without the wait for the
    /// readiness of the service below. Calls that are neither success nor failure do not count here
    /// either. A slow probe is a failed one.
    pub fn slow_calls(mut self, over: Duration, rate: f64, calls: u32) -> Self {
        self.stated.slow = Some((over, rate, calls));
        self
    }

    /// How long the window is that rates are counted over, and in how many steps it slides. Default
    /// 30 s in 10. At most 24 h and 1000 buckets, at least a millisecond for each.
    pub fn window(mut self, length: Duration, buckets: usize) -> Self {
        self.stated.window = length;
        self.stated.buckets = buckets;
        self
    }

    /// How long it is open: at least, and at most. Between these it is a sixtieth of the time that the
    /// provider has been ill, a second for each minute, so that a recovery is seen soon. Up to a tenth is
    /// added at random. Default 5 s and 60 s; above zero, at most 24 h.
    ///
    /// A wait that the provider told with a failure is a floor, whatever is said here; 24 h at most.
    /// It is void once a call has succeeded.
    pub fn open_time(mut self, first: Duration, most: Duration) -> Self {
        self.stated.open = first;
        self.stated.open_max = most;
        self
    }

    /// So many probes must succeed before it closes: 1 to 1000, default 2. One may be in flight at
    /// first; each success doubles how many.
    pub fn successes(mut self, probes: u32) -> Self {
        self.stated.successes = probes;
        self
    }

    /// A probe that has not ended after this time does not keep others from going out; above zero,
    /// at most 24 h, default 60 s. Its answer still counts, should it come.
    pub fn probe_timeout(mut self, time: Duration) -> Self {
        self.stated.probe_timeout = time;
        self
    }

    /// The classes that count as failures, instead of `Overloaded`, `ServerError`, `Timeout` and
    /// `Transport`. What is neither of these nor a success is neutral: it is not counted at all,
    /// but that such an answer is a good probe.
    pub fn on_classes(mut self, classes: impl IntoIterator<Item = Class>) -> Self {
        self.settings.classes = classes.into_iter().collect();
        self
    }

    /// One more class that counts as a failure.
    pub fn trip_on(mut self, class: Class) -> Self {
        if !self.settings.classes.contains(&class) {
            self.settings.classes.push(class);
        }
        self
    }

    /// A word of one's own on what an answer counts as; `None` leaves it to the classes.
    ///
    /// It is asked for every answer, also for those that succeeded. If it panics, the call counts
    /// nothing and its place is free again.
    ///
    /// ```
    /// use tollgate_breaker::{BreakerLayer, Verdict};
    ///
    /// let layer = BreakerLayer::builder()
    ///     .judge(|seen| seen.evidence().contains("engine").then_some(Verdict::Failure))
    ///     .build()?;
    /// # let _ = layer;
    /// # Ok::<_, tollgate_breaker::ConfigError>(())
    /// ```
    pub fn judge(
        mut self,
        judge: impl Fn(&Classification) -> Option<Verdict> + Send + Sync + 'static,
    ) -> Self {
        self.settings.judge = Some(Arc::new(judge));
        self
    }

    /// A call has succeeded when its response body has ended, not already when its head is there.
    /// A probe then keeps its place until that; a body that is dropped before its end is neutral.
    ///
    /// Only for callers who read to the very end. Of one who stops at `data: [DONE]`, as many do, no
    /// call ever succeeds: no row of failures ends, and no probe closes it.
    pub fn whole_body(mut self) -> Self {
        self.settings.whole_body = true;
        self
    }

    /// Whose breaker a call is for, instead of the target of its [`Call`](tollgate_core::Call), else
    /// its host. To keep the targets that are returned (a clone is cheap) spares allocations.
    ///
    /// ```
    /// use tollgate_breaker::BreakerLayer;
    /// use tollgate_core::Target;
    ///
    /// // One breaker for all, whatever is called.
    /// let all = Target::provider_only("all");
    /// let layer = BreakerLayer::builder().key(move |_| all.clone()).build()?;
    /// # let _ = layer;
    /// # Ok::<_, tollgate_breaker::ConfigError>(())
    /// ```
    pub fn key(mut self, key: impl Fn(&Head<'_>) -> Target + Send + Sync + 'static) -> Self {
        self.settings.key = Some(Arc::new(key));
        self
    }

    /// How many keys are kept at most; at least 1, default 10,000. Where there is no room for
    /// another, closed ones are forgotten that hold nothing but successes or are idle; one that is
    /// open never is. If all are open or in use, calls of further keys pass unwatched.
    pub fn keys(mut self, most: usize) -> Self {
        self.settings.keys = most;
        self
    }

    /// Where jitter comes from; a seeded one makes it repeatable. Default: [`Random::new`].
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// The clock that dates a [`Snapshot`](crate::Snapshot). Default: the machine's.
    pub fn wall_clock(mut self, clock: impl WallClock + 'static) -> Self {
        self.wall = Arc::new(clock);
        self
    }

    /// A queue below that is emptied when a breaker opens: the handle of a limiter. Calls that passed
    /// the breaker before and still wait there end at once with
    /// [`Reason::CircuitOpen`](tollgate_core::Reason::CircuitOpen). May be set more than once.
    ///
    /// The queue receives the key of the breaker. Where a [key function](Self::key) returns targets of its
    /// own, no call waits for these, and none ends.
    pub fn evict(mut self, queue: impl Evict + 'static) -> Self {
        self.queues.push(Arc::new(queue));
        self
    }

    /// Who hears of each [`Event`]. Default: nobody.
    ///
    /// A closure must name the type of what it hears:
    ///
    /// ```
    /// use tollgate_breaker::{BreakerLayer, Event};
    ///
    /// let layer = BreakerLayer::builder().observer(|event: &Event| eprintln!("{event}")).build()?;
    /// # let _ = layer;
    /// # Ok::<_, tollgate_breaker::ConfigError>(())
    /// ```
    pub fn observer<P>(self, observer: P) -> Builder<P> {
        Builder {
            stated: self.stated,
            settings: self.settings,
            random: self.random,
            wall: self.wall,
            queues: self.queues,
            observer,
        }
    }

    /// Builds the layer.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first setting that makes no sense.
    pub fn build(self) -> Result<BreakerLayer<O>, ConfigError> {
        self.stated.check()?;
        self.settings.check()?;
        Ok(self.assemble())
    }

    /// Builds the layer and a handle to see and move its breakers.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_handle(self) -> Result<(BreakerLayer<O>, Handle), ConfigError>
    where
        O: Observe<Event> + Send + Sync + 'static,
    {
        let layer = self.build()?;
        let handle = layer.handle();
        Ok((layer, handle))
    }

    /// Builds without a check, for settings known to be good.
    pub(crate) fn assemble(mut self) -> BreakerLayer<O> {
        self.settings.rules = self.stated.rules();
        let sources = Sources {
            random: self.random.unwrap_or_default(),
            wall: self.wall,
            queues: self.queues,
        };
        BreakerLayer::of(self.settings, sources, self.observer)
    }
}

impl<O> fmt::Debug for Builder<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("stated", &self.stated)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
