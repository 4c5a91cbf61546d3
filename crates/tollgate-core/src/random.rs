//! Randomness that a test can repeat.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fastrand::Rng;

/// A seedable source of randomness for jitter. Not for secrets.
///
/// # Sharing
///
/// Clones draw from the same stream, so that calls sharing a layer never share their jitter. For a
/// stream of its own use [`fork`](Self::fork).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::Random;
///
/// let (a, b) = (Random::seeded(7), Random::seeded(7));
/// assert_eq!(a.up_to(Duration::from_secs(1)), b.up_to(Duration::from_secs(1)));
/// ```
#[derive(Debug, Clone)]
pub struct Random(Option<Arc<Mutex<Rng>>>);

impl Random {
    /// A stream that differs from run to run.
    #[must_use]
    pub fn new() -> Self {
        Self::from_rng(Rng::new())
    }

    /// The stream that belongs to this seed, the same in every run.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::from_rng(Rng::with_seed(seed))
    }

    /// No randomness: every draw is zero, so that jitter adds nothing. For tests with exact times.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tollgate_core::Random;
    ///
    /// let none = Random::none();
    /// assert_eq!(none.up_to(Duration::from_secs(1)), Duration::ZERO);
    /// assert_eq!(none.fork().unit(), 0.0);
    /// ```
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// A new stream that takes its seed from this one.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.with(Rng::fork).map_or_else(Self::none, Self::from_rng)
    }

    /// Evenly from `[0, 1)`.
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.with(Rng::f64).unwrap_or_default()
    }

    /// Evenly from `[0, most]`, in nanoseconds; capped at 584 years.
    #[must_use]
    pub fn up_to(&self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.with(|rng| rng.u64(0..=most)).unwrap_or_default())
    }

    fn from_rng(rng: Rng) -> Self {
        Self(Some(Arc::new(Mutex::new(rng))))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> Option<T> {
        let rng = self.0.as_ref()?;
        // A generator has no invariant that a panic elsewhere could have broken.
        Some(draw(
            &mut rng.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_a_stream_and_forks_do_not() {
        let random = Random::seeded(1);
        let same = random.clone();
        let draws: Vec<f64> = (0..4).map(|i| [&random, &same][i % 2].unit()).collect();
        let again = Random::seeded(1);
        assert_eq!(draws, (0..4).map(|_| again.unit()).collect::<Vec<_>>());
        assert_ne!(random.fork().unit(), random.unit());
    }

    #[test]
    fn jitter_stays_within_its_bound() {
        let random = Random::seeded(3);
        for most in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            assert!(random.up_to(most) <= most);
        }
    }
}
