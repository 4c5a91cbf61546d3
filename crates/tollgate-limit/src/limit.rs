//! A configured limit.

use std::{fmt, time::Duration};

use tollgate_core::{LimitKind, Window};

use crate::{
    account::{
        Bucket,
        time::{SECOND, span},
    },
    zone::Zone,
};

/// A configured limit: how much of what, in which period, and how it comes back.
///
/// Without a shape it is *plain*: what you know about the provider. The limiter counts it as a bucket that
/// holds the whole amount and refills evenly, and refills it when the provider reports more. With a shape
/// or a share it is *exact*: the limiter does not exceed it. [`fixed`](Self::fixed) is exact too, but the
/// provider's headers and stated waits tell when its window ends.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_limit::Limit;
///
/// // Plain, as a pricing page states it. The provider's headers overrule it.
/// let requests = Limit::requests(600, Duration::from_secs(60));
/// // Exact, a token bucket: 10 at once, then one every 100 ms.
/// let bucket = requests.clone().bucket(10);
/// // Exact, for one of four processes that use one API key.
/// let mine = requests.share(1.0 / 4.0);
/// # let _ = (bucket, mine);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    kind: LimitKind,
    amount: u64,
    period: Duration,
    shape: Option<Shape>,
    share: f64,
}

/// How a limit gives back what was taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Evenly, up to this burst.
    Bucket {
        /// The most that can be taken at once.
        burst: u64,
    },
    /// All at once, at the end of each window. When windows end is learned.
    Fixed,
    /// Each unit one period after it was taken.
    Sliding,
    /// All at once, at midnight in this time zone.
    #[cfg_attr(
        not(feature = "calendar"),
        expect(dead_code, reason = "there is no zone to make one with")
    )]
    Day(Zone),
}

impl Limit {
    /// At most `amount` of `kind` in each `period`.
    #[must_use]
    pub const fn new(kind: LimitKind, amount: u64, period: Duration) -> Self {
        Self {
            kind,
            amount,
            period,
            shape: None,
            share: 1.0,
        }
    }

    /// At most `amount` requests in each `period`.
    #[must_use]
    pub const fn requests(amount: u64, period: Duration) -> Self {
        Self::new(LimitKind::Requests, amount, period)
    }

    /// At most `amount` tokens, of prompts and answers together, in each `period`.
    #[must_use]
    pub const fn tokens(amount: u64, period: Duration) -> Self {
        Self::new(LimitKind::Tokens, amount, period)
    }

    /// Makes it exact, a token bucket: it refills evenly, and at most `burst` units go at once.
    ///
    /// Calls overtake each other on the way by some milliseconds and would then meet an empty bucket. So
    /// the last call of a burst goes up to 60 ms later than the bucket allows. A bucket whose whole burst
    /// is one call runs at no less than 97 % of its rate, and at 83 % for a while after rejections.
    #[must_use]
    pub fn bucket(mut self, burst: u64) -> Self {
        self.shape = Some(Shape::Bucket { burst });
        self
    }

    /// Makes it exact, a fixed window: all units come back when the window ends.
    ///
    /// The provider's headers and stated waits tell when that is. Until they do, each unit comes back one
    /// period after it was taken, which exceeds no window.
    #[must_use]
    pub fn fixed(mut self) -> Self {
        self.shape = Some(Shape::Fixed);
        self
    }

    /// Makes it exact, a sliding window: each unit comes back one period after it was taken.
    #[must_use]
    pub fn sliding(mut self) -> Self {
        self.shape = Some(Shape::Sliding);
        self
    }

    /// Makes it exact, a calendar day: all units come back at midnight in this zone of the IANA time zone
    /// database, which comes along. Needs the feature `calendar`.
    ///
    /// # Errors
    ///
    /// If there is no such zone.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tollgate_limit::Limit;
    ///
    /// // A day that begins at midnight in California.
    /// let day = Limit::requests(1_500, Duration::from_secs(86_400)).day_in("America/Los_Angeles")?;
    /// # let _ = day;
    /// # Ok::<(), tollgate_limit::LimitError>(())
    /// ```
    #[cfg(feature = "calendar")]
    pub fn day_in(mut self, zone: &str) -> Result<Self, LimitError> {
        let zone = Zone::named(zone).ok_or(LimitError(Fault::Zone))?;
        self.shape = Some(Shape::Day(zone));
        Ok(self)
    }

