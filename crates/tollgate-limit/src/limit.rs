//! A limit as a person states it.

use std::{fmt, time::Duration};

use jiff::tz::TimeZone;
use tollgate_core::{LimitKind, Window};

use crate::{
    meter::Bucket,
    time::{SECOND, span},
};

/// A limit one knows of: how much of what, in what time, and how it comes back.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_limit::Limit;
///
/// // What a pricing page says. How it comes back is learned.
/// let requests = Limit::requests(600, Duration::from_secs(60));
/// // A token bucket: 10 at once, then one every 100 ms.
/// let bucket = requests.clone().bucket(10);
/// // This process is one of four behind one key.
/// let mine = requests.share(1.0 / 4.0);
/// // Starts afresh at midnight in California.
/// let day = Limit::requests(1_500, Duration::from_secs(86_400)).day_in("America/Los_Angeles")?;
/// # let _ = (bucket, mine, day);
/// # Ok::<(), tollgate_limit::LimitError>(())
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
    Day(TimeZone),
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

    /// It refills evenly, and at most `burst` can be taken at once.
    ///
    /// Calls overtake each other on the way by some milliseconds, and would then meet an empty bucket:
    /// so the last of a burst goes up to 60 ms later than it might. A bucket that calls take whole is
    /// used at no less than 97 % of its pace, until the provider turns a call away.
    #[must_use]
    pub fn bucket(mut self, burst: u64) -> Self {
        self.shape = Some(Shape::Bucket { burst });
        self
    }

    /// It starts afresh at the end of each window.
    #[must_use]
    pub fn fixed(mut self) -> Self {
        self.shape = Some(Shape::Fixed);
        self
    }

    /// Each unit comes back one period after it was taken.
    #[must_use]
    pub fn sliding(mut self) -> Self {
        self.shape = Some(Shape::Sliding);
        self
    }

    /// It starts afresh at midnight in this zone of the IANA time zone database.
    ///
    /// # Errors
    ///
    /// When there is no such zone.
    pub fn day_in(mut self, zone: &str) -> Result<Self, LimitError> {
        let zone = TimeZone::get(zone).map_err(|_| LimitError(Fault::Zone))?;
        self.shape = Some(Shape::Day(zone));
        Ok(self)
    }

    /// Takes only this part of it, above 0 and up to 1: for several processes behind one key. At
    /// least one unit remains.
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

    /// How much of it one may take in a period, the share counted in.
    #[must_use]
    pub fn amount(&self) -> u64 {
        self.part_of(self.amount)
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

    /// A part of a whole; a part of something is at least 1, because a limit of 0 stops for ever.
    pub(crate) fn part_of(&self, whole: u64) -> u64 {
        if !self.is_shared() || whole == 0 {
            return whole;
        }
        ((whole as f64 * self.share) as u64).max(1)
    }

    /// Time between two units at an even pace.
    pub(crate) fn every(&self) -> u64 {
        let rate = (self.amount.max(1) as f64) * self.share;
        (span(self.period) as f64 / rate).ceil().max(1.0) as u64
    }

    /// # Errors
    ///
    /// When it can not be kept: no period, a share that is not a part, a bucket too large to count.
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
        if let Some(Shape::Bucket { burst }) = self.shape {
            let burst = self.part_of(burst);
            if burst > 0 && Bucket::new(burst, self.every(), 0).is_none() {
                return Err(LimitError(Fault::Bucket));
            }
        }
        Ok(())
    }
}

/// A limit that can not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitError(Fault);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Period,
    Share,
    Kind,
    Bucket,
    Zone,
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Fault::Period => "the period of a limit must be above zero and at most 400 days",
            Fault::Share => "the share of a limit must be above 0 and at most 1",
            Fault::Kind => "calls at the same time are not counted over a period",
            Fault::Bucket => {
                "a bucket must hold at most 4294967295 units and fill within 146 years"
            }
            Fault::Zone => "there is no such time zone",
        })
    }
}

impl std::error::Error for LimitError {}
