//! How long to wait before an attempt, as a pure function.

use std::time::Duration;

use tollgate_core::Random;

/// Exponential backoff with full jitter, for one kind of failure.
///
/// Without a wait from the provider, retry number `n` (from 0) waits for a random time between zero
/// and `min(cap, base * 2^n)`, drawn anew for every call. With one, that wait is the floor, and what
/// is drawn comes on top: a little jitter the first time; after a told wait that was in vain, up to
/// the same growing bound. (Providers tell whole seconds to everybody: 300 calls that return in step
/// meet the same 429 together until their attempts are used up.)
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_retry::Backoff;
///
/// let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), 7);
/// assert_eq!(backoff.longest(0), Duration::from_secs(1));
/// assert_eq!(backoff.longest(3), Duration::from_secs(8));
/// assert_eq!(backoff.longest(400), Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
    pub(crate) attempts: u32,
}

impl Backoff {
    /// For throttles unless set: 1 s, doubling up to 60 s, 7 attempts. A third of real 429s say
    /// nothing about a wait, and a window of one minute must be survived.
    pub const THROTTLE: Self = Self::new(Duration::from_secs(1), Duration::from_secs(60), 7);

    /// For transient faults unless set: 250 ms, doubling up to 20 s, 4 attempts.
    pub const TRANSIENT: Self = Self::new(Duration::from_millis(250), Duration::from_secs(20), 4);

    /// A first wait of up to `base`, doubling up to `cap`, in at most `attempts` attempts, the first
    /// one included. Checked when the layer is built: `0 < base <= cap <= 24 h`, `attempts >= 1`.
    #[must_use]
    pub const fn new(base: Duration, cap: Duration, attempts: u32) -> Self {
        Self {
            base,
            cap,
            attempts,
        }
    }

    /// The longest wait before retry number `n`, counted from 0: `min(cap, base * 2^n)`.
    #[must_use]
    pub fn longest(&self, n: u32) -> Duration {
        let base = self.base.as_nanos();
        let grown = (n < base.leading_zeros()).then(|| base << n);
        grown
            .and_then(|nanos| u64::try_from(nanos).ok())
            .map_or(self.cap, |nanos| self.cap.min(Duration::from_nanos(nanos)))
    }

    /// The waits to draw from, before retry number `n`; `in_vain` says that this call has slept a
    /// told wait before.
    pub(crate) fn span(
        &self,
        jitter: &HintJitter,
        n: u32,
        hint: Option<Duration>,
        in_vain: bool,
    ) -> Span {
        let Some(hint) = hint else {
            return Span {
                floor: Duration::ZERO,
                spread: self.longest(n),
            };
        };
        // The shorter a hint, the less it says: "0" says no more than no hint at all. And one that was
        // in vain was told to many, who came back together: now they must spread.
        let missing = if in_vain {
            1.0
        } else {
            1.0 - hint.as_secs_f64() / self.base.as_secs_f64()
        };
        let grown = seconds(self.longest(n).as_secs_f64() * missing.max(0.0), self.cap);
        let spread = jitter.longest(hint);
        Span {
            floor: hint,
            spread: spread.max(grown),
        }
    }
}

/// What is added to a wait that the provider told: a random time between zero and `fraction` of it,
/// but at least up to `min` and at most up to `max`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HintJitter {
    pub(crate) fraction: f64,
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

impl HintJitter {
    pub(crate) const DEFAULT: Self = Self {
        fraction: 0.1,
        min: Duration::from_millis(250),
        max: Duration::from_secs(5),
    };

    fn longest(&self, hint: Duration) -> Duration {
        let part = seconds(hint.as_secs_f64() * self.fraction, self.max);
        part.max(self.min).min(self.max)
    }
}

/// The waits to draw from: `floor` to `floor + spread`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Never wait less.
    pub(crate) floor: Duration,
    /// The jitter on top.
    pub(crate) spread: Duration,
}

impl Span {
    /// A wait, drawn evenly.
    pub(crate) fn draw(&self, random: &Random) -> Duration {
        self.floor.saturating_add(random.up_to(self.spread))
    }
}

/// Seconds as a duration; `otherwise` where they do not fit into one.
fn seconds(seconds: f64, otherwise: Duration) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests;
