//! The retry budget: a token bucket per host, as a pure function of the time.

use std::time::Duration;

use tokio::time::Instant;

/// How much may be retried against one host: the rules of a token bucket.
///
/// A retry takes tokens out, a success puts a little back, and so does time. An empty bucket stops
/// retries, so that a provider that is down for everybody is not sent several times the load. Waiting
/// as long as the provider asked is scheduled work and costs nothing unless
/// [`with_hinted_cost`](Self::with_hinted_cost) says so: a provider that is down and keeps naming a
/// wait is asked again after each, up to the attempts of a call.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_retry::{Budget, RetryLayer};
///
/// let layer = RetryLayer::builder()
///     .budget(Budget::new().with_size(20.0).with_trickle(Duration::from_secs(2)))
///     .build()?;
/// # let _ = layer;
/// # Ok::<_, tollgate_retry::ConfigError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    pub(crate) size: f64,
    pub(crate) deposit: f64,
    pub(crate) transient: f64,
    pub(crate) throttle: f64,
    pub(crate) hinted: f64,
    pub(crate) trickle: Duration,
    pub(crate) hosts: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Budget {
    /// 100 tokens. A success puts back 0.1 and every 10 s one; a transient fault takes 1, a throttle
    /// without a wait 0.36, one with a wait nothing. 10,000 hosts.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 100.0,
            deposit: 0.1,
            transient: 1.0,
            throttle: 0.36,
            hinted: 0.0,
            trickle: Duration::from_secs(10),
            hosts: 10_000,
        }
    }

    /// The tokens of a full bucket, above 0 and at most 1,000,000. A new host starts full.
    #[must_use]
    pub const fn with_size(mut self, tokens: f64) -> Self {
        self.size = tokens;
        self
    }

    /// What a success puts back, 0 to the size.
    #[must_use]
    pub const fn with_deposit(mut self, tokens: f64) -> Self {
        self.deposit = tokens;
        self
    }

    /// What a retry of a transient fault takes, 0 to the size.
    #[must_use]
    pub const fn with_transient_cost(mut self, tokens: f64) -> Self {
        self.transient = tokens;
        self
    }

    /// What a retry of a throttle takes where no wait, or a wait of zero, was told; 0 to the size.
    #[must_use]
    pub const fn with_throttle_cost(mut self, tokens: f64) -> Self {
        self.throttle = tokens;
        self
    }

    /// What a retry of a throttle takes after the wait that was told, 0 to the size.
    #[must_use]
    pub const fn with_hinted_cost(mut self, tokens: f64) -> Self {
        self.hinted = tokens;
        self
    }

    /// How long it takes for one token to come back by itself, above 0 and at most 24 h.
    #[must_use]
    pub const fn with_trickle(mut self, every: Duration) -> Self {
        self.trickle = every;
        self
    }

    /// How many hosts get a bucket of their own, at least 1. A full bucket takes no place; hosts
    /// beyond the number share one more bucket, so that nothing is forgotten.
    #[must_use]
    pub const fn with_hosts(mut self, hosts: usize) -> Self {
        self.hosts = hosts;
        self
    }

    /// Tokens as the time in which they come back by themselves.
    fn time(&self, tokens: f64) -> Duration {
        self.trickle.mul_f64(tokens)
    }
}

/// One host's tokens, kept as the one moment at which all of them will be back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket {
    full_at: Instant,
}

impl Bucket {
    pub(crate) const fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    pub(crate) fn is_full(self, now: Instant) -> bool {
        self.full_at <= now
    }

    /// The tokens that are there.
    pub(crate) fn left(self, rules: &Budget, now: Instant) -> f64 {
        let missing = self.missing(now).as_secs_f64() / rules.trickle.as_secs_f64();
        (rules.size - missing).clamp(0.0, rules.size)
    }

    /// Takes tokens out; `false`, and nothing is taken, if there are too few.
    pub(crate) fn withdraw(&mut self, rules: &Budget, tokens: f64, now: Instant) -> bool {
        let missing = self.missing(now).saturating_add(rules.time(tokens));
        let full_at = (missing <= rules.time(rules.size)).then(|| now.checked_add(missing));
        match full_at.flatten() {
            Some(full_at) => {
                self.full_at = full_at;
                true
            }
            None => false,
        }
    }

    /// Puts back what a success earns.
    pub(crate) fn deposit(&mut self, rules: &Budget, now: Instant) {
        let missing = self.missing(now);
        // Never later than it was, so no overflow either.
        self.full_at = now + missing.saturating_sub(rules.time(rules.deposit));
    }

    fn missing(self, now: Instant) -> Duration {
        self.full_at.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests;
