//! The numbers that the state machine goes by, in its own units.

use crate::{time::Nanos, window::Counts};

/// When to open, how long, and how to close again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    /// So many failures in a row open it.
    pub(crate) consecutive: Option<u32>,
    /// Such a part of the calls in the window being failures opens it.
    pub(crate) failures: Option<Share>,
    /// Calls that take longer than this are slow, and such a part of them opens it.
    pub(crate) slow: Option<(Nanos, Share)>,
    pub(crate) buckets: usize,
    pub(crate) bucket: Nanos,
    /// How long it is open at least.
    pub(crate) open: Nanos,
    /// How long at most, unless the provider says longer.
    pub(crate) open_max: Nanos,
    /// So many successes close it.
    pub(crate) successes: u32,
    /// A probe that has not ended by then does not keep others from going out.
    pub(crate) probe_timeout: Nanos,
}

/// Of a crowd that is out, one failure in so many is an ordinary one.
const CROWD: u32 = 4;

/// The next probe goes out after this part of the time that the provider has been ill: a second for each
/// minute.
const PART: Nanos = 60;

/// A part of at least so many calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    /// The part in millionths: whole numbers, so that 7 % of 100 is 7.
    pub(crate) millionths: u32,
    pub(crate) calls: u32,
}

impl Share {
    const fn reached(self, part: u32, calls: u32) -> bool {
        self.reached_in_spite_of(0, part, calls)
    }

    /// Also if those that are still out turn out well.
    const fn reached_in_spite_of(self, out: u32, part: u32, calls: u32) -> bool {
        let all = calls.saturating_add(out) as u64;
        calls >= self.calls && part as u64 * 1_000_000 >= all * self.millionths as u64
    }
}

/// Which condition shut a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// So many calls failed one after the other.
    #[non_exhaustive]
    Consecutive {
        /// How many.
        failures: u32,
    },
    /// Too many of the calls in the window failed.
    #[non_exhaustive]
    Failures {
        /// How many failed.
        failures: u32,
        /// Of how many.
        calls: u32,
    },
    /// Too many of the calls in the window were slow.
    #[non_exhaustive]
    Slow {
        /// How many were slow.
        slow: u32,
        /// Of how many.
        calls: u32,
    },
    /// A probe failed, or was slow.
    Probe,
}

impl Rules {
    /// The first condition that holds, while so many calls are still out.
    ///
    /// Failures come back at once and answers take their time. So of a crowd that a provider serves, but
    /// for some, the failures come first, in a row: they prove nothing as long as four times as many are out.
    pub(crate) fn trip(&self, streak: u32, seen: Counts, out: u32) -> Option<Why> {
        let out = out / CROWD;
        let Counts {
            calls,
            failures,
            slow,
        } = seen;
        if self.consecutive.is_some_and(|most| streak >= most.max(out)) {
            return Some(Why::Consecutive { failures: streak });
        }
        let too_many = |it: Share| it.reached_in_spite_of(out, failures, calls);
        if self.failures.is_some_and(too_many) {
            return Some(Why::Failures { failures, calls });
        }
        let too_slow = self.slow.is_some_and(|(_, it)| it.reached(slow, calls));
        too_slow.then_some(Why::Slow { slow, calls })
    }

    /// How long it is open after the provider was ill for so long, without jitter. What an outage costs
    /// after its end is then a small part of what it cost before.
    pub(crate) fn open_time(&self, ill: Nanos) -> Nanos {
        (ill / PART).clamp(self.open, self.open_max.max(self.open))
    }

    /// The length of the window.
    pub(crate) const fn window(&self) -> Nanos {
        self.bucket.saturating_mul(self.buckets as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_in_whole_numbers() {
        let share = |millionths, calls| Share { millionths, calls };
        assert!(share(70_000, 10).reached(7, 100));
        assert!(!share(70_000, 10).reached(6, 100));
        assert!(!share(500_000, 10).reached(9, 9), "too few calls");
        assert!(share(1_000_000, 1).reached(u32::MAX, u32::MAX));
        assert!(!share(1_000_000, 1).reached(u32::MAX - 1, u32::MAX));
    }
}
