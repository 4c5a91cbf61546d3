//! A provider's limits, simulated: how many calls and tokens it lets through, and when.
//!
//! Everything here is pure: no clock is read, nothing waits. [`Meters`] holds the counts; one asks
//! it with a cost and a time and gets a decision.

mod bucket;
mod concurrency;
mod fixed;
mod meters;
mod sliding;

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind, Window};

pub use meters::{Admission, Level, Meters, Refusal, Ticket};

/// One limit of a provider: what it counts, how much it allows, and how it forgets.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_test::{Kind, Quota};
///
/// let minute = Duration::from_secs(60);
/// // 600 a minute, as a bucket that holds 10: an empty one has a free slot every 100 ms.
/// let smooth = Quota::bucket(Kind::Requests, 600, minute, 10);
/// // 90,000 tokens in each minute of the clock, first met 37 s into it.
/// let tokens = Quota::fixed(Kind::Tokens, 90_000, minute).met_at(Duration::from_secs(37));
/// // Never more than 4 at the same time.
/// let narrow = Quota::concurrency(4);
/// # let _ = (smooth, tokens, narrow);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    pub(crate) kind: LimitKind,
    pub(crate) limit: u64,
    pub(crate) window: Duration,
    pub(crate) shape: Shape,
    pub(crate) name: Option<Window>,
    pub(crate) model: Option<Box<str>>,
    pub(crate) claim: Option<u64>,
    pub(crate) overstated: Option<u64>,
    pub(crate) used: u64,
    pub(crate) hidden: bool,
}

/// How a limit forgets what was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Bucket { per_window: u64 },
    Fixed { phase: Duration },
    Sliding,
    Concurrency,
}

impl Quota {
    /// A token bucket: `per_window` flow in evenly over each `window`, and at most `burst` are held.
    ///
    /// The limit it shows in headers is `burst`, and its reset is the time until it is full again.
    ///
    /// # Panics
    ///
    /// If a number or the window is zero.
    #[must_use]
    pub fn bucket(kind: LimitKind, per_window: u64, window: Duration, burst: u64) -> Self {
        assert!(per_window > 0, "a bucket into which nothing flows");
        Self::new(kind, burst, window, Shape::Bucket { per_window })
    }

    /// A fixed window: `limit` in each `window`, the first of which begins with the first call.
    ///
    /// Its reset is the end of the window.
    ///
    /// # Panics
    ///
    /// If the limit or the window is zero.
    #[must_use]
    pub fn fixed(kind: LimitKind, limit: u64, window: Duration) -> Self {
        let phase = Duration::ZERO;
        Self::new(kind, limit, window, Shape::Fixed { phase })
    }

    /// A sliding log: never more than `limit` in any stretch of length `window`.
    ///
    /// Its reset is the time until the oldest use leaves the log: the next free slot.
    ///
    /// # Panics
    ///
    /// If the limit or the window is zero.
    #[must_use]
    pub fn sliding(kind: LimitKind, limit: u64, window: Duration) -> Self {
        Self::new(kind, limit, window, Shape::Sliding)
    }

    /// At most `limit` calls at the same time, each counted until the last byte of its answer.
    ///
    /// # Panics
    ///
    /// If the limit is zero.
    #[must_use]
    pub fn concurrency(limit: u64) -> Self {
        let unused = Duration::from_secs(1);
        Self::new(LimitKind::Concurrency, limit, unused, Shape::Concurrency)
    }

    fn new(kind: LimitKind, limit: u64, window: Duration, shape: Shape) -> Self {
        assert!(limit > 0, "a limit of zero lets nothing through");
        assert!(!window.is_zero(), "a window without a length");
        let name = match shape {
            Shape::Concurrency => None,
            _ => named(window),
        };
        Self {
            kind,
            limit,
            window,
            shape,
            name,
            model: None,
            claim: None,
            overstated: None,
            used: 0,
            hidden: false,
        }
    }

    /// Lets a fixed window be `phase` old when the first call comes. Ignored by the other shapes.
    #[must_use]
    pub fn met_at(mut self, phase: Duration) -> Self {
        if let Shape::Fixed { phase: at } = &mut self.shape {
            *at = phase;
        }
        self
    }

    /// Says how answers name the window, where its length does not: a "minute" that is scaled down
    /// to a second, so that a demonstration is over soon.
    #[must_use]
    pub fn named(mut self, name: Window) -> Self {
        self.name = Some(name);
        self
    }

    /// Counts only calls of this model. Without it, all models share the count.
    #[must_use]
    pub fn only(mut self, model: &str) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Lets headers lie: they say `limit`, and a rest that goes with it, whatever is enforced.
    #[must_use]
    pub fn claiming(mut self, limit: u64) -> Self {
        self.claim = Some(limit);
        self
    }

    /// Lets headers overstate the limit: they name `limit` beside what is really left, which never
    /// comes near it.
    #[must_use]
    pub fn overstating(mut self, limit: u64) -> Self {
        self.overstated = Some(limit);
        self
    }

    /// Lets this much of the limit be used when the first call comes: by another process, or by an
    /// earlier run of the same one.
    ///
    /// A bucket lacks it, a fixed window has counted it since its beginning, and a sliding log holds
    /// it in 60 equal portions, spread over the window before the first call. Ignored by
    /// [`concurrency`](Self::concurrency).
    #[must_use]
    pub fn used(mut self, amount: u64) -> Self {
        self.used = amount;
        self
    }

    /// Keeps this limit out of the headers, as providers do with some.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    fn counts(&self, model: &str) -> bool {
        self.model.as_deref().is_none_or(|only| only == model)
    }

    fn share(&self, cost: &Cost) -> u64 {
        match self.kind {
            LimitKind::Requests => cost.requests(),
            LimitKind::Tokens => cost.tokens(),
            LimitKind::InputTokens => cost.input_tokens(),
            LimitKind::OutputTokens => cost.output_tokens(),
            LimitKind::Images => cost.images(),
            LimitKind::Concurrency => 1,
            _ => 0,
        }
    }
}

/// When a cost fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Wait {
    /// At once.
    Now,
    /// After this time, if nothing else is used until then.
    For(Duration),
    /// When another call ends: nobody knows when.
    Unknown,
    /// Never: the cost is above the limit.
    Never,
}

/// How one limit counts. `now` never goes back; what is older counts as the newest time seen.
trait Count: std::fmt::Debug + Send {
    /// When `cost` fits.
    fn wait(&mut self, cost: u64, now: Instant) -> Wait;
    /// Uses `cost`, whether it fits or not, on behalf of the call `ticket`.
    fn take(&mut self, cost: u64, ticket: u64, now: Instant);
    /// Gives back what the call `ticket`, admitted at `then`, took too much.
    fn refund(&mut self, cost: u64, ticket: u64, then: Instant, now: Instant);
    /// How much is used (may be above the limit), and the time until the reset.
    fn level(&mut self, now: Instant) -> (u64, Duration);
    /// Begins with `used`, taken before `start`.
    fn begin(&mut self, used: u64, start: Instant) {
        self.take(used, 0, start);
    }
    /// The call is over.
    fn release(&mut self) {}
}

fn named(window: Duration) -> Option<Window> {
    use Window::{Day, Hour, Minute, Month, Second};
    [Second, Minute, Hour, Day, Month]
        .into_iter()
        .find(|name| name.length() == window)
}

fn nanos(n: u128) -> Duration {
    Duration::from_nanos(u64::try_from(n).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
