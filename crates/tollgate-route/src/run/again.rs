//! Asks a target again that has tries of its own.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::Observe;

use super::{Pick, Run, Step};
use crate::{Event, site::Tries};

/// A target that will be asked again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Again {
    /// How often it was asked, since it was chosen.
    pub(super) made: u32,
    /// It is its turn once more.
    due: Option<usize>,
    /// The target that is asked now is asked once more.
    pub(super) repeats: bool,
}

impl Tries {
    /// How long to wait before the next try after `made`; `None` where there is none, or where the
    /// provider told to wait for longer.
    fn delay(self, made: u32, told: Option<Duration>) -> Option<Duration> {
        let doubled = 1_u32.checked_shl(made.saturating_sub(1));
        let delay = self.base.saturating_mul(doubled.unwrap_or(u32::MAX));
        let more = made < self.most && told.is_none_or(|told| told <= delay);
        more.then_some(delay)
    }
}

impl<B, O> Run<B, O> {
    /// How long to wait before this target is asked again, if it is.
    pub(super) fn again(
        &self,
        site: usize,
        told: Option<Duration>,
        now: Instant,
    ) -> Option<Duration> {
        let tries = self.setup.table.sites[site].tries;
        let delay = tries.delay(self.again.made, told)?;
        let there = self.original.is_some() && self.falls_back() && delay <= self.room(now);
        there.then_some(delay)
    }

    /// Whether the target may be asked once more after this attempt.
    pub(super) fn has_tries(&self, site: usize, made: u32) -> bool {
        made < self.setup.table.sites[site].tries.most && self.falls_back()
    }
}

impl<B, O: Observe<Event>> Run<B, O> {
    /// Waits for the next try.
    pub(super) fn repeat(&mut self, site: usize, wait: Duration) -> Step {
        self.again.due = Some(site);
        self.slept = self.slept.saturating_add(wait);
        if let Some(after) = self.attempts.last().cloned() {
            self.shared.observer.observe(&Event::Again { after, wait });
        }
        Step::Wait(wait)
    }

    /// The target whose turn it is once more, unless it was left alone meanwhile.
    pub(super) fn due(&mut self, now: Instant) -> Option<Step> {
        let site = self.again.due.take()?;
        let late = self.call.deadline().is_some_and(|deadline| deadline <= now);
        if late || self.original.is_none() || !self.claim(site, false, now) {
            return None;
        }
        self.again.repeats = true;
        let others = self.select(now);
        Some(Step::Ask(Pick {
            site,
            spare: matches!(others, Step::Ask(_)),
            later: others != Step::Over || self.has_tries(site, self.again.made + 1),
            other: match others {
                Step::Wait(wait) => Some(wait),
                Step::Ask(_) | Step::Over => None,
            },
            doubted: false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_a_longer_wait_that_was_told_ends_the_tries() {
        let s = Duration::from_secs;
        let tries = Tries {
            most: 3,
            base: s(2),
        };
        assert_eq!(tries.delay(1, None), Some(s(2)));
        assert_eq!(tries.delay(2, None), Some(s(4)));
        assert_eq!(tries.delay(3, None), None);
        assert_eq!(tries.delay(1, Some(s(2))), Some(s(2)));
        assert_eq!(tries.delay(1, Some(s(3))), None);
        assert_eq!(tries.delay(2, Some(s(3))), Some(s(4)));
        let many = Tries {
            most: u32::MAX,
            base: Duration::MAX,
        };
        assert_eq!(many.delay(90, None), Some(Duration::MAX));
        assert_eq!(Tries::ONE.delay(1, None), None);
    }
}