    /// Takes only this part of it, above 0 and at most 1: for several processes that use one API key. A
    /// part below 1 makes it exact; without a shape it is then a sliding window. Where the part is less
    /// than one unit, one unit goes in a longer period.
    #[must_use]
    pub const fn share(mut self, part: f64) -> Self {
        self.share = part;
        self
    }

    /// What it counts.
    #[must_use]
    pub const fn kind(&self) -> LimitKind {
        self.kind
    }

    /// How much of it may go in a period, with the share applied.
    #[must_use]
    pub fn amount(&self) -> u64 {
        self.part_of(self.amount)
    }

    /// The span in which [`amount`](Self::amount) may be taken: longer than the period where the share
    /// is less than one unit.
    pub(crate) fn effective_period(&self) -> Duration {
        let part = self.exact_part_of(self.amount);
        if part >= 1.0 || part <= 0.0 {
            return self.period;
        }
        Duration::try_from_secs_f64(self.period.as_secs_f64() / part).unwrap_or(self.period)
    }

    /// The share is less than one unit a period.
    pub(crate) fn is_stretched(&self) -> bool {
        self.effective_period() != self.period
    }

    /// The period.
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// How it comes back, where that is known.
    pub(crate) const fn shape(&self) -> Option<&Shape> {
        self.shape.as_ref()
    }

    /// Others take the rest of it.
    pub(crate) fn is_shared(&self) -> bool {
        self.share < 1.0
    }

    pub(crate) fn window(&self) -> Option<Window> {
        use Window::{Day, Hour, Minute, Month, Second};
        let windows = [Second, Minute, Hour, Day, Month];
        windows
            .into_iter()
            .find(|window| window.length() == self.period)
    }

    /// A part of a whole; a part of something is at least 1, because a limit of 0 stops all calls.
    pub(crate) fn part_of(&self, whole: u64) -> u64 {
        if !self.is_shared() || whole == 0 {
            return whole;
        }
        (self.exact_part_of(whole) as u64).max(1)
    }

    /// With its fraction. 49 times a 49th is 1, which it is not where floats are rounded.
    fn exact_part_of(&self, whole: u64) -> f64 {
        whole as f64 * self.share * (1.0 + 1e-12)
    }

    /// Time between two units at an even pace.
    pub(crate) fn every(&self) -> u64 {
        let rate = (self.amount.max(1) as f64) * self.share;
        (span(self.period) as f64 / rate).ceil().max(1.0) as u64
    }

    /// # Errors
    ///
    /// When it cannot be kept: no amount or period, a share that is not a part, a bucket too large.
    pub(crate) fn check(&self) -> Result<(), LimitError> {
        if self.period.is_zero() || span(self.period) > 400 * 86_400 * SECOND {
            return Err(LimitError(Fault::Period));
        }
        if !(self.share > 0.0 && self.share <= 1.0) {
            return Err(LimitError(Fault::Share));
        }
        if self.kind == LimitKind::Concurrency {
            return Err(LimitError(Fault::Kind));
        }
        let burst = match self.shape {
            Some(Shape::Bucket { burst }) => self.part_of(burst),
            _ => 1,
        };
        if self.amount == 0 || burst == 0 {
            return Err(LimitError(Fault::Amount));
        }
        if Bucket::new(burst, self.every(), 0).is_none() {
            return Err(LimitError(Fault::Bucket));
        }
        Ok(())
    }
}

/// A limit that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitError(Fault);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Amount,
    Period,
    Share,
    Kind,
    Bucket,
    #[cfg(feature = "calendar")]
    Zone,
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Fault::Amount => "the amount of a limit must be above zero",
            Fault::Period => "the period of a limit must be above zero and at most 400 days",
            Fault::Share => "the share of a limit must be above 0 and at most 1",
            Fault::Kind => "calls at the same time are not counted over a period",
            Fault::Bucket => {
                "a bucket must hold at most 4294967295 units and fill within 146 years"
            }
            #[cfg(feature = "calendar")]
            Fault::Zone => "there is no such time zone",
        })
    }
}

impl std::error::Error for LimitError {}
