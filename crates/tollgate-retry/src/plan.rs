//! The decision after a failed attempt, as a pure function.

use std::time::Duration;

use tollgate_core::{Class, Random};

use crate::{Why, budget::Budget, config::Policy, judge::Failure};

/// Where a call stands when an attempt of it has failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Attempts made, this one included: at least 1, but for one that is replaced at once.
    pub(crate) made: u32,
    /// How many of them timed out.
    pub(crate) timeouts: u32,
    /// A told wait was slept before, in vain.
    pub(crate) in_vain: bool,
    /// Why the request cannot be sent again, if it cannot.
    pub(crate) kept: Result<(), Why>,
    /// How long may still be slept and queued, where the call says so.
    pub(crate) wait_budget: Option<Duration>,
    /// Time left until the deadline, where the call has one, less what a timer may be late.
    pub(crate) deadline: Option<Duration>,
}

/// So often a call is sent again at once because a reused connection broke. Each may be replaced by another
/// one of the pool that is as old.
pub(crate) const AT_ONCE: u32 = 3;

/// How long to sleep before the next attempt, or why there is none.
///
/// Each kind of failure has its own limit, and each is compared with the number of all attempts: a
/// fault after three throttles was the fourth attempt, and with the defaults the last one.
pub(crate) fn plan(
    policy: &Policy,
    failure: &Failure,
    standing: &Standing,
    random: &Random,
) -> Result<Duration, Why> {
    failure.stop.map_or(Ok(()), Err)?;
    if failure.stale {
        standing.kept?;
        return standing.admits(Duration::ZERO).map(|()| Duration::ZERO);
    }
    let backoff = policy.backoff(failure.class.ok_or(Why::Rejected)?);
    let late = failure.class == Some(Class::Timeout) && standing.timeouts > policy.timeouts;
    if standing.made >= backoff.attempts || late {
        return Err(Why::Attempts);
    }
    standing.kept?;
    let max_wait = policy.max_wait(standing.is_bounded());
    if failure.hint.is_some_and(|hint| hint > max_wait) {
        return Err(Why::WaitTooLong);
    }
    let (jitter, n) = (&policy.hint_jitter, standing.made - 1);
    let mut span = backoff.span(jitter, n, failure.hint, standing.in_vain);
    let longest = max_wait.saturating_add(jitter.max);
    span.spread = span.spread.min(longest.saturating_sub(span.floor));
    standing.admits(span.floor)?;
    if !span.floor.is_zero() {
        // The told wait fits, so only its jitter is cut.
        span.spread = span.spread.min(standing.room().saturating_sub(span.floor));
        return Ok(match policy.jitter {
            true => span.draw(random),
            false => span.floor,
        });
    }
    // A wait that was drawn is not cut to fit: with no time left that would be a retry at once.
    let wait = match policy.jitter {
        true => span.draw(random),
        false => span.spread,
    };
    standing.admits(wait).map(|()| wait)
}

/// How long the limiter below holds the next attempt, where that replaces the sleep that was planned.
///
/// Its queue keeps the call's turn, and lets calls go one by one when the wait is over, where a crowd that
/// sleeps apart returns together. But the call at the front is the one that tries. Where stated waits turn
/// out too short again and again, it would use up its attempts in no time: what grows beyond the stated
/// wait is slept.
pub(crate) fn queues(policy: &Policy, failure: &Failure, standing: &Standing) -> Option<Duration> {
    let (hint, gated) = failure.hint.zip(failure.gated)?;
    let backoff = policy.backoff(failure.class?);
    let grown = standing.made > 1 && hint < backoff.longest(standing.made - 1);
    let fits = hint <= gated && standing.admits(gated).is_ok();
    (fits && !grown).then_some(gated)
}

/// What a retry after this failure costs.
pub(crate) fn cost(rules: &Budget, failure: &Failure) -> f64 {
    match (failure.class, failure.hint) {
        _ if failure.stale => 0.0,
        (Some(Class::RateLimited | Class::Overloaded), Some(hint)) if !hint.is_zero() => {
            rules.hinted
        }
        (Some(Class::RateLimited | Class::Overloaded), _) => rules.throttle,
        _ => rules.transient,
    }
}

impl Standing {
    /// The call itself says how long it may take.
    const fn is_bounded(&self) -> bool {
        self.wait_budget.is_some() || self.deadline.is_some()
    }

    fn admits(&self, wait: Duration) -> Result<(), Why> {
        if self.wait_budget.is_some_and(|left| wait > left) {
            return Err(Why::WaitBudget);
        }
        if self.deadline.is_some_and(|left| wait >= left) {
            return Err(Why::Deadline);
        }
        Ok(())
    }

    /// The longest sleep there is time for.
    fn room(&self) -> Duration {
        let left = |limit: Option<Duration>| limit.unwrap_or(Duration::MAX);
        left(self.wait_budget).min(left(self.deadline))
    }
}

#[cfg(test)]
mod tests;
