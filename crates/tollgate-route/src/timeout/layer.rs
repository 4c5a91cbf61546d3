//! The layer and its settings.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::AttemptListener;
use tower_layer::Layer;

use super::{recent::Recent, service::Timed};
use crate::{ConfigError, Flaw};

/// Ends attempts that take too long: see the [module's page](super).
///
/// # Sharing
///
/// Clones of a layer, and all services made by it, share what was learned about first events.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_route::timeout::TimeoutLayer;
///
/// let layer = TimeoutLayer::builder()
///     .attempt(Duration::from_secs(60))
///     .first_event_between(Duration::from_secs(2), Duration::from_secs(20))
///     .idle(Duration::from_secs(15))
///     .build()?;
/// # let _ = layer;
/// # Ok::<_, tollgate_route::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TimeoutLayer {
    limits: Arc<Limits>,
}

/// The time limits, and the listeners.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) attempt: Option<Duration>,
    pub(super) first: Option<First>,
    pub(super) idle: Option<Duration>,
    /// Comments end a pause.
    pub(super) comments: bool,
    pub(super) listeners: Vec<Arc<dyn AttemptListener>>,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("attempt", &self.attempt)
            .field("first", &self.first)
            .field("idle", &self.idle)
            .field("comments", &self.comments)
            .field("listeners", &self.listeners.len())
            .finish()
    }
}

/// How long a first event may take.
#[derive(Debug)]
pub(super) enum First {
    Fixed(Duration),
    Recent(Recent),
}

impl TimeoutLayer {
    /// Settings to start from: no limit at all.
    pub fn builder() -> TimeoutBuilder {
        TimeoutBuilder::default()
    }
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Timed<S> {
        Timed::new(inner, self.limits.clone())
    }
}

/// The settings of a [`TimeoutLayer`].
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct TimeoutBuilder {
    attempt: Option<Duration>,
    first: Option<(Duration, Duration)>,
    idle: Option<Duration>,
    comments: bool,
    listeners: Vec<Arc<dyn AttemptListener>>,
}

impl TimeoutBuilder {
    /// How long the head of an answer may take, above zero. An answer that is no stream is often
    /// written before its head is sent: leave time for the longest one. `None` for no limit.
    pub fn attempt(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.attempt = time.into();
        self
    }

    /// How long the first event of a stream may take, above zero, counted from the start of the
    /// attempt. Applies to calls that ask for a stream and to answers that are one.
    ///
    /// Another target can only be asked while nothing of the stream was handed on. So the classifier below
    /// must [hold](https://docs.rs/tollgate-classify/latest/tollgate_classify/struct.ClassifyBuilder.html#method.hold)
    /// streams at least so long; a `Stack` sees to that.
    pub fn first_event(self, time: Duration) -> Self {
        self.first_event_between(time, time)
    }

    /// As [`first_event`](Self::first_event), three times as long as 99 of 100 took lately with the
    /// same target, but never below `floor` and above `ceiling`. Where too little is known yet it is
    /// `ceiling`.
    pub fn first_event_between(mut self, floor: Duration, ceiling: Duration) -> Self {
        self.first = Some((floor, ceiling));
        self
    }

    /// How long a first event may take at most, where that is limited.
    #[must_use]
    pub fn longest_first_event(&self) -> Option<Duration> {
        self.first.map(|(_, ceiling)| ceiling)
    }

    /// How long a body may pause, above zero; `None` for no limit. In an event stream that a classifier
    /// below reads, comments do not end a pause, unless
    /// [`comments_count`](Self::comments_count) says so. Before the first event they do, for as long as the
    /// [head](Self::attempt) may take: some providers send them while a call waits for its turn.
    pub fn idle(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle = time.into();
        self
    }

    /// Whether comments of an event stream end a [pause](Self::idle). `false` unless set:
    /// then a provider that sends nothing else is ended by the limit.
    pub fn comments_count(mut self, count: bool) -> Self {
        self.comments = count;
        self
    }

    /// Adds a listener for attempts that are dropped before their head came, and for streams that carry an
    /// error event: the handles of a breaker and of a router, which then know of a provider that hangs or
    /// fails. A [`Stack`] does that by itself.
    ///
    /// [`Stack`]: https://docs.rs/tollgate/latest/tollgate/struct.Stack.html
    pub fn listener(mut self, listener: impl AttemptListener + 'static) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// Builds the layer.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first setting that makes no sense.
    pub fn build(self) -> Result<TimeoutLayer, ConfigError> {
        let (floor, ceiling) = self.first.unzip();
        for (name, time) in [
            ("attempt", self.attempt),
            ("first_event", floor),
            ("idle", self.idle),
        ] {
            if time.is_some_and(|time| time.is_zero()) {
                return Err(ConfigError::new(name, Flaw::Setting("must be above zero")));
            }
        }
        if floor > ceiling {
            let flaw = Flaw::Setting("has a floor above its ceiling");
            return Err(ConfigError::new("first_event_between", flaw));
        }
        let first = self.first.map(|(floor, ceiling)| match floor == ceiling {
            true => First::Fixed(floor),
            false => First::Recent(Recent::new(floor, ceiling)),
        });
        let limits = Limits {
            attempt: self.attempt,
            first,
            idle: self.idle,
            comments: self.comments,
            listeners: self.listeners,
        };
        Ok(TimeoutLayer {
            limits: Arc::new(limits),
        })
    }
}

impl fmt::Debug for TimeoutBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutBuilder")
            .field("attempt", &self.attempt)
            .field("first", &self.first)
            .field("idle", &self.idle)
            .field("comments", &self.comments)
            .field("listeners", &self.listeners.len())
            .finish()
    }
}
