//! After a rejection: closed for all until the stated time, then one probe.

use std::time::Duration;

use tollgate_core::{LimitKind, Random};

use crate::time::{MS, SECOND, Time, span};

/// Waits without a hint start here and double.
const FIRST: Time = 500 * MS;

/// Waits without a hint end here.
const LONGEST: Time = 60 * SECOND;

/// Added to each wait, at most: 5 % of it, and half a second. It keeps processes that were told the
/// same from coming back together.
const JITTER: (Time, Time) = (20, 500 * MS);

/// A probe that was not rejected after this time is taken as admitted: rejections are quick, and
/// waiting for the answer itself may take minutes.
const QUIET: Time = 250 * MS;

/// Keeps calls of one kind back.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// Only calls that take some of this; all, if nothing was named.
    pub(crate) kind: Option<LimitKind>,
    until: Time,
    /// Tickets below this number were sent before the gate closed: their rejections say nothing new.
    first: u64,
    /// The ticket that tries, and when it went.
    probe: Option<(u64, Time)>,
    open: bool,
    strikes: u32,
}

impl Gate {
    pub(crate) const fn new(kind: Option<LimitKind>) -> Self {
        Self {
            kind,
            until: 0,
            first: 0,
            probe: None,
            open: true,
            strikes: 0,
        }
    }

    /// A rejection came for a ticket. True if it closes the gate, false if it is old news.
    pub(crate) fn reject(
        &mut self,
        number: u64,
        next: u64,
        told: Option<Duration>,
        random: &Random,
        now: Time,
    ) -> bool {
        if number < self.first {
            return false;
        }
        self.strikes = self.strikes.saturating_add(1);
        let backoff = FIRST.saturating_mul(1 << self.strikes.min(20).saturating_sub(1));
        let wait = match told.map(span) {
            // A hint of nothing is none, and one that did not help is not enough.
            Some(told) if told > 0 && self.strikes <= 1 => told,
            Some(told) if told > 0 => told.max(backoff.min(LONGEST) / 4),
            _ => backoff.min(LONGEST),
        };
        let most = (wait / JITTER.0).min(JITTER.1);
        let jitter = span(random.up_to(Duration::from_nanos(most)));
        self.until = now.saturating_add(wait).saturating_add(jitter);
        self.first = next;
        self.probe = None;
        self.open = false;
        true
    }

    /// The time from which a call may pass; zero if it may now.
    pub(crate) fn opens(&self, now: Time) -> Time {
        match self.probe {
            _ if self.open => 0,
            Some((_, sent)) if now >= sent.saturating_add(QUIET) => 0,
            Some((_, sent)) => sent.saturating_add(QUIET),
            None if now >= self.until => 0,
            None => self.until,
        }
    }

    /// A call passes.
    pub(crate) fn pass(&mut self, number: u64, now: Time) {
        if self.open {
            return;
        }
        match self.probe {
            None => self.probe = Some((number, now)),
            Some(_) => self.open = true,
        }
    }

    /// A call was served.
    pub(crate) fn serve(&mut self, number: u64) {
        if number >= self.first {
            self.open = true;
            self.strikes = 0;
        }
    }

    /// A call never went, so it can not be the probe.
    pub(crate) fn forget(&mut self, number: u64) {
        if self.probe.is_some_and(|(probe, _)| probe == number) {
            self.probe = None;
        }
    }
}
