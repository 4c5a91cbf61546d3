//! How long answers usually take.

use std::time::Duration;

/// The slowest answer of late: each newer one takes a little of it away, so that it follows a provider
/// that becomes faster within some hundred answers.
///
/// Calls to one target differ much in how long they take, so an average says little about one of them.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::Usual;
///
/// let mut usual = Usual::default();
/// assert_eq!(usual.patience(), Duration::from_secs(3));
/// usual.add(Duration::from_secs(8));
/// usual.add(Duration::from_millis(300));
/// assert!(usual.patience() > Duration::from_secs(15));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usual {
    /// In nanoseconds; zero where nothing is known.
    slowest: u64,
}

/// Without an answer so far, an attempt that has none for so long is unusual.
const UNKNOWN: Duration = Duration::from_secs(3);

/// A shorter wait is usual everywhere.
const LEAST: Duration = Duration::from_secs(1);

/// The part that each answer takes of the slowest.
const PART: u64 = 64;

impl Usual {
    /// An answer took so long to its head.
    #[inline]
    pub fn add(&mut self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.slowest = took.max(self.slowest - self.slowest / PART);
    }

    /// The slowest answer of late; `None` before the first one.
    #[must_use]
    pub const fn slowest(&self) -> Option<Duration> {
        match self.slowest {
            0 => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }

    /// Whether a wait of this length without an answer is no evidence against the provider: recent answers took
    /// longer; less than a second where no answer is known.
    #[must_use]
    pub fn is_brief(&self, waited: Duration) -> bool {
        waited < self.slowest().unwrap_or(LEAST)
    }

    /// From when on an attempt without an answer is much slower than usual: twice the slowest recent answer,
    /// but at least a second; three seconds where no answer is known.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.slowest()
            .map_or(UNKNOWN, |slowest| slowest.saturating_mul(2).max(LEAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_becomes_faster_and_bears_anything() {
        let ms = Duration::from_millis;
        let mut usual = Usual::default();
        usual.add(ms(60_000));
        for _ in 0..300 {
            usual.add(ms(400));
        }
        let now = usual.slowest().expect("known");
        assert!((ms(400)..ms(1_000)).contains(&now), "{now:?}");
        assert_eq!(usual.patience(), now.saturating_mul(2).max(ms(1_000)));
        assert!(usual.is_brief(ms(399)) && !usual.is_brief(ms(1_000)));
        assert!(Usual::default().is_brief(ms(999)));
        usual.add(Duration::MAX);
        assert!(usual.patience() > ms(1_000_000));
    }
}
