//! What every layer of a stack tells, through one hook.

use std::{fmt, time::Duration};

use tollgate_core::{Class, Observe, Reason, Target};

/// What a layer of the stack did, or how a whole call ended.
///
/// An observer of a whole stack hears these; one of a single layer hears that layer's own events.
///
/// # Examples
///
/// ```
/// use tollgate::{Event, core::Observe};
///
/// fn observer() -> impl for<'a> Observe<Event<'a>> {
///     |event: &Event<'_>| println!("{event}")
/// }
/// # let _ = observer();
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The classifier read an answer that is more than a plain success.
    #[cfg(feature = "classify")]
    Classify(&'a tollgate_classify::Classified),
    /// Retry waits, gives up, or got through.
    #[cfg(feature = "retry")]
    Retry(&'a tollgate_retry::Event),
    /// The limiter let go, held, refused or learned.
    #[cfg(feature = "limit")]
    Limit(&'a tollgate_limit::Event),
    /// A breaker changed its state or refused.
    #[cfg(feature = "breaker")]
    Breaker(&'a tollgate_breaker::Event),
    /// The router went on to another target, or had none left.
    #[cfg(feature = "route")]
    Route(&'a tollgate_route::Event),
    /// A whole call ended: exactly one for each call that began.
    Finished(&'a Finished),
}

/// How a whole call ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finished {
    /// What became of it.
    pub outcome: Outcome,
    /// Who served it or was asked last, where that is known.
    pub target: Option<Target>,
    /// From the call to the head of the response, or to the error or the drop.
    pub took: Duration,
}

/// What became of a whole call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A response was handed up; its class says how good it is.
    Answered(Class),
    /// A layer refused it.
    Rejected(Reason),
    /// It failed without a response; [`Class::Timeout`] or [`Class::Transport`].
    Failed(Class),
    /// The caller dropped it before it ended.
    Cancelled,
}

impl Outcome {
    /// Its name in logs and metrics: a class, a reason or `cancelled`, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered(class) | Self::Failed(class) => class.as_str(),
            Self::Rejected(reason) => reason.as_str(),
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = &self.target {
            write!(f, "{target}: ")?;
        }
        write!(f, "{} after {:.1?}", self.outcome, self.took)
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "classify")]
            Self::Classify(event) => event.fmt(f),
            #[cfg(feature = "retry")]
            Self::Retry(event) => event.fmt(f),
            #[cfg(feature = "limit")]
            Self::Limit(event) => event.fmt(f),
            #[cfg(feature = "breaker")]
            Self::Breaker(event) => event.fmt(f),
            #[cfg(feature = "route")]
            Self::Route(event) => event.fmt(f),
            Self::Finished(event) => event.fmt(f),
        }
    }
}

/// Hands the events of each layer to one observer of all of them.
///
/// # Examples
///
/// ```
/// use tollgate::{Event, event::Each};
///
/// let all = Each::new(|event: &Event<'_>| println!("{event}"));
/// let retry = tollgate::retry::RetryLayer::builder().observer(all).build()?;
/// # let _ = retry;
/// # Ok::<_, tollgate::retry::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Each<O>(pub(crate) O);

impl<O> Each<O> {
    /// Around an observer of all events.
    pub const fn new(observer: O) -> Self
    where
        O: for<'a> Observe<Event<'a>>,
    {
        Self(observer)
    }
}

macro_rules! each {
    ($($feature:literal $event:ty => $kind:ident),* $(,)?) => { $(
        #[cfg(feature = $feature)]
        impl<O: for<'a> Observe<Event<'a>>> Observe<$event> for Each<O> {
            fn observe(&self, event: &$event) {
                self.0.observe(&Event::$kind(event));
            }

            fn listens(&self) -> bool {
                self.0.listens()
            }
        }
    )* };
}

each! {
    "classify" tollgate_classify::Classified => Classify,
    "retry" tollgate_retry::Event => Retry,
    "limit" tollgate_limit::Event => Limit,
    "breaker" tollgate_breaker::Event => Breaker,
    "route" tollgate_route::Event => Route,
}

impl<O: for<'a> Observe<Event<'a>>> Observe<Finished> for Each<O> {
    fn observe(&self, event: &Finished) {
        self.0.observe(&Event::Finished(event));
    }

    fn listens(&self) -> bool {
        self.0.listens()
    }
}
