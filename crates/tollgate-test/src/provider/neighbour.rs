//! Others who use the same limits.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, Random};

use super::Stats;
use crate::quota::{Admission, Meters};

/// Somebody else behind the same limits: calls that come at random (a Poisson process), are counted
/// by every limit that counts all models, and are never sent again when they are turned away.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_test::{Dialect, Kind, Neighbour, Provider, Quota};
///
/// // Takes a quarter of 600 a minute, from the first minute to the fifth.
/// let noisy = Neighbour::new(2.5).between(Duration::from_secs(60), Duration::from_secs(300));
/// let provider = Provider::builder(Dialect::OpenAi)
///     .quota(Quota::fixed(Kind::Requests, 600, Duration::from_secs(60)))
///     .neighbour(noisy)
///     .build();
/// # let _ = provider;
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    per_second: f64,
    from: Duration,
    to: Duration,
}

impl Neighbour {
    /// One who makes `per_second` calls, on average, for ever.
    ///
    /// # Panics
    ///
    /// If the rate is not above zero, or has no end.
    #[must_use]
    pub fn new(per_second: f64) -> Self {
        let good = per_second > 0.0 && per_second.is_finite();
        assert!(good, "a neighbour who never calls, or always");
        Self {
            per_second,
            from: Duration::ZERO,
            to: Duration::MAX,
        }
    }

    /// Calls only in this span, counted from the first call of anybody else.
    #[must_use]
    pub const fn between(mut self, from: Duration, to: Duration) -> Self {
        self.from = from;
        self.to = to;
        self
    }

    /// The time from one call to the next.
    fn gap(&self, random: &Random) -> Duration {
        let seconds = -(1.0 - random.unit()).ln() / self.per_second;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

/// All neighbours, and when each calls next. They are caught up with when something happens, because
/// a provider does nothing by itself.
#[derive(Debug)]
pub(super) struct Neighbours {
    all: Vec<(Neighbour, Duration)>,
    /// A stream of its own: what else is drawn stays the same with neighbours and without.
    random: Random,
}

impl Neighbours {
    pub(super) fn new(all: &[Neighbour], seed: u64) -> Self {
        let random = Random::seeded(seed ^ 0x6e65_6967_6862_6f75);
        let first = |it: &Neighbour| (*it, it.from.saturating_add(it.gap(&random)));
        Self {
            all: all.iter().map(first).collect(),
            random,
        }
    }

    /// Makes the calls that were due by `now`, in their order.
    pub(super) fn catch_up(
        &mut self,
        meters: &mut Meters,
        stats: &mut Stats,
        start: Instant,
        now: Instant,
    ) {
        let age = now.saturating_duration_since(start);
        while let Some(at) = self.next(age) {
            stats.neighbours += 1;
            if let Admission::Admitted(ticket) = meters.admit("", &Cost::default(), start + at) {
                stats.neighbours_served += 1;
                meters.release(ticket);
            }
        }
    }

    /// The earliest call that is due at this age.
    fn next(&mut self, age: Duration) -> Option<Duration> {
        let due = |(it, at): &&mut (Neighbour, Duration)| *at <= age && *at < it.to;
        let earliest = self.all.iter_mut().filter(due).min_by_key(|(_, at)| *at);
        let (it, at) = earliest?;
        let called = *at;
        *at = called.saturating_add(it.gap(&self.random));
        Some(called)
    }
}
